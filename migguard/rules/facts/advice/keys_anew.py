"""Keys and indexes that go with a dropped column and that the deployment makes anew: one that stays keeps its own."""

from collections.abc import Iterator

from migguard.catalog.copying import replace
from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import AddConstraint, CreateIndex, PrimaryKey
from migguard.rules.facts.advice.recipes import named
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed, python, schema_argument
from migguard.trace import Step

KINDS = {
    ConstraintKind.PRIMARY: "primary",
    ConstraintKind.UNIQUE: "unique",
    ConstraintKind.FOREIGN: "foreignkey",
    ConstraintKind.CHECK: "check",
}


def gone_with(table: Table, column: str) -> list[ConstraintState | Index]:
    """The constraints and indexes that the server drops together with a column."""
    keys = [c for c in table.constraints if column in c.columns]
    backing = {c.index for c in table.constraints}
    return [*keys, *(i for i in table.indexes if column in (*i.columns, *i.include) and i.name not in backing)]


def dropped_first(table: Table, column: str, ctx: StepContext) -> tuple[str, list[str], Table]:
    """What must be dropped although the column is kept: in words, as calls, and the table without it."""
    made = list(made_anew(table, column, ctx))
    if not made:
        return "", [], table
    gone = [old for old, _ in made]
    names, lines = listed(old.name for old in gone), listed(dict.fromkeys(where(step, ctx) for _, step in made))
    lead = f". Drop {names} here all the same, for {lines} to make {'them' if len(made) > 1 else 'it'} anew"
    left = replace(table, constraints=tuple(c for c in table.constraints if c not in gone))
    return lead, [drop(table, old, ctx) for old in gone], left


def made_anew(table: Table, column: str, ctx: StepContext) -> Iterator[tuple[ConstraintState | Index, Step]]:
    """What goes with the column, each with the later step that its being there would make fail."""
    gone = [one for one in gone_with(table, column) if isinstance(one, Index) or one.kind in KINDS]
    for later in run_after(ctx.step, ctx.known):
        match later.change:
            case AddConstraint(table=name, constraint=PrimaryKey()) if is_of(name, table, later):
                yield from ((one, later) for one in gone if one is table.primary_key)
            case AddConstraint(table=name, constraint=made) if is_of(name, table, later):
                called = getattr(made, "name", None)
                yield from ((one, later) for one in gone if one.name == called and not isinstance(one, Index))
            case CreateIndex(table=name, name=called) if is_of(name, table, later):
                yield from (
                    (one, later) for one in gone if called and one.name == called.name and isinstance(one, Index)
                )
            case _:
                pass


def where(step: Step, ctx: StepContext) -> str:
    """Where a later step stands; a batch's statements all run where it ends."""
    here = ctx.step.statement.origin
    return "the same block" if here is not None and step.statement.origin == here else place(step, ctx)


def drop(table: Table, old: ConstraintState | Index, ctx: StepContext) -> str:
    """The call that drops one."""
    name, called = named(table.key, ctx.before), f"op.f({python(old.name)})"
    schema = schema_argument(name)
    if isinstance(old, Index):
        return f"op.drop_index({called}, table_name={python(name.name)}{schema})"
    return f"op.drop_constraint({called}, {python(name.name)}, type_={python(KINDS[old.kind])}{schema})"
