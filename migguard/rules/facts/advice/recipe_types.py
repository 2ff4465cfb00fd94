"""Column types as SQLAlchemy spells them, for code that users copy into a revision: so that 1.4 knows them too."""

from migguard.changes import DataType
from migguard.rules.wording import identifier

PLAIN = {
    "smallint": "sa.SmallInteger()",
    "integer": "sa.Integer()",
    "bigint": "sa.BigInteger()",
    "text": "sa.Text()",
    "boolean": "sa.Boolean()",
    "date": "sa.Date()",
    "real": "sa.REAL()",
    "double precision": "sa.Float(53)",
    "uuid": "sa.dialects.postgresql.UUID()",
    "bytea": "sa.LargeBinary()",
    "json": "sa.JSON()",
    "jsonb": "sa.dialects.postgresql.JSONB()",
    "timestamp without time zone": "sa.DateTime()",
    "timestamp with time zone": "sa.DateTime(timezone=True)",
    "time without time zone": "sa.Time()",
    "time with time zone": "sa.Time(timezone=True)",
    "interval": "sa.Interval()",
}
SIZED = {"character varying": "sa.String", "character": "sa.CHAR", "numeric": "sa.Numeric"}


def python_type(data_type: DataType) -> str | None:
    """The type as Python; None where only SQL has a spelling that needs no import."""
    if not data_type.builtin or data_type.dimensions or data_type.fields:
        return None
    if data_type.name in SIZED and all(a.isdigit() for a in data_type.arguments):
        return f"{SIZED[data_type.name]}({', '.join(data_type.arguments)})"
    return PLAIN.get(data_type.name) if not data_type.arguments else None


def sql_type(data_type: DataType) -> str:
    """The type as SQL."""
    name = data_type.name if data_type.builtin else identifier(data_type.name)
    schema = f"{identifier(data_type.schema)}." if data_type.schema and not data_type.builtin else ""
    size = f"({', '.join(data_type.arguments)})" if data_type.arguments else ""
    if size and " time zone" in name:
        first, rest = name.split(" ", 1)
        name, size = f"{first}{size} {rest}", ""
    fields = f" {data_type.fields}" if data_type.fields else ""
    return f"{schema}{name}{fields}{size}{'[]' * bool(data_type.dimensions)}"
