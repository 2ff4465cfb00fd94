"""MG303: DROP SCHEMA or DROP DATABASE."""

from collections.abc import Iterator

from migguard.changes import CreateSchema, DropSchema, ObjectAction, OtherObject, RenameSchema
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import identifier, listed, python

GIVEN = "CREATE SCHEMA audit;CREATE TABLE audit.events (id bigint PRIMARY KEY)"
BAD = Example('op.execute("DROP SCHEMA audit CASCADE")', given=GIVEN)
GOOD = Example('op.execute("ALTER SCHEMA audit RENAME TO audit_until_june")', given=GIVEN)
MOST = 8


@rule(
    "MG303",
    "drop-schema",
    Severity.ERROR,
    "A schema or database is dropped with everything in it.",
    bad=BAD,
    good=GOOD,
)
def drop_schema(change: DropSchema | OtherObject, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    All tables in it go at once, those included that no migration made and no reviewer sees here.

    ## What is let through
    A schema that this deployment created and that holds nothing older; `IF EXISTS` of one that is not there.
    """
    if ctx.step.refusal is not None:
        return
    if isinstance(change, OtherObject):
        if change.kind == "database" and change.action is ObjectAction.DROP and change.name is not None:
            there = ("database", str(change.name))
            if there not in ctx.before.others or there in ctx.deployment.released.others:
                yield ctx.finding(
                    f"Dropping the database {change.name} destroys every table in it.",
                    advice="Leave that to an administrator with a fresh backup: nothing else brings it back.",
                )
        return
    if change.if_exists and change.schema not in ctx.before.schemas:
        return
    inside = contents(change.schema, ctx)
    if made_here(change.schema, ctx) and not inside:
        return
    word = "schema" if ctx.before.server.engine in POSTGRESQL else "database"
    shown = [*inside[:MOST], *([f"{len(inside) - MOST} more"] if len(inside) > MOST else [])]
    found = f": {listed(shown)}" if shown else ""
    yield ctx.finding(
        f"Dropping the {word} {change.schema} destroys everything in it{found}.",
        advice=advice(change, ctx),
    )


def contents(schema: str, ctx: StepContext) -> list[str]:
    """The tables and views of a schema that were there before this deployment."""
    relations = [*ctx.before.tables.values(), *ctx.before.views.values()]
    return sorted(r.key[1] for r in relations if r.key[0] == schema and ctx.deployment.existing(r.oid))


def made_here(schema: str, ctx: StepContext) -> bool:
    """Whether the deployment itself created the schema, under whatever name."""
    for step in reversed(list(before_this(ctx))):
        match step.change:
            case CreateSchema() if step.change.schema == schema and step.refusal is None:
                if schema not in step.before.schemas:
                    return True
            case RenameSchema() if step.change.new == schema and step.refusal is None:
                schema = step.change.schema
            case _:
                pass
    return False


def advice(change: DropSchema, ctx: StepContext) -> str:
    """Out of sight first; dropped when nobody missed it."""
    if ctx.before.server.engine not in POSTGRESQL:
        return "Drop its tables by name, in a later deployment than the code that leaves them."
    old = identifier(f"{change.schema}_old")
    return (
        "Take it out of the way first, and drop it in a later deployment when nobody missed anything:\n"
        f"op.execute({python(f'ALTER SCHEMA {identifier(change.schema)} RENAME TO {old}')})"
    )
