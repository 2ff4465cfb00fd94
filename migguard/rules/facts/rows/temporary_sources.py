"""The temporary tables that a statement reads: they are there in the session that made them, and in no other."""

from collections.abc import Sequence
from itertools import dropwhile

from migguard.catalog.lookup import TEMPORARY, relation_key
from migguard.changes import Delete, Insert, Merge, Name, Update
from migguard.trace import Step


def temporary_sources(step: Step) -> tuple[str, ...]:
    """Their names, in the order in which they are read."""
    keys = (relation_key(step.before, name) for name in read_by(step.change))
    return tuple(dict.fromkeys(key[1] for key in keys if key is not None and key[0] == TEMPORARY))


def made_lasting(step: Step) -> str:
    """What has to be done before anything is committed between the making of a temporary table and a statement that
    reads it, or while that is run in batches; nothing where it reads none."""
    names = temporary_sources(step)
    hold = "it holds" if len(names) == 1 else "they hold"
    few = f" If {hold} few rows and an index finds theirs, this takes little and can stay."
    return f"{made_real(names)}{few}" if names else ""


def made_real(names: Sequence[str]) -> str:
    """That temporary tables end with their session (https://www.postgresql.org/docs/current/sql-createtable.html)."""
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    return (
        f"{' and '.join(names)} {are} temporary: no other session has {them}, and with ON COMMIT DROP not even this "
        "one after a commit. Before anything is committed in between, or written in batches, make "
        f"{'it a real table' if len(names) == 1 else 'them real tables'} in an earlier revision."
    )


def read_behind(first: Step, steps: Sequence[Step]) -> list[str]:
    """The temporary tables that are there before a step and that later ones of its transaction read."""
    after = dropwhile(lambda step: step is not first, steps)
    names = (name for step in after for name in temporary_sources(step))
    return list(dict.fromkeys(n for n in names if (TEMPORARY, n) in first.before.tables))


def read_by(change: object) -> tuple[Name, ...]:
    """The relations that a statement over rows reads beside its table."""
    if isinstance(change, Insert):
        return change.query.relations if change.query is not None else ()
    if isinstance(change, Update):
        values = (change.where, *(value for _, value in change.assignments))
        inner = (r for v in values if v is not None for r in v.references if r.kind == "relation")
        return (*change.others, *(Name(r.name, r.qualifier) for r in inner))
    return change.others if isinstance(change, Delete | Merge) else ()
