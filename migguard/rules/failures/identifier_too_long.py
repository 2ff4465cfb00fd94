"""MG707: a name that is longer than the server keeps."""

from collections.abc import Iterator

from migguard.catalog.schema import RefusalKind
from migguard.changes import (
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateTrigger,
    Engine,
    RenameIndex,
    RenameTable,
)
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.new_names import ENGINE_NAMES, Naming, new_names
from migguard.rules.frame import Example, StepContext, rule
from migguard.sql.cut_names import cut_names

LONG = "recalculated_delivery_date_of_the_last_shipment_as_announced_by_the_carrier"
GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(f'op.add_column("orders", sa.Column("{LONG}", sa.Date()))', given=GIVEN)
GOOD = Example('op.add_column("orders", sa.Column("announced_delivery_date", sa.Date()))', given=GIVEN)

REFUSED = {Engine.MYSQL: 64, Engine.MARIADB: 64, Engine.MSSQL: 128}
"""How many characters a name may have where the server refuses a longer one."""

Named = Naming | CreateFunction | CreateTrigger | CreateSchema


@rule(
    "MG707",
    "identifier-too-long",
    Severity.WARNING,
    "A name is longer than the server keeps: PostgreSQL cuts it silently, others refuse it.",
    bad=BAD,
    good=GOOD,
)
def identifier_too_long(change: Named, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    PostgreSQL keeps the first 63 bytes of a name and says so in a NOTICE that nobody reads. The models, which know the
    whole name, do not find it again: `alembic check` reports it as missing for ever, and two long names that begin
    alike are one and the same. A longer name of an index or a constraint is refused by SQLAlchemy before the server
    hears of it.

    ## What is let through
    Names of 63 bytes (MySQL and MariaDB: 64 characters); names that SQLAlchemy's naming conventions or the server make,
    which are cut to fit; names in statements that only use what is there.
    """
    refusal = ctx.step.refusal
    if refusal is not None and refusal.kind is RefusalKind.TOO_LONG:
        yield ctx.finding(
            f"{refusal.message}: it raises an IdentifierError here, and the upgrade ends.",
            severity=Severity.ERROR,
            advice="Choose a shorter name.",
            table=own_table(change),
        )
    most = REFUSED.get(ctx.before.server.engine)
    if refusal is not None and most is None:
        return
    cut = cut_names(ctx.step.statement.sql, ctx.before.server.engine)
    if not cut and most is None:
        return
    for kind, name in dict.fromkeys(given(change, ctx)):
        if name in cut:
            yield ctx.finding(
                f"PostgreSQL keeps only the first 63 bytes of the {kind} name {cut[name]}: it becomes {name}.",
                advice=f"Choose a shorter name ({len(cut[name].encode())} bytes are {excess(cut[name], 63)} too many).",
                table=own_table(change),
            )
        elif most is not None and len(name) > most:
            engine = ENGINE_NAMES[ctx.before.server.engine]
            yield ctx.finding(
                f"{engine} refuses the {kind} name {name}: it has {len(name)} characters, {most} are allowed.",
                advice="Choose a shorter name.",
                table=own_table(change),
            )


def given(change: Named, ctx: StepContext) -> Iterator[tuple[str, str]]:
    """The names that the change gives, with their kinds."""
    match change:
        case CreateFunction():
            yield change.kind, change.function.name
        case CreateTrigger():
            yield "trigger", change.trigger.name
        case CreateSchema():
            yield "schema", change.schema
        case _:
            yield from new_names(change, ctx)


def excess(name: str, most: int) -> int:
    """How many bytes a name has too many."""
    return len(name.encode()) - most


def own_table(change: Named) -> str | None:
    """The table that the name is on."""
    match change:
        case CreateIndex() | CreateTable() | RenameTable() | CreateTrigger():
            return str(change.table)
        case RenameIndex():
            return str(change.table) if change.table is not None else None
        case _:
            return str(change.table) if hasattr(change, "table") else None
