"""MG612: something in the schema still uses what is dropped or renamed."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import (
    DropColumn,
    DropFunction,
    DropTable,
    DropView,
    RenameColumn,
    RenameTable,
    SetSchema,
)
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.dependents import Dependent, standing_in_the_way
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.readers import left_behind, repaired, there_again
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed

GIVEN = "CREATE TABLE users (id bigint PRIMARY KEY, email text);CREATE VIEW contacts AS SELECT id, email FROM users"
BAD = Example('op.drop_column("users", "email")', given=GIVEN, runs=False)
GOOD = Example(
    """
    op.execute("DROP VIEW contacts")
    op.drop_column("users", "email")
    op.execute("CREATE VIEW contacts AS SELECT id FROM users")
    """,
    given=GIVEN,
)

Going = DropColumn | DropTable | DropView | DropFunction | RenameTable | RenameColumn | SetSchema


@rule(
    "MG612",
    "dangling-dependent",
    Severity.ERROR,
    "A view, trigger, generated column, function or policy uses what is dropped or renamed.",
    bad=BAD,
    good=GOOD,
)
def dangling_dependent(change: Going, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    PostgreSQL refuses to drop what a view, a generated column, a policy or a trigger depends on, so the deployment
    stops. What it does not follow are names inside the bodies of functions: those fail when they are called next. On
    MySQL, MariaDB and SQLite views and triggers are left behind broken.

    ## What is let through
    Renames that the server follows (PostgreSQL: views, policies, generated columns); dependents that the deployment
    drops or replaces, or a name that is there again when it ends; CASCADE, whose victims MG308 lists.
    """
    waiting = standing_in_the_way(ctx.step)
    if waiting:
        yield ctx.finding(
            f"{subject(change, ctx)} is refused: {said(waiting)}.",
            table=waiting[0].key,
            advice="Drop or replace what uses it first, and make it again without it, in the same revision.",
        )
        return
    key, column, end = gone(change, ctx), part(change), final(ctx)
    if ctx.step.refusal is not None or key is None or there_again(key, column, end):
        return
    broken = [d for d in left_behind(key, column, change, ctx) if not repaired(d, key, column, ctx)]
    if broken:
        yield ctx.finding(
            f"{subject(change, ctx)} leaves {said(broken)}: {'they fail' if len(broken) > 1 else 'it fails'} at the "
            "next use.",
            table=key,
            advice="Replace it in the same revision, so that it names what is there from then on.",
        )


def subject(change: Going, ctx: StepContext) -> str:
    """What is done, in words."""
    key = gone(change, ctx)
    name = label(key, ctx) if key is not None else ""
    match change:
        case DropColumn():
            return f"Dropping {name}.{change.column}"
        case RenameColumn():
            return f"Renaming {name}.{change.column} to {change.new}"
        case DropFunction():
            return f"Dropping the {change.kind} {change.function}"
        case DropTable() | DropView():
            return f"Dropping {name}"
        case RenameTable():
            return f"Renaming {name} to {change.new.name}"
        case SetSchema():
            return f"Moving {name} to {change.schema}"


def said(found: list[Dependent]) -> str:
    """Who still uses it."""
    return f"{listed(f'the {d.kind} {d.name}' for d in found)} still {'use' if len(found) > 1 else 'uses'} it"


def gone(change: Going, ctx: StepContext) -> Key | None:
    """The relation that is dropped, renamed or changed."""
    match change:
        case DropFunction():
            return None
        case DropView():
            return relation_key(ctx.before, change.view)
        case SetSchema():
            return relation_key(ctx.before, change.name) if change.kind.endswith(("table", "view")) else None
        case _:
            return relation_key(ctx.before, change.table)


def part(change: Going) -> str | None:
    """The column that is dropped or renamed."""
    return change.column if isinstance(change, DropColumn | RenameColumn) else None
