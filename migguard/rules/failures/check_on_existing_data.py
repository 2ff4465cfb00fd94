"""MG704: a check or foreign key is validated over the rows that are there."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, Check, ForeignKey, ValidateConstraint
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import violating
from migguard.rules.facts.advice.looking_first import look_first, mended_before
from migguard.rules.facts.rows.existing_rows import (
    kept_out,
    known,
    made_here,
    one_value,
    unfilled,
    violation,
)
from migguard.rules.facts.rows.former_keys import former, holds_former
from migguard.rules.facts.rows.missing_parents import emptied_parent, full_of_one, refers_to_nothing
from migguard.rules.facts.rows.nulls import emptied
from migguard.rules.facts.rows.restrictions import new_constraints
from migguard.rules.facts.schema.shown_backwards import unless_undone
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, target

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
    over it fails in every table that is not empty, unless the other table has that very row. To a table that the
    deployment makes, or empties, nothing can refer before it has rows. And a key that is led to another column of the
    same table finds the values of the old one.

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
        mended = mends(constraint, before, ctx)
        since = emptied_parent(constraint, before, ctx) if mended is None else None
        if since is not None:
            yield refers_to_nothing(what, constraint, since, before, ctx)
            continue
        old = former(constraint, before, ctx) if mended is None else None
        if old is not None:
            yield holds_former(what, constraint, old, before, ctx)
            continue
        query = violating(constraint, before, ctx) if not kept_out(constraint, before, table, ctx) else None
        own = query is None and made_here(constraint, before, table, ctx)
        look = look_first("and mend them first.", mended, query=query is not None)
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
