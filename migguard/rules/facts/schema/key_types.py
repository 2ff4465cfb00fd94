"""Whether a foreign key column and the column it refers to are of one type, in the engine's eyes."""

from migguard.catalog.lookup import domain_of
from migguard.catalog.schema import Catalog, Column, Table
from migguard.catalog.types import INTEGERS, MYSQL_INTEGERS, format_type, loses
from migguard.changes import DataType, Engine
from migguard.placeholders import is_placeholder
from migguard.records import dataclass
from migguard.rules.wording import python

STRINGS = {"character varying", "varchar", "text", "nvarchar"}
ALIASES = {
    "integer": "int",
    "decimal": "numeric",
    "double": "double precision",
    "character varying": "varchar",
}


@dataclass(frozen=True, slots=True)
class KeyDifference:
    """How a foreign key column and its key differ: in words, and how a model spells the key's type.

    `wider` is how it spells the column's type where the key is the narrower integer.
    """

    why: str
    spelled: str
    wider: str | None = None


def key_type_difference(
    table: Table, column: Column, target: Table, referred: Column, catalog: Catalog
) -> KeyDifference | None:
    """How the two columns differ; None where they do not."""
    if column.type is None or referred.type is None or column.assumed or referred.assumed:
        return None
    if {column.type.name, referred.type.name} & catalog.assumed_types:
        return None
    mine, other = beneath(column.type, catalog), beneath(referred.type, catalog)
    if differs(mine, other, catalog):
        shown, wanted = format_type(column.type, catalog), format_type(referred.type, catalog)
        if narrower(other, mine, catalog):
            why = f"{shown} against {wanted}, so every number of the key fits, and the key runs out first"
            return KeyDifference(
                why, sqlalchemy_type(other, catalog.server.engine), sqlalchemy_type(mine, catalog.server.engine)
            )
        return KeyDifference(
            f"{shown} against {wanted}{consequence(mine, other, catalog)}",
            sqlalchemy_type(other, catalog.server.engine),
        )
    one, two = collation(table, column), collation(target, referred)
    if catalog.server.engine is Engine.POSTGRESQL:
        if column.collation != referred.collation and mine.name in STRINGS:
            shown = f"collation {column.collation or 'default'} against {referred.collation or 'default'}"
            return KeyDifference(shown, f"sa.Text(collation={referred.collation!r})")
    elif one is not None and two is not None and one != two:
        return KeyDifference(f"collation {one} against {two}", f"sa.String(collation={two!r})")
    return None


def one_type(column: str, other: str, referred: str, difference: KeyDifference, *, released: bool) -> str:
    """Which column gets which type, where it is made: `released` is a key that was there before the deployment."""
    mine = f"sa.Column({python(column)}, {difference.spelled}, ...)"
    if difference.wider is None:
        return f"Give both one type:\n{mine}"
    if released:
        return (
            f"Leave {column} as wide as it is, and widen {referred} before its numbers end, by way of a column beside "
            "it (MG409)."
        )
    return f"Widen {referred}:\nsa.Column({python(other)}, {difference.wider}, ...)"


def consequence(mine: DataType, other: DataType, catalog: Catalog) -> str:
    """What of the referred type the column cannot hold: `, so numbers beyond the range of integer …`."""
    if ("unsigned" in mine.attributes) != ("unsigned" in other.attributes):
        return ", one is unsigned"
    why = loses(other, mine, catalog) if catalog.server.engine is not Engine.SQLITE else None
    return f", so {why}" if why is not None else ""


def narrower(key: DataType, column: DataType, catalog: Catalog) -> bool:
    """Whether both are integers of one sign and the key holds fewer of them."""
    both = {key.name.lower(), column.name.lower()} <= {
        *INTEGERS,
        *MYSQL_INTEGERS,
    } and key.dimensions == column.dimensions
    alike = ("unsigned" in key.attributes) == ("unsigned" in column.attributes)
    return both and alike and loses(column, key, catalog) is not None


def beneath(data_type: DataType, catalog: Catalog) -> DataType:
    """The type beneath a domain."""
    domain = domain_of(catalog, data_type)
    return domain.base if domain is not None else data_type


def differs(mine: DataType, other: DataType, catalog: Catalog) -> bool:
    """Whether the two types keep different values."""
    if catalog.server.engine is Engine.SQLITE:
        return affinity(mine.name) != affinity(other.name)
    if not mine.builtin or not other.builtin:
        return mine.name != other.name
    if ("unsigned" in mine.attributes) != ("unsigned" in other.attributes) or mine.dimensions != other.dimensions:
        return True
    one, two = mine.name.lower(), other.name.lower()
    sized = not any(map(is_placeholder, (*mine.arguments, *other.arguments)))  # else the lengths may be the same
    if one in STRINGS and two in STRINGS:
        return sized and loses(other, mine, catalog) is not None
    if ALIASES.get(one, one) != ALIASES.get(two, two):
        return True
    return one in ("numeric", "decimal", "char", "character") and sized and loses(other, mine, catalog) is not None


def affinity(name: str) -> str:
    """What SQLite makes of a type's name (https://sqlite.org/datatype3.html, section 3.1)."""
    upper = name.upper()
    if "INT" in upper:
        return "integer"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "text"
    if not upper or "BLOB" in upper:
        return "blob"
    return "real" if any(part in upper for part in ("REAL", "FLOA", "DOUB")) else "numeric"


def collation(table: Table, column: Column) -> str | None:
    """The collation that is written for a column, or for its table; None where the server's default holds."""
    written = column.collation
    if written is None and column.charset is None:
        written = table.options.get("collate")
    return written.lower() if written is not None else None


def sqlalchemy_type(data_type: DataType, engine: Engine) -> str:
    """How a model spells a type; `...` for one that is not among the usual ones."""
    name = data_type.name.lower()
    if "unsigned" in data_type.attributes:
        return f"mysql.{'INTEGER' if name == 'int' else name.upper()}(unsigned=True)"
    plain = {
        "bigint": "sa.BigInteger()",
        "integer": "sa.Integer()",
        "int": "sa.Integer()",
        "smallint": "sa.SmallInteger()",
        "uuid": "sa.dialects.postgresql.UUID()" if engine is Engine.POSTGRESQL else "sa.Uuid()",
        "text": "sa.Text()",
        "date": "sa.Date()",
    }
    if name in plain:
        return plain[name]
    if name in ("character varying", "varchar"):
        return f"sa.String({', '.join(data_type.arguments)})"
    if name in ("numeric", "decimal"):
        return f"sa.Numeric({', '.join(data_type.arguments)})"
    return "..."
