"""PostgreSQL: which types a foreign key may pair, and which kinds of table.

Source: ATAddForeignKeyConstraint() in src/backend/commands/tablecmds.c looks for an equality operator of both types in
the family of the referenced index, or for an implicit cast to the type of that. `REFERABLE` is what servers took.
"""

from __future__ import annotations

from migguard.catalog.believed import just_so
from migguard.catalog.edit import Refused
from migguard.catalog.lookup import table_key, type_at
from migguard.catalog.postgresql_assignment import beneath
from migguard.catalog.schema import Catalog, ConstraintKind, EnumType, RefusalKind, Table
from migguard.catalog.types import format_type
from migguard.changes import AlterColumnType, DataType, Persistence

INTEGERS = frozenset({"smallint", "integer", "bigint"})
STRINGS = frozenset({"text", "character varying", "character", "bpchar", "name"})
FLOATS = frozenset({"real", "double precision"})
DATES = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})
TIMES = frozenset({"time without time zone", "time with time zone", "interval"})

REFERABLE: dict[str, frozenset[str]] = {
    **dict.fromkeys(INTEGERS, INTEGERS),
    "numeric": INTEGERS | {"numeric"},
    **dict.fromkeys(FLOATS, INTEGERS | FLOATS | {"numeric"}),
    **dict.fromkeys(STRINGS, STRINGS),
    **dict.fromkeys(DATES, DATES),
    **dict.fromkeys(TIMES, TIMES),
    **{name: frozenset({name}) for name in ("uuid", "boolean", "bytea", "jsonb", "money")},
    **dict.fromkeys(("inet", "cidr"), frozenset({"inet", "cidr"})),
    **dict.fromkeys(("macaddr", "macaddr8"), frozenset({"macaddr", "macaddr8"})),
    **dict.fromkeys(("bit", "bit varying"), frozenset({"bit", "bit varying"})),
}
"""For a referenced type, the types of columns that may refer to it, and a few more that are hardly ever asked for."""

CAST = ("cast", "")
"""What the catalog keeps of casts that somebody made: that there are any."""


def pairs(column: DataType | None, referenced: DataType | None, catalog: Catalog) -> bool:
    """Whether a foreign key may be made between two types; true for those that are not known here."""
    if column is None or referenced is None or CAST in catalog.others:
        return True
    one, other = beneath(column, catalog), beneath(referenced, catalog)
    if one.dimensions or other.dimensions:
        return True
    enums = isinstance(type_at(catalog, one), EnumType), isinstance(type_at(catalog, other), EnumType)
    if any(enums):
        return (one.name, one.schema) == (other.name, other.schema) or not all(
            enum or (t.builtin and t.name in REFERABLE) for enum, t in zip(enums, (one, other), strict=True)
        )
    if not (one.builtin and other.builtin and one.name in REFERABLE and other.name in REFERABLE):
        return True
    return one.name in REFERABLE[other.name]


def refuse_pairs(
    catalog: Catalog, table: Table, columns: tuple[str, ...], target: Table, referenced: tuple[str, ...]
) -> None:
    """Raise Refused for a foreign key between columns that cannot be compared, or to a table that is kept for less."""
    if not just_so(catalog, table) or not just_so(catalog, target):
        return
    refuse_persistence(table, target)
    for own, other in zip(columns, referenced, strict=False):
        one, two = table.column(own), target.column(other)
        if one is None or two is None or one.assumed or two.assumed or pairs(one.type, two.type, catalog):
            continue
        assert one.type is not None
        assert two.type is not None
        refuse_pair((table, own, one.type), (target, other, two.type), catalog)


def refuse_pair(one: tuple[Table, str, DataType], two: tuple[Table, str, DataType], catalog: Catalog) -> None:
    """Raise Refused: these columns cannot be compared."""
    (table, own, kind), (target, other, other_kind) = one, two
    message = (
        f"a foreign key cannot be made between {table.key[1]}.{own} ({format_type(kind, catalog)}) and "
        f"{target.key[1]}.{other} ({format_type(other_kind, catalog)}), which have no equality"
    )
    raise Refused(RefusalKind.INVALID, message, own)


def refuse_persistence(table: Table, target: Table) -> None:
    """Raise Refused where a table refers to one that is kept for less long."""
    order = (Persistence.PERMANENT, Persistence.UNLOGGED, Persistence.TEMPORARY)
    temporary = Persistence.TEMPORARY in (table.persistence, target.persistence)
    fitting = order.index(target.persistence) <= order.index(table.persistence)
    if not fitting or (temporary and table.persistence is not target.persistence):
        message = (
            f"the {table.persistence} table {table.key[1]} cannot refer to the {target.persistence} {target.key[1]}"
        )
        raise Refused(RefusalKind.INVALID, message, target.key[1])


def refuse_retyping(catalog: Catalog, change: AlterColumnType) -> None:
    """Raise Refused where a column gets a type that the other side of its foreign key cannot be compared with.

    Keys of a table to itself are left out: the same statement may change both sides.
    """
    key = table_key(catalog, change.table)
    table = catalog.tables.get(key) if key is not None else None
    if table is None or key is None or not just_so(catalog, table):
        return
    for other_key in {key, *catalog.referenced_by.get(key, ())}:
        holder = catalog.tables[other_key]
        for constraint in holder.constraints:
            if constraint.kind is not ConstraintKind.FOREIGN or constraint.references == other_key:
                continue
            if key not in (other_key, constraint.references) or not just_so(catalog, holder):
                continue
            target = catalog.tables.get(constraint.references) if constraint.references is not None else None
            if target is None or not just_so(catalog, target):
                continue
            for own, referenced in zip(constraint.columns, constraint.references_columns, strict=False):
                near, far = (own, referenced) if other_key == key else (referenced, own)
                column = (target if other_key == key else holder).column(far)
                if near != change.column or column is None or column.type is None or column.assumed:
                    continue
                sides = (change.type, column.type) if other_key == key else (column.type, change.type)
                if not pairs(*sides, catalog):
                    refuse_pair((holder, own, sides[0]), (target, referenced, sides[1]), catalog)
