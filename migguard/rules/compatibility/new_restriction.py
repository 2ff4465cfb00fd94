"""MG610: a constraint that rows written by the running code may violate."""

from collections.abc import Iterator

from migguard.catalog.schema import Table
from migguard.changes import AddColumn, AddConstraint, AlterColumnType, CreateIndex, CreateTable
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.given_names import renamed_check
from migguard.rules.facts.rows.old_writes import among, forbidden, keys, known, leaves_alone, never_met
from migguard.rules.facts.rows.promised_restrictions import promised
from migguard.rules.facts.rows.restrictions import kept, new_constraints, new_unique
from migguard.rules.facts.schema.deployment_end import out_of_reach
from migguard.rules.facts.schema.folded_keys import folded
from migguard.rules.facts.schema.introduced import original
from migguard.rules.facts.schema.running_code import old_table
from migguard.rules.facts.schema.shown_backwards import unless_undone, was_there
from migguard.rules.facts.schema.unknown_drops import unless_kept
from migguard.rules.facts.schema.unknown_names import made_up
from migguard.rules.facts.scripts.unseen_drops import unseen_drop
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total int, CONSTRAINT ck_total CHECK (total > 0))"
BAD = Example('op.create_check_constraint("ck_small", "orders", "total < 100", postgresql_not_valid=True)', given=GIVEN)
GOOD = Example(
    """
    op.drop_constraint("ck_total", "orders")
    op.create_check_constraint("ck_total", "orders", "total >= 0", postgresql_not_valid=True)
    """,
    given=GIVEN,
)

Restricting = AddConstraint | CreateIndex | AddColumn | CreateTable | AlterColumnType


@rule(
    "MG610",
    "new-restriction",
    Severity.WARNING,
    "A new constraint or unique index forbids rows that the running code may still write.",
    bad=BAD,
    good=GOOD,
)
def new_restriction(change: Restricting, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A constraint holds for every INSERT and UPDATE from the moment it is there, also one that is NOT VALID. Code that
    is still running and does not keep the rule gets errors until it is replaced.

    ## What is let through
    A constraint that takes the place of an equal or stricter one, of which the downgrade may tell (a notice where it
    tells of another than the replay made); one that NOT NULL
    and other constraints imply; one over columns that this deployment adds, which old code leaves NULL or to their
    default; one that the deployment
    takes away again; tables that this deployment creates. A primary key's columns with more beside them are unique
    already. A key is a notice where the script drops one that it asks the database for, of a table that no revision
    made. Where the models of the running code are known: what they declare themselves, a check that their enums and
    NOT NULL columns fulfil, columns that they never write, and tables that they do not map.
    """
    if isinstance(change, AlterColumnType):
        for table, index in folded(change, ctx):
            if not out_of_reach(table, ctx) and kept(index, table, ctx):
                forbids = f"a second row with the same {keys(index)} in another case"
                yield said(f"{change.column} as citext, the unique key {index.name} of", forbids, table, ctx)
        return
    for table, index in new_unique(change, ctx):
        if out_of_reach(table, ctx):
            return
        free = leaves_alone(index, table, ctx) or promised(index, table, ctx) or was_there(index, table, ctx)
        if kept(index, table, ctx) and not free:
            what = "a primary key" if index.primary else f"the unique {'constraint' if index.constraint else 'index'}"
            named = f" {index.name}" if index.named and not index.primary and not made_up(index.name, ctx) else ""
            forbids = f"a second row with the same {keys(index)}{among(index)}"
            unless, line = unless_kept(table, ctx), unseen_drop(table, ctx)
            if line is not None:
                unless = f", unless what line {line} drops kept them out already"
            mild = Severity.NOTICE if line is not None else None
            yield said(f"{what}{named}", forbids, table, ctx, unless, mild)
    for before, table, constraint in new_constraints(change, ctx):
        if out_of_reach(table, ctx) or not kept(constraint, table, ctx) or known(constraint, before, table, ctx):
            continue
        if never_met(constraint, table, ctx) or promised(constraint, table, ctx):
            continue
        name = f" {constraint.name}" if constraint.named and not renamed_check(constraint, ctx) else ""
        unless = unless_undone(constraint, before, ctx)
        mild = Severity.NOTICE if unless else None
        yield said(f"the {constraint.kind}{name}", forbidden(constraint, before, ctx), table, ctx, unless, mild)


def said(
    what: str, forbids: str, table: Table, ctx: StepContext, unless: str = "", severity: Severity | None = None
) -> Finding:
    """The finding."""
    key, old = original(table.key), old_table(table, ctx)
    name = label(key, ctx)
    because = f": {old.said()} declares no such rule" if old is not None else ""
    return ctx.finding(
        f"With {what} {name} refuses {forbids}, which the running code may still write{because}{unless}.",
        severity=severity,
        table=key,
        verified=ctx.step.verified and not unless,
        advice=(
            "Release code that keeps the rule first, and add the constraint in the deployment after it. If the code "
            "that runs now keeps it already, say so:\n"
            "# migguard: ignore[MG610] -- kept by the application since …"
        ),
    )
