"""What a column or table needs before a release no longer uses it, and the next deployment drops it."""

from collections.abc import Iterator, Sequence

from migguard.catalog.lookup import domain_of, table_key
from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Key, Table
from migguard.changes import AddColumn, DropTable, Engine
from migguard.rules.facts.advice.given_names import UNKNOWN
from migguard.rules.facts.advice.nameless_drops import TYPES
from migguard.rules.facts.advice.probes import literals, relation
from migguard.rules.facts.advice.recipes import named
from migguard.rules.frame import MYSQL_FAMILY, StepContext
from migguard.rules.wording import python, schema_argument

HOLDS_ROWS = "# without its keys to tables that stay: a DELETE there would fail for its rows, or take them along:"
WORDS = {kind: word for word, kind in TYPES.items()}
"""What `type_` of drop_constraint is for a constraint."""


def demands(column: Column, ctx: StepContext) -> bool:
    """Whether an INSERT that does not name the column fails."""
    domain = domain_of(ctx.before, column.type) if column.type is not None else None
    if column.nullable and not (domain is not None and domain.not_null):
        return False
    given = column.default is not None and not column.default.is_null
    made = column.identity or column.serial or column.auto_increment or column.generated is not None
    return not (given or made or (domain is not None and domain.default is not None))


def unknown_rules(column: Column | None, table: Table) -> bool:
    """Whether nobody knows if a column is NOT NULL, and what its default is: no revision made it."""
    if column is None:
        return not table.complete
    return column.assumed and column.nullable and column.default is None


def made_again(table: Table, name: str, ctx: StepContext) -> Column | None:
    """A column as the revision's own way back leaves it, where that adds it again."""
    back = ctx.deployment.downgrades.get(ctx.trace.revision) if ctx.trace is not None else None
    for step in back.steps() if back is not None else ():
        done = step.change
        if isinstance(done, AddColumn) and done.column.name == name and step.refusal is None:
            key = table_key(step.before, done.table)
            there = back.after.tables.get(key) if back is not None and key == table.key else None
            found = there.column(name) if there is not None else None
            if found is not None and not found.assumed:
                return found
    return None


def left_out(table: Table, column: Column, ctx: StepContext) -> str:
    """The call after which INSERTs need not name a column: it may be NULL, or has a default where it may not."""
    name, engine = named(table.key, ctx.before), ctx.before.server.engine
    primary = table.primary_key
    keyed = primary is not None and column.name in primary.columns
    domain = domain_of(ctx.before, column.type) if column.type is not None else None
    change = "server_default=..." if keyed or (domain is not None and domain.not_null) else "nullable=True"
    more = "existing_type=..., " if engine in MYSQL_FAMILY else ""
    if engine is Engine.SQLITE:
        return (
            f"with op.batch_alter_table({python(name.name)}{schema_argument(name)}) as batch:\n"
            f"    batch.alter_column({python(column.name)}, {change})"
        )
    return f"op.alter_column({python(name.name)}, {python(column.name)}, {more}{change}{schema_argument(name)})"


def holding(table: Table, ctx: StepContext) -> list[str]:
    """The calls that drop what a table which stays holds: a later DROP TABLE of this deployment would fail.

    These are its foreign keys to tables that the deployment drops after this step, and those that refer to it and would
    have gone with it.
    """
    if ctx.before.server.engine is Engine.SQLITE:
        return []
    own = [(table.key, c) for c in to_dropped(table, ctx)]
    others = [
        (other.key, c)
        for other in ctx.before.tables.values()
        if other.key != table.key and (now := ctx.after.tables.get(other.key)) is not None
        for c in other.constraints
        if c.kind is ConstraintKind.FOREIGN and c.references == table.key and now.constraint(c.name) is None
    ]
    return drops([(key, one) for key, one in (*own, *others) if not one.inherited], ctx)


def holding_rows(table: Table, ctx: StepContext) -> list[str]:
    """The calls that drop its own foreign keys to tables that stay, with why; not one to itself, or not enforced."""
    if ctx.before.server.engine is Engine.SQLITE:
        return []
    other = {table.key, *dropped_after(ctx)}
    keys = (c for c in table.constraints if c.kind is ConstraintKind.FOREIGN and c.references not in other)
    calls = drops([(table.key, key) for key in keys if key.enforced and not key.inherited], ctx)
    return [*([HOLDS_ROWS] if calls else []), *calls]


def to_dropped(table: Table, ctx: StepContext) -> list[ConstraintState]:
    """Its foreign keys to tables that the deployment drops after this step, which no server does while they stand."""
    if ctx.before.server.engine is Engine.SQLITE:
        return []
    gone = set(dropped_after(ctx))
    return [c for c in table.constraints if c.kind is ConstraintKind.FOREIGN and c.references in gone]


def dropped_after(ctx: StepContext) -> Iterator[Key]:
    """The tables that the deployment drops after this step, as they are called at this step."""
    past = False
    called = {t.oid: k for k, t in ctx.before.tables.items() if t.oid}
    for step in ctx.deployment.steps():
        if past and isinstance(step.change, DropTable) and step.refusal is None:
            key = table_key(step.before, step.change.table)
            table = step.before.tables.get(key) if key is not None else None
            if table is not None and table.oid in called:
                yield called[table.oid]
        past = past or step is ctx.step


def by_convention(state: ConstraintState, ctx: StepContext) -> bool:
    """Whether a convention that nobody could read may have named it."""
    return ctx.deployment.environment.unknown_names and not state.named


def drops(keys: Sequence[tuple[Key, ConstraintState]], ctx: StepContext) -> list[str]:
    """`op.drop_constraint(…)` of each foreign key; where a name is not known, over what, and who can tell it."""
    calls: list[str] = []
    for table in dict.fromkeys(key for key, _ in keys):
        own = [state for key, state in keys if key == table]
        if any(by_convention(state, ctx) for state in own):
            calls.append(f"# {UNKNOWN} stands for names that a naming convention may make. A database tells them:")
            calls += [f"# {line}" for line in names_query(table, ctx)]
        calls += [
            drop(table, state, ctx) + (f"  # over {', '.join(state.columns)}" if by_convention(state, ctx) else "")
            for state in own
        ]
    return calls


def names_query(key: Key, ctx: StepContext) -> tuple[str, str]:
    """The query for a table's foreign keys: their names, and their columns."""
    catalog = ctx.before
    if catalog.server.engine in MYSQL_FAMILY:
        return (
            "SELECT constraint_name, column_name FROM information_schema.key_column_usage",
            f"WHERE table_schema = {literals([key[0]]) if key[0] != catalog.default_schema else 'DATABASE()'} "
            f"AND table_name = {literals([key[1]])} AND referenced_table_name IS NOT NULL",
        )
    return (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint",
        f"WHERE contype = 'f' AND conrelid = {literals([relation(key, catalog)])}::regclass",
    )


def drop(key: Key, state: ConstraintState, ctx: StepContext) -> str:
    """`op.drop_constraint(…)`."""
    name = named(key, ctx.before)
    whole, where = f"op.f({python(state.name)})", schema_argument(name)
    if by_convention(state, ctx):
        whole = python(UNKNOWN)  # the server's name is not the one that a convention gives
    kind = f", type_={python(WORDS[state.kind])}" if state.kind in WORDS else ""
    return f"op.drop_constraint({whole}, {python(name.name)}{kind}{where})"
