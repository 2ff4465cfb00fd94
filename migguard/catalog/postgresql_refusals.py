"""What PostgreSQL refuses of a change for the schema that it meets; what the change would do there, `apply` says.

Each part looks at the catalog alone, and says nothing about what it does not certainly know.
"""

from __future__ import annotations

from migguard.catalog.chosen_indexes import refuse_unfit_index
from migguard.catalog.descent import refuse_descent
from migguard.catalog.lookup import relation_key
from migguard.catalog.other_refusals import refuse_otherwise
from migguard.catalog.postgresql_versions import refuse_by_version
from migguard.catalog.referable_types import refuse_retyping
from migguard.catalog.relation_kinds import refuse_altering, refuse_comment, refuse_upkeep
from migguard.catalog.routine_refusals import refuse_routine
from migguard.catalog.schema import Catalog
from migguard.changes import AlterColumnType, Change, Comment, Delete, Insert, Select, SetVariable, Update

QUIET = (Select, Insert, Update, Delete, SetVariable)
"""Changes that none of the parts looks at."""


def refuse(catalog: Catalog, change: Change) -> None:
    """Raise Refused for a change that the server refuses."""
    if isinstance(change, QUIET):
        return
    optional = getattr(change, "table_if_exists", False)
    if optional and relation_key(catalog, getattr(change, "table")) is None:  # noqa: B009  # not of all changes
        return
    refuse_by_version(catalog, change)
    refuse_altering(catalog, change)
    refuse_upkeep(catalog, change)
    refuse_otherwise(catalog, change)
    refuse_unfit_index(catalog, change)
    refuse_descent(catalog, change)
    refuse_routine(catalog, change)
    if isinstance(change, Comment):
        refuse_comment(catalog, change)
    elif isinstance(change, AlterColumnType):
        refuse_retyping(catalog, change)
