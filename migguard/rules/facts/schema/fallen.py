"""What a DROP … CASCADE takes along in the replayed schema, with the call that would drop it by name."""

from collections.abc import Iterator, Mapping, Sequence

from migguard.catalog.drops import shown
from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, Key, Table, View
from migguard.changes import Change, DropExtension, DropTable, DropView, Name
from migguard.records import dataclass
from migguard.rules.frame import StepContext
from migguard.rules.wording import identifier, listed, python, sql_name
from migguard.trace import Certainty

EXTENSION_TYPES: Mapping[str, frozenset[str]] = {
    "citext": frozenset({"citext"}),
    "cube": frozenset({"cube"}),
    "hstore": frozenset({"hstore"}),
    "intarray": frozenset({"query_int"}),
    "isn": frozenset({"ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"}),
    "ltree": frozenset({"lquery", "ltree", "ltxtquery"}),
    "postgis": frozenset({"box2d", "box3d", "geography", "geometry"}),
    "postgis_raster": frozenset({"raster"}),
    "seg": frozenset({"seg"}),
    "vector": frozenset({"halfvec", "sparsevec", "vector"}),
}
"""The column types that widely used extensions bring: columns of them go when the extension goes."""


@dataclass(frozen=True, slots=True)
class Fallen:
    """One thing that goes along: a table or view, or a `part` of the table."""

    kind: str
    key: Key
    part: str | None = None

    def name(self, catalog: Catalog) -> str:
        """`the view pages`, `the foreign key orders.fk_customer`."""
        kind = "default of" if self.kind == "default" else self.kind
        return f"the {kind} {shown(self.key, catalog)}" + (f".{self.part}" if self.part is not None else "")

    def statement(self, catalog: Catalog) -> str:
        """The Alembic call that drops it by name."""
        schema = self.key[0] if self.key[0] != catalog.default_schema else None
        named = sql_name(Name(self.key[1], schema))
        table, part = python(self.key[1]), python(self.part or "")
        where = f", schema={python(schema)}" if schema else ""
        match self.kind:
            case "table":
                return f"op.drop_table({table}{where})"
            case "column":
                return f"op.drop_column({table}, {part}{where})"
            case "foreign key":
                return f'op.drop_constraint({part}, {table}, type_="foreignkey"{where})'
            case "default":
                return f"op.alter_column({table}, {part}, server_default=None{where})"
            case "trigger":
                return f"op.execute({python(f'DROP TRIGGER {identifier(self.part or str())} ON {named}')})"
            case _:
                return f"op.execute({python(f'DROP {self.kind.upper()} {named}')})"


def fallen(change: Change, ctx: StepContext) -> list[Fallen]:
    """What goes along with a drop and the statement does not name; nothing where all of that is this deployment's."""
    found = list(columns_of_extension(change, ctx.before)) if isinstance(change, DropExtension) else []
    found += [one for kind, name in dict.fromkeys(ctx.step.cascaded) if (one := located(kind, name, ctx.before))]
    steps = ctx.step.statement.steps
    after = steps[-1].after if steps else ctx.after
    targets = {relation_key(ctx.before, t) for s in steps for t in relations_named(s.change)}
    gone = [
        one
        for one in found
        if (one.part is None or one.key in after.tables) and not (one.part is None and one.key in targets)
    ]
    return gone if any(older(one, ctx) for one in gone) else []


def come_back(along: Sequence[Fallen], ctx: StepContext) -> str:
    """A sentence on which of them the transaction makes again, with a space before it; empty for none."""
    again = [one for one in along if made_again(one, ctx)]
    if len(again) == len(along):
        return f" The same transaction makes {'it' if len(along) == 1 else 'them'} again."
    names = [one.name(ctx.before) for one in again]
    return f" The same transaction makes {listed(names)} again." if names else ""


def made_again(one: Fallen, ctx: StepContext) -> bool:
    """Whether the transaction makes the same foreign key or view again, under the same name."""
    steps = ctx.known.transaction(ctx.step.statement.transaction)
    ran = [s for s in steps if s.statement.certainty is Certainty.RAN and s.refusal is None]
    if not ran or ctx.step not in ran:
        return False
    end = ran[-1].after
    if one.part is None:
        then, now = ctx.before.views.get(one.key), end.views.get(one.key)
        return then is not None and now is not None and now.oid != then.oid
    was, is_now = (t.tables[one.key].constraint(one.part) if one.key in t.tables else None for t in (ctx.before, end))
    if one.kind != "foreign key" or was is None or is_now is None:
        return False
    return (was.columns, was.references, was.references_columns, was.on_delete, was.on_update) == (
        is_now.columns,
        is_now.references,
        is_now.references_columns,
        is_now.on_delete,
        is_now.on_update,
    )


def located(kind: str, name: str, catalog: Catalog) -> Fallen | None:
    """The thing that the replay speaks of in words."""
    for key in (*catalog.tables, *catalog.views):
        if kind in ("table", "view", "materialized view") and shown(key, catalog) == name:
            return Fallen(kind, key)
    for table in catalog.tables.values():
        prefix = f"{shown(table.key, catalog)}."
        if name.startswith(prefix) and has(table, kind, name[len(prefix) :]):
            return Fallen(kind, table.key, name[len(prefix) :])
    return None


def has(table: Table, kind: str, part: str) -> bool:
    """Whether a table has a constraint, trigger or column of that name."""
    match kind:
        case "foreign key":
            return table.constraint(part) is not None
        case "trigger":
            return any(t.name == part for t in table.triggers)
        case _:
            return table.column(part) is not None


def older(one: Fallen, ctx: StepContext) -> bool:
    """Whether it was there before the deployment."""
    relation: Table | View | None = ctx.before.tables.get(one.key) or ctx.before.views.get(one.key)
    if relation is None or not ctx.deployment.existing(relation.oid):
        return False
    if one.part is None or not isinstance(relation, Table):
        return True
    if one.kind == "foreign key":
        constraint = relation.constraint(one.part)
        return constraint is not None and ctx.deployment.existing(constraint.oid)
    if one.kind == "trigger":
        there = [t for t in ctx.deployment.released.tables.values() if t.oid == relation.oid]
        return any(g.name == one.part for t in there for g in t.triggers)
    column = relation.column(one.part)
    return column is not None and ctx.deployment.existing(column.oid)


def relations_named(change: Change) -> Iterator[Name]:
    """The table or view that a drop names."""
    if isinstance(change, DropTable):
        yield change.table
    elif isinstance(change, DropView):
        yield change.view


def columns_of_extension(change: DropExtension, catalog: Catalog) -> Iterator[Fallen]:
    """The columns whose type an extension brought, where that is known."""
    types = EXTENSION_TYPES.get(change.name, frozenset()) if change.cascade else frozenset()
    for table in catalog.tables.values() if types else ():
        for column in table.columns:
            if column.type is not None and not column.type.builtin and column.type.name in types:
                yield Fallen("column", table.key, column.name)
