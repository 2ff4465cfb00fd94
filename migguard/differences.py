"""One difference between models and schema, and what it rests on."""

from __future__ import annotations

from migguard.findings import Severity
from migguard.records import dataclass
from migguard.source import Origin

CODES = {"add": "MG901", "create": "MG901", "remove": "MG902", "drop": "MG902"}
OTHER = "MG903"


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """One entry of Alembic's `compare_metadata`, or of the strict comparators.

    `kind` is Alembic's name of it. `schema` is None for the default schema; `object` is the column, index or
    constraint, None for a table or a constraint without a name. `table` is empty for what is in no table. `cure` is the
    operation that makes the schema what the models say. `verified` is false where it rests on a step that was assumed
    or not read, or could not be decided. `weight` is how bad it is where it is verified.
    """

    code: str
    kind: str
    schema: str | None
    table: str
    object: str | None
    message: str
    cure: str = ""
    origin: Origin | None = None
    revision: str | None = None
    verified: bool = True
    strict: bool = False
    weight: Severity = Severity.ERROR

    @property
    def severity(self) -> Severity:
        """As bad as it is, but no error where it could not be verified."""
        return self.weight if self.verified else min(self.weight, Severity.WARNING)

    @property
    def place(self) -> str:
        """The table, with its schema where it is not the default one, and the object in it."""
        return ".".join(part for part in (self.schema, self.table, self.object) if part)


def code_of(kind: str, *, changed: bool) -> str:
    """MG901 for what the models have more, MG902 for what the schema has more, MG903 for what is otherwise."""
    if changed or kind.endswith("_comment"):
        return OTHER
    return CODES.get(kind.partition("_")[0], OTHER)
