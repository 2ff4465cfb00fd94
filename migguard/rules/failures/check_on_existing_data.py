"""MG704: a check or foreign key is validated over the rows that are there."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, Check, ForeignKey, ValidateConstraint
from migguard.findings import Finding, Severity
from migguard.rules.askable import violating
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.mended_rows import by_default, leads_somewhere, true_of_rows
from migguard.rules.nulls import emptied, holds_no_null
from migguard.rules.old_writes import shortened
from migguard.rules.restrictions import check_known, conditions_of, former, is_new, new_constraints, written_here
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

    ## What is let through
    NOT VALID, which looks at no row (the VALIDATE after it is what may fail); what an older valid constraint or NOT
    NULL implies; columns of this deployment that nothing has filled yet, or that a default filled; a foreign key
    that only gains columns that one default fills in both tables; a DELETE or UPDATE before it that leaves no row in
    the way; a check that only asks for values where there are none missing; tables that this deployment creates or
    empties.
    """
    for before, table, constraint in validated(change, ctx):
        if known(constraint, before, table, ctx) or unfilled(constraint, before, table, ctx) or emptied(before, ctx):
            continue
        key = before.key
        name = label(key, ctx)
        named = f" {constraint.name}" if constraint.named else ""
        doing = "Validating" if isinstance(change, ValidateConstraint) else "Adding"
        query = violating(constraint, before, ctx)
        below = " (the query below)" if query is not None else ""
        yield ctx.finding(
            f"{doing} the {constraint.kind}{named} fails if {name} has a row {violation(constraint, ctx)}.",
            table=key,
            advice=(
                f"Look for such rows in production before you deploy{below}, and mend them first. A "
                "constraint that is NOT VALID keeps new ones out meanwhile."
            ),
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


def known(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether the rows that are there fulfil it: by an older valid constraint, or by what was done to them."""
    once, now = ([c for c in t.constraints if c.enforced and c.valid] for t in (former(before, table, ctx), before))
    if constraint.kind is ConstraintKind.FOREIGN:
        return leads_somewhere(constraint, [*once, *now], before, ctx)
    new = [c for n in constraint.columns if (c := table.column(n)) is not None and is_new(c, ctx)]
    empty = [c.name for c in new if c.default is None and not written_here(c.name, table, ctx)]
    held = [*true_of_rows(conditions_of(once), before, ctx), *conditions_of(now)]
    return check_known(constraint, before, held, empty, ctx.before, by_default(before, ctx))


def unfilled(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether no row can have a value that violates it: new columns are NULL, or hold the default."""
    columns = [c for n in constraint.columns if (c := table.column(n)) is not None]
    new = [c for c in columns if is_new(c, ctx) and not written_here(c.name, table, ctx)]
    if constraint.kind is ConstraintKind.FOREIGN:
        return any(c.default is None for c in new)
    conditions = constraint.expression.conditions if constraint.expression is not None else ()
    wanted = {c.column for c in conditions if c.operator == "is not null"}
    whole = constraint.expression is not None and constraint.expression.conjunctive and bool(conditions)
    if whole and all(c.operator == "is not null" and holds_no_null(before, c.column, ctx) for c in conditions):
        return True
    return (
        bool(columns) and len(new) == len(columns) and all(c.default is not None or c.name not in wanted for c in new)
    )


def violation(constraint: ConstraintState, ctx: StepContext) -> str:
    """What is wrong with a row, in words."""
    if constraint.kind is ConstraintKind.FOREIGN:
        other = label(constraint.references, ctx) if constraint.references is not None else "the other table"
        return f"whose {listed(constraint.columns)} is not in {other}"
    text = constraint.expression.text if constraint.expression is not None else "its condition"
    return f"that does not fulfil {shortened(text)}"
