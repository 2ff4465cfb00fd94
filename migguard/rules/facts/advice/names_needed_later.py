"""What goes with a dropped column and stands in the way of a later statement where the column is kept instead."""

from migguard.catalog.copying import replace
from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Index, Table
from migguard.changes import Engine
from migguard.rules.facts.advice.left_unused import drop
from migguard.rules.facts.advice.recipes import named
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed, python, schema_argument


def in_the_way(table: Table, column: str, ctx: StepContext) -> list[ConstraintState | Index]:
    """The constraints and indexes that the step drops with the column and the deployment makes anew later.

    A table has one primary key, and one constraint or index of a name: the later statement fails while they stand.
    SQLite is left out: there a batch makes the whole table anew.
    """
    after = next((t for t in ctx.after.tables.values() if t.oid == table.oid != 0), None)
    if after is None or ctx.before.server.engine is Engine.SQLITE:
        return []
    inherited = {c.name for c in table.constraints if c.inherited}
    gone = [one for one in parts_over(table, column) if one.name not in inherited and not remade(one, after)]
    later = [t for step in run_after(ctx.step, ctx.known) for t in step.after.tables.values() if t.oid == table.oid]
    return [one for one in gone if any(remade(one, there) for there in later)]


def remade(one: ConstraintState | Index, table: Table) -> bool:
    """Whether the table has a primary key where it is one, or something of its name."""
    if isinstance(one, ConstraintState) and one.kind is ConstraintKind.PRIMARY and table.primary_key is not None:
        return True
    return table.constraint(one.name) is not None or table.index(one.name) is not None


def without(table: Table, dropped: list[ConstraintState | Index]) -> Table:
    """The table when they are dropped."""
    names = {one.name for one in dropped}
    return replace(table, constraints=tuple(c for c in table.constraints if c.name not in names))


def dropping(
    table: Table, dropped: list[ConstraintState | Index], column: Column | None, ctx: StepContext
) -> list[str]:
    """The calls that drop them and leave the column; MySQL has no AUTO_INCREMENT without a key."""
    name = named(table.key, ctx.before)
    where = schema_argument(name)
    calls = []
    if column is not None and column.auto_increment and any(isinstance(one, ConstraintState) for one in dropped):
        calls.append(
            f"op.alter_column({python(name.name)}, {python(column.name)}, existing_type=..., existing_nullable=False, "
            f"existing_autoincrement=True, autoincrement=False{where})"
        )
    for one in dropped:
        if isinstance(one, ConstraintState):
            calls.append(drop(table.key, one, ctx))
        else:
            calls.append(f"op.drop_index(op.f({python(one.name)}), table_name={python(name.name)}{where})")
    return calls


def left_as(column: Column | None, dropped: list[ConstraintState | Index]) -> Column | None:
    """The column after those calls."""
    keys = any(isinstance(one, ConstraintState) for one in dropped)
    return replace(column, auto_increment=False) if column is not None and column.auto_increment and keys else column


def only(dropped: list[ConstraintState | Index]) -> str:
    """The sentence that says what is to go without the column, and why; nothing where nothing is in the way."""
    names = listed([one.name for one in dropped])
    stand = "stands" if len(dropped) == 1 else "stand"
    return f"Drop only {names} here: what this deployment makes later fails while {names} {stand}. " if dropped else ""


def parts_over(table: Table, column: str) -> list[ConstraintState | Index]:
    """The constraints over a column, and the indexes that back none of the table's."""
    backing = {c.index for c in table.constraints}
    keys = [c for c in table.constraints if column in c.columns]
    return [*keys, *(i for i in table.indexes if column in (*i.columns, *i.include) and i.name not in backing)]


def gone_with(table: Table, column: str) -> list[str]:
    """The constraints and indexes that the server drops together with a column."""
    return list(dict.fromkeys(one.name for one in parts_over(table, column)))
