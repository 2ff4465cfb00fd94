"""MG309: a type that columns use is dropped, or an enum type loses a value, also by being built again."""

from collections.abc import Iterator

from migguard.changes import AlterColumnType, Delete, DropType
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.lost_values import (
    as_text,
    cleared,
    columns_of,
    converted,
    deleted_labels,
    probe,
    rebuilt,
    there_in_the_end,
    without,
)
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label, listed, target

GIVEN = (
    "CREATE TYPE plan AS ENUM ('free', 'trial', 'paid');"
    "CREATE TABLE accounts (id bigint PRIMARY KEY, plan plan NOT NULL)"
)
DANCE = """
    op.execute("ALTER TYPE plan RENAME TO plan_old")
    op.execute("CREATE TYPE plan AS ENUM ({labels})")
    op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE plan USING plan::text::plan")
    op.execute("DROP TYPE plan_old")
    """
BAD = Example(DANCE.format(labels="'free', 'paid'"), given=GIVEN)
GOOD = Example(DANCE.format(labels="'paid', 'trial', 'free'"), given=GIVEN)


@rule(
    "MG309",
    "drop-type-or-value",
    Severity.WARNING,
    "A type that columns use is dropped, or an enum type loses a value.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def drop_type_or_value(change: AlterColumnType | DropType | Delete, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    PostgreSQL cannot take a value out of an enum: the type is built again without it, and the conversion of a
    column fails at the first row that still has it. Instances of the old code go on writing the value, and
    fail too.

    ## What is let through
    A new order of the same values, more values, a value renamed in place; types that no released column uses;
    values, columns and tables that this deployment adds. Where the script moves the rows to other values first, it is
    a notice.
    """
    if ctx.step.refusal is not None:
        return
    match change:
        case AlterColumnType():
            yield from conversion(change, ctx)
        case DropType():
            yield from drop(change, ctx)
        case Delete():
            for kind, labels in deleted_labels(change, ctx):
                yield ctx.finding(
                    f"Deleting {listed(labels)} from pg_enum breaks the enum type {kind}: rows and indexes "
                    "that still hold the value can no longer be read.",
                    advice="Leave the value in the type, and keep the application from writing it.",
                )


def conversion(change: AlterColumnType, ctx: StepContext) -> Iterator[Finding]:
    """A column is given an enum type that lacks values of the one it had."""
    table = target(ctx, change.table)
    lost = converted(change, table, ctx) if table is not None else None
    if table is None or lost is None:
        return
    moved, again = cleared(change, table, lost, ctx), there_in_the_end(change, table, lost, ctx)
    if moved and again:
        return
    them = "them" if len(lost.labels) > 1 else "it"
    fails = f"the conversion fails if a row holds {'one of them' if them == 'them' else 'it'}"
    writes = f"running code that still writes {them} fails"
    what = f"{fails}; the type has {them} again in the end" if again else writes if moved else f"{fails}, and {writes}"
    yield ctx.finding(
        f"{label(table.key, ctx)}.{change.column} loses {values(lost.labels)}: {what}.",
        severity=Severity.NOTICE if moved else None,
        table=table.key,
        probe=probe(change, table, lost, ctx),
        advice=f"Name {listed(lost.labels)} in this type too." if again else without(change, lost),
    )


def drop(change: DropType, ctx: StepContext) -> Iterator[Finding]:
    """A type goes together with its columns, or its successor lacks values of it."""
    users = list(columns_of(change, ctx)) if change.cascade else []
    columns = [f"{label(key, ctx)}.{c}" for key, c in users]
    if columns:
        yield ctx.finding(
            f"The {change.kind} {change.type} is in use: dropping it with CASCADE drops {listed(columns)} too.",
            advice=(
                f"Give {listed(columns)} another type first, and drop the {change.kind} without CASCADE:\n"
                + "\n".join(as_text(key, column, ctx) for key, column in users)
            ),
        )
        return
    lost = rebuilt(change, ctx)
    if lost is not None:
        yield ctx.finding(
            f"The type {lost.type} is built again without {values(lost.labels)}: running code that "
            f"still writes {'them' if len(lost.labels) > 1 else 'it'} fails.",
            advice="Leave the value in the type, and keep the application from writing it.",
        )


def values(labels: tuple[str, ...]) -> str:
    """`the value a`, `the values a and b`."""
    return f"the value{'s' if len(labels) > 1 else ''} {listed(labels)}"
