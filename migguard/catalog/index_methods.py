"""PostgreSQL: what its own access methods, operator classes and collations take.

An extension may bring a default operator class (btree_gin, btree_gist) or a method, so only what none is known to bring
is refused. Sources: pg_am.dat and pg_opclass.dat; DefineIndex() and ComputeIndexAttrs() in
src/backend/commands/indexcmds.c.
"""

from __future__ import annotations

from collections.abc import Iterable

from migguard.catalog.edit import Refused
from migguard.catalog.lookup import type_at
from migguard.catalog.postgresql_assignment import beneath
from migguard.catalog.schema import Catalog, EnumType, RefusalKind, Table, View
from migguard.catalog.types import format_type
from migguard.changes import CreateIndex, DataType, Engine, IndexElement

OWN = frozenset({"btree", "hash", "gist", "gin", "brin", "spgist"})
"""The server's own access methods. But for btree, none is unique or ordered."""

SINGLE = frozenset({"hash", "spgist"})
"""Methods over one column only."""

INCLUDING = {"btree": 11, "gist": 12, "spgist": 14}
"""Methods that take INCLUDE, and since when."""

NOT_EXCLUDING = frozenset({"gin", "brin"})
"""Methods that no exclusion constraint can be made with."""

NEVER_SORTED = frozenset({"json", "xml", "point", "box", "circle", "line", "lseg", "path", "polygon"})
WITHOUT_DEFAULT = {
    "btree": NEVER_SORTED,
    "hash": NEVER_SORTED,
    "gin": NEVER_SORTED,
    "gist": frozenset({"json", "jsonb", "xml"}),
    "brin": frozenset({"json", "jsonb", "xml"}),
    "spgist": frozenset({"json", "jsonb", "xml"}),
}
"""Types for which no operator class is the default of a method, not even one of a widely used extension."""

SORTED_TEXT = frozenset({"text", "character varying"})
PADDED_TEXT = frozenset({"text", "character varying", "character", "bpchar"})
CLASSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "text_pattern_ops": (frozenset({"btree", "hash"}), SORTED_TEXT),
    "varchar_pattern_ops": (frozenset({"btree", "hash"}), SORTED_TEXT),
    "bpchar_pattern_ops": (frozenset({"btree", "hash"}), PADDED_TEXT),
    "jsonb_path_ops": (frozenset({"gin"}), frozenset({"jsonb"})),
    "gin_trgm_ops": (frozenset({"gin"}), SORTED_TEXT),
    "gist_trgm_ops": (frozenset({"gist"}), SORTED_TEXT),
    "jsonb_ops": (frozenset({"btree", "hash", "gin"}), frozenset({"jsonb"})),
    "text_ops": (OWN, SORTED_TEXT),
    "varchar_ops": (OWN, SORTED_TEXT),
    "int2_ops": (OWN, frozenset({"smallint"})),
    "int4_ops": (OWN, frozenset({"integer"})),
    "int8_ops": (OWN, frozenset({"bigint"})),
    "uuid_ops": (OWN, frozenset({"uuid"})),
    "bool_ops": (OWN, frozenset({"boolean"})),
    "timestamp_ops": (OWN, frozenset({"timestamp without time zone"})),
    "timestamptz_ops": (OWN, frozenset({"timestamp with time zone"})),
    "date_ops": (OWN, frozenset({"date"})),
}
"""Operator classes: the methods that they are for, and the built-in types that they take."""

PLAIN = frozenset(
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "date", "uuid", "json", "jsonb",
     "bytea", "inet", "cidr", "macaddr", "money", "interval", "xml", "tsvector", "point", "bit", "bit varying",
     "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone"}
)  # fmt: skip
"""Built-in types that no collation sorts, and no operator class of another one takes."""


def refuse_collation(data_type: DataType | None, collation: str | None, catalog: Catalog) -> None:
    """Raise Refused for COLLATE on a type that has no collation, or is an enum."""
    if data_type is None or collation is None:
        return
    kind = beneath(data_type, catalog)
    if (kind.builtin and kind.name in PLAIN) or isinstance(type_at(catalog, kind), EnumType):
        message = f"the type {format_type(data_type, catalog)} has no collations"
        raise Refused(RefusalKind.INVALID, message, collation)


def refuse_method(catalog: Catalog, relation: Table | View, change: CreateIndex) -> None:
    """Raise Refused for an index that its access method cannot be: unique, ordered, over several columns, INCLUDE."""
    method = (change.method or "btree").lower()
    why = None
    if method not in OWN or catalog.server.engine is not Engine.POSTGRESQL:
        return
    if change.unique and method != "btree":
        why = "be unique"
    elif len(change.elements) > 1 and method in SINGLE:
        why = "be over several columns"
    elif change.include and not catalog.server.since(INCLUDING.get(method, 1000)):
        why = "INCLUDE columns"
    elif method != "btree" and any(e.descending or e.nulls_first is not None for e in change.elements):
        why = "have an order"
    if why is not None:
        raise Refused(RefusalKind.INVALID, f"a {method} index cannot {why}", method)
    refuse_classes(catalog, relation, change.elements, method)


def refuse_exclusion(catalog: Catalog, table: Table, elements: tuple[IndexElement, ...], method: str) -> None:
    """Raise Refused for an exclusion constraint whose index cannot be made."""
    if method.lower() in NOT_EXCLUDING:
        raise Refused(RefusalKind.INVALID, f"a {method.lower()} index cannot back an exclusion constraint", method)
    refuse_classes(catalog, table, elements, method.lower())


def refuse_classes(catalog: Catalog, relation: Table | View, elements: Iterable[IndexElement], method: str) -> None:
    """Raise Refused where a column's type has no operator class for a method, or not the one that is written."""
    if any(kind in ("operator class", "operator family") for kind, _ in catalog.others):
        return
    for element in elements:
        column = next((c for c in relation.columns if c.name == element.column), None)
        if column is None or column.type is None or column.assumed:
            continue
        refuse_collation(column.type, element.collation, catalog)
        kind, shown = beneath(column.type, catalog), format_type(column.type, catalog)
        if not kind.builtin or kind.dimensions:
            continue
        if element.opclass is None:
            if kind.name in WITHOUT_DEFAULT.get(method, ()):
                message = f"{relation.key[1]}.{column.name} is {shown}, for which there is no {method} index"
                raise Refused(RefusalKind.INVALID, message, column.name)
            continue
        name = element.opclass.replace("(", " ").split()[0].rpartition(".")[2]
        methods, types = CLASSES.get(name, (None, frozenset()))
        if methods is None or method not in OWN:
            continue
        if method not in methods:
            raise Refused(RefusalKind.INVALID, f"{name} is no operator class for a {method} index", name)
        if kind.name not in types and (kind.name in PLAIN or kind.name in PADDED_TEXT):
            raise Refused(RefusalKind.INVALID, f"{name} does not take {shown}, the type of {column.name}", name)
