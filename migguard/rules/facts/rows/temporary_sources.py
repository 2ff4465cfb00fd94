"""The temporary tables that a statement reads: they are there in the session that made them, and in no other."""

from migguard.catalog.lookup import TEMPORARY, relation_key
from migguard.changes import Delete, Insert, Merge, Name, Update
from migguard.trace import Step


def temporary_sources(step: Step) -> tuple[str, ...]:
    """Their names, in the order in which they are read."""
    keys = (relation_key(step.before, name) for name in read_by(step.change))
    return tuple(dict.fromkeys(key[1] for key in keys if key is not None and key[0] == TEMPORARY))


def read_by(change: object) -> tuple[Name, ...]:
    """The relations that a statement over rows reads beside its table."""
    if isinstance(change, Insert):
        return change.query.relations if change.query is not None else ()
    if isinstance(change, Update):
        values = (change.where, *(value for _, value in change.assignments))
        inner = (r for v in values if v is not None for r in v.references if r.kind == "relation")
        return (*change.others, *(Name(r.name, r.qualifier) for r in inner))
    return change.others if isinstance(change, Delete | Merge) else ()
