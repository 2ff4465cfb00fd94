"""Which enum values a column or a type loses in this deployment."""

from collections.abc import Iterable, Iterator

from migguard.catalog.copying import replace
from migguard.catalog.lookup import table_key, type_at, type_key
from migguard.catalog.schema import Catalog, Column, EnumType, Key, Table
from migguard.changes import AddEnumValue, AlterColumnType, Delete, DropType, Expression, Insert, Update
from migguard.records import dataclass
from migguard.rules.facts.advice.askable import names_before
from migguard.rules.facts.advice.probes import column as spelled
from migguard.rules.facts.advice.probes import matching
from migguard.rules.facts.rows.held_labels import held, written_for
from migguard.rules.facts.rows.mended_rows import none_left
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.restrictions import written_here
from migguard.rules.facts.schema.deployment_end import before_this, final, survivor
from migguard.rules.frame import StepContext, display
from migguard.rules.wording import identifier, listed, python, sql_name
from migguard.trace import Step


@dataclass(frozen=True, slots=True)
class Lost:
    """The values that go, in the type's order; `array` for a column of arrays of them."""

    type: str
    labels: tuple[str, ...]
    array: bool = False


def converted(change: AlterColumnType, table: Table, ctx: StepContext) -> Lost | None:
    """What a column loses by its new enum type: of the enum it has, or had earlier in this deployment."""
    column, new = table.column(change.column), type_at(ctx.before, change.type)
    if column is None or not ctx.deployment.existing(column.oid) or not isinstance(new, EnumType):
        return None
    old = enum_of(column, ctx.before) or earlier_enum(column, table, ctx)
    gone = missing(column, old, new, table, ctx) if old is not None else ()
    return Lost(new.key[1], gone, change.type.dimensions > 0) if gone else None


def missing(column: Column, old: EnumType, new: EnumType, table: Table, ctx: StepContext) -> tuple[str, ...]:
    """The values that the new type lacks, and that code which runs knows or a row may hold."""
    rows = held(column, table, ctx)
    if rows is not None:
        known = rows.released | rows.rows
        return tuple(v for v in old.labels if v not in new.labels and v in known)
    born = added(column.name, old, table, ctx)
    return tuple(v for v in old.labels if v not in new.labels and v not in born)


def added(name: str, own: EnumType, table: Table, ctx: StepContext) -> set[str]:
    """The values that this deployment added to an enum, where it wrote nothing into the column: no row holds them.

    No code that runs knows them either.
    """
    if written_here(name, table, ctx) or any(
        isinstance(s.change, Insert) and is_of(s.change.table, table, s) for s in before_this(ctx)
    ):
        return set()
    return new_values(own, before_this(ctx))


def as_rows_hold(column: Column, table: Table, ctx: StepContext) -> Catalog:
    """The schema before the step, where the column's enum has only the values that a row can hold."""
    own = enum_of(column, ctx.before)
    if own is None:
        return ctx.before
    rows = held(column, table, ctx)
    left = rows.rows if rows is not None else set(own.labels) - added(column.name, own, table, ctx)
    if left >= set(own.labels):
        return ctx.before
    as_held = replace(own, labels=tuple(v for v in own.labels if v in left))
    return replace(ctx.before, types=ctx.before.types.set(own.key, as_held))


def new_values(own: EnumType, steps: Iterable[Step]) -> set[str]:
    """The values that the steps add to an enum type that was there already; another may have one of the same text."""
    return {s.change.value for s in steps if isinstance(s.change, AddEnumValue) and made_by(s, own)}


def made_by(step: Step, own: EnumType) -> bool:
    """Whether the type has the value by this step only: not with IF NOT EXISTS where it was there."""
    if step.refusal is not None or not isinstance(step.change, AddEnumValue):
        return False
    key = type_key(step.before, step.change.type)
    was = step.before.types.get(key) if key is not None else None
    return isinstance(was, EnumType) and was.oid == own.oid and step.change.value not in was.labels


def enum_of(column: Column, catalog: Catalog) -> EnumType | None:
    """The enum that is a column's type."""
    found = type_at(catalog, column.type) if column.type is not None else None
    return found if isinstance(found, EnumType) else None


def earlier_enum(column: Column, table: Table, ctx: StepContext) -> EnumType | None:
    """The enum that a column had before this deployment made text of it."""
    found = None
    for step in before_this(ctx):
        if not isinstance(step.change, AlterColumnType) or step.refusal is not None:
            continue
        at = step.before.tables.get(table_key(step.before, step.change.table) or ("", ""))
        there = at.column(step.change.column) if at is not None and at.oid == table.oid else None
        if there is not None and there.oid == column.oid:
            found = enum_of(there, step.before) or found
    return found


def there_in_the_end(change: AlterColumnType, table: Table, lost: Lost, ctx: StepContext) -> bool:
    """Whether the deployment gives the column a type that has these values again."""
    end = survivor(table, ctx)
    column = end.column(change.column) if end is not None else None
    kind = enum_of(column, final(ctx)) if column is not None else None
    return kind is not None and set(lost.labels) <= set(kind.labels)


def cleared(change: AlterColumnType, table: Table, lost: Lost, ctx: StepContext) -> bool:
    """Whether no row has the values any more: the conversion, an UPDATE or a DELETE saw to that."""
    using = change.using
    if using is not None and (using.cast_of is None or using.cast_of != change.column):
        return True
    left, column = set(lost.labels), table.column(change.column)
    rows = held(column, table, ctx) if column is not None else None
    if rows is not None:
        return not rows.rows & left or none_left(change.column, left, table, ctx)
    for step in before_this(ctx):
        done = step.change
        if not isinstance(done, Update | Delete) or step.refusal is not None:
            continue
        at = step.before.tables.get(table_key(step.before, done.table) or ("", ""))
        if at is None or at.oid != table.oid or (at.key != table.key and not table.oid):
            continue
        if isinstance(done, Update) and all(c != change.column for c, _ in done.assignments):
            continue
        left = (left - moved(done.where, change.column, left)) | written_by(step, done, change.column, lost)
    return not left or none_left(change.column, left, table, ctx)


def written_by(step: Step, done: Update | Delete, column: str, lost: Lost) -> set[str]:
    """The lost values that an UPDATE puts into a column, or leaves there: all that it is not known to write none of."""
    given = [v for c, v in done.assignments if c == column] if isinstance(done, Update) else []
    found = set[str]()
    for value in given:
        wrote = written_for(value, lost.labels, step, done, column) if isinstance(done, Update) else None
        found |= set(lost.labels) & wrote if wrote is not None else set(lost.labels)
    return found


def moved(where: Expression | None, column: str, values: set[str]) -> set[str]:
    """The values that no row has any more after an UPDATE or DELETE with that condition."""
    if where is None or where.always_true:
        return values
    only = where.conditions[0] if where.conjunctive and len(where.conditions) == 1 else None
    if only is None or only.column != column:
        return set()
    if only.operator == "=" and only.value is not None:
        return {only.value}
    return set(only.values) if only.operator == "in" else set()


def columns_of(change: DropType, ctx: StepContext) -> Iterator[tuple[Key, str]]:
    """The columns of a type that were there before this deployment."""
    key = type_key(ctx.before, change.type)
    for user in sorted(ctx.before.type_users.get(key, frozenset())) if key is not None else ():
        table = ctx.before.tables.get(user)
        for column in table.columns if table is not None and ctx.deployment.existing(table.oid) else ():
            own = column.type is not None and not column.type.builtin and (column.type.schema, column.type.name) == key
            if own and ctx.deployment.existing(column.oid):
                yield user, column.name


def rebuilt(change: DropType, ctx: StepContext) -> Lost | None:
    """What a released enum loses to the one that has its name at the end, if no column was converted."""
    key = type_key(ctx.before, change.type)
    old = ctx.before.types.get(key) if key is not None else None
    if not isinstance(old, EnumType) or not ctx.deployment.existing(old.oid):
        return None
    was = next((t for t in ctx.deployment.released.types.values() if t.oid == old.oid), None)
    new = final(ctx).types.get(was.key) if was is not None else None
    if was is None or not isinstance(new, EnumType) or new.oid == old.oid:
        return None
    if not ctx.deployment.released.type_users.get(was.key):
        return None
    for step in ctx.deployment.steps():
        if isinstance(step.change, AlterColumnType) and step.refusal is None:
            into = type_at(step.before, step.change.type)
            if into is not None and into.oid == new.oid:
                return None  # the column's conversion says it, with the column's name
    born = new_values(old, before_this(ctx))
    gone = tuple(v for v in old.labels if v not in new.labels and v not in born)
    return Lost(display(new.key, final(ctx)), gone) if gone else None


def deleted_labels(change: Delete, ctx: StepContext) -> Iterator[tuple[str, list[str]]]:
    """The values that a DELETE takes out of the server's own list of enum values, by type."""
    if change.table.name != "pg_enum" or change.table.schema not in (None, "pg_catalog") or change.where is None:
        return
    parts = {c.column: c for c in change.where.conditions if c.operator in ("=", "in")}
    named = parts.get("enumlabel")
    labels = [named.value] if named is not None and named.value is not None else list(named.values) if named else []
    types = [t for t in ctx.before.types.values() if isinstance(t, EnumType)]
    words = set(change.where.strings) - set(labels)
    meant = [t for t in types if t.key[1] in words or ".".join(t.key) in words]
    for made in meant or types:  # where it names no type, or one by a parameter, it may be any
        born = new_values(made, before_this(ctx)) if ctx.deployment.existing(made.oid) else set(made.labels)
        found = [v for v in made.labels if v in labels and v not in born]
        if found:
            yield display(made.key, ctx.before), found


def probe(change: AlterColumnType, table: Table, lost: Lost, ctx: StepContext) -> str | None:
    """The rows that hold a value that goes, by the names before the deployment; None where these are not there."""
    there = names_before(table, [change.column], ctx)
    if there is None:
        return None
    key, (name,) = there
    column, values = spelled(name, ctx.before), ", ".join(literal(v) for v in lost.labels)
    held = f"{column}::text[] && ARRAY[{values}]" if lost.array else f"{column}::text IN ({values})"
    return matching(key, held, ctx.before)


def literal(value: str) -> str:
    """A value as a string in SQL."""
    return "'" + value.replace("'", "''") + "'"


def as_text(key: Key, column: str, ctx: StepContext) -> str:
    """The call that makes text of a column."""
    where = f", schema={python(key[0])}" if key[0] != ctx.before.default_schema else ""
    using = f"postgresql_using={python(f'{identifier(column)}::text')}"
    return f"op.alter_column({python(key[1])}, {python(column)}, type_=sa.Text(), {using}{where})"


def without(change: AlterColumnType, lost: Lost) -> str:
    """Advice: move the rows while the old type still stands; build the type again later, or never."""
    column, values = identifier(change.column), ", ".join(literal(v) for v in lost.labels)
    lead = (
        f"An unused value costs nothing: leave {listed(lost.labels)} in the type. If it must go, first "
        "release code that does not write it, move the rows in a revision of its own, and build the type "
        "again in a later deployment"
    )
    if lost.array:
        return f"{lead}."
    update = f"UPDATE {sql_name(change.table)} SET {column} = '<another value>' WHERE {column} IN ({values})"
    return f"{lead}:\nop.execute({python(update)})"
