"""MG704: a check or foreign key is validated over the rows that are there."""

from collections.abc import Iterator, Sequence

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, Check, Expression, ForeignKey, ValidateConstraint
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import violating
from migguard.rules.facts.advice.looking_first import look_first, mended_before
from migguard.rules.facts.rows.existing_rows import (
    kept_out,
    known,
    lacking,
    made_here,
    one_value,
    spelled,
    unfilled,
    violation,
)
from migguard.rules.facts.rows.nulls import emptied
from migguard.rules.facts.rows.restrictions import new_constraints
from migguard.rules.facts.schema.shown_backwards import unless_undone
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed, target

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total int)"
BAD = Example('op.create_check_constraint("ck_orders_total", "orders", "total > 0")', given=GIVEN)
GOOD = Example(
    'op.create_check_constraint("ck_orders_total", "orders", "total > 0", postgresql_not_valid=True)', given=GIVEN
)


@rule(
    "MG704",
    "check-on-existing-data",
    Severity.NOTICE,
    "A check or foreign key fails if a row that is there violates it.",
    bad=BAD,
    good=GOOD,
)
def check_on_existing_data(
    change: AddConstraint | AddColumn | ValidateConstraint, ctx: StepContext
) -> Iterator[Finding]:
    """## Why it matters
    One row that nobody thought of stops the deployment. Development databases do not have it.

    A column that the deployment adds with a default, or fills with one value, holds that in every row: a foreign key
    over it fails in every table that is not empty, unless the other table has that very row.

    ## What is let through
    NOT VALID, which looks at no row (the VALIDATE after it is what may fail); what an older valid constraint or NOT
    NULL implies; columns of this deployment that nothing has filled yet, or only along with what the check lets in,
    or that hold that; a foreign key that only gains columns that one default fills in both tables; a DELETE or
    UPDATE before it that leaves no row in the way; a check that only asks for values where there are none missing;
    tables that this deployment creates or empties.
    """
    for before, table, constraint in validated(change, ctx):
        if known(constraint, before, table, ctx) or unfilled(constraint, before, table, ctx) or emptied(before, ctx):
            continue
        doing = "Validating" if isinstance(change, ValidateConstraint) else "Adding"
        what = f"{doing} the {constraint.kind}{f' {constraint.name}' if constraint.named else ''}"
        held = one_value(constraint, table, ctx) if constraint.kind is ConstraintKind.FOREIGN else []
        if held:
            yield full_of_one(what, constraint, held, before, ctx)
            continue
        query = violating(constraint, before, ctx) if not kept_out(constraint, before, table, ctx) else None
        own = query is None and made_here(constraint, before, table, ctx)
        look = look_first("and mend them first.", mends(constraint, before, ctx), query=query is not None)
        if own:
            look = "Only what this deployment itself writes can be in the way: let its statements leave no such row."
        unless = unless_undone(constraint, before, ctx)
        yield ctx.finding(
            f"{what} fails if {label(before.key, ctx)} has a row {violation(constraint, ctx)}{unless}.",
            verified=ctx.step.verified and not unless,
            table=before.key,
            advice=f"{look} A constraint that is NOT VALID keeps new ones out meanwhile.",
            probe=query,
        )


def mends(constraint: ConstraintState, before: Table, ctx: StepContext) -> str | None:
    """What may mend the rows in the way before the step."""
    parent = ctx.before.tables.get(constraint.references) if constraint.references is not None else None
    other = (parent, constraint.references_columns) if parent is not None else None
    return mended_before(constraint.columns, before, ctx, other)


def full_of_one(
    what: str, key: ConstraintState, held: Sequence[Expression], before: Table, ctx: StepContext
) -> Finding:
    """A foreign key over new columns that hold one constant in every row."""
    name, other = label(before.key, ctx), label(key.references or ("", ""), ctx)
    values, query = listed([spelled(v) for v in held]), lacking(key, held, before, ctx)
    return ctx.finding(
        f"{what} fails if {name} has a row and {other} has none whose {listed(key.references_columns)} is {values}: "
        f"{listed(key.columns)} is {values} in every row of {name}, since this deployment fills it so.",
        severity=Severity.WARNING,
        table=before.key,
        advice=f"Add {listed(key.columns)} as NULL without a default, and fill it with what {other} has before the key "
        "is added.",
        probe=query,
    )


def validated(
    change: AddConstraint | AddColumn | ValidateConstraint, ctx: StepContext
) -> Iterator[tuple[Table, Table, ConstraintState]]:
    """The checks and foreign keys that the step holds against all rows, with their table before and after it."""
    if isinstance(change, ValidateConstraint):
        table = target(ctx, change.table)
        found = table.constraint(change.name) if table is not None else None
        if ctx.step.refusal is None and table is not None and found is not None and not found.valid:
            yield table, table, found
        return
    if isinstance(change, AddConstraint) and not isinstance(change.constraint, Check | ForeignKey):
        return
    for before, table, constraint in new_constraints(change, ctx):
        if constraint.valid and constraint.kind in (ConstraintKind.CHECK, ConstraintKind.FOREIGN):
            yield before, table, constraint
