"""MG306: UPDATE without a condition on a column that held data."""

from collections.abc import Iterator

from migguard.catalog.schema import Table
from migguard.changes import Expression, Name, Update
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import names_before
from migguard.rules.facts.advice.fresh_names import kept_apart
from migguard.rules.facts.advice.probes import column as spelled
from migguard.rules.facts.advice.probes import matching
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.every_row import every_row
from migguard.rules.facts.rows.reversible_updates import kept
from migguard.rules.facts.scripts.mapped_loops import done_to_all
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.frame import MYSQL_FAMILY, Context, Example, RevisionScript, StepContext, display, rule
from migguard.rules.wording import identifier, label, listed, python, sql_name, target

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, status text)"
BAD = Example("op.execute(\"UPDATE orders SET status = 'open'\")", given=GIVEN)
GOOD = Example("op.execute(\"UPDATE orders SET status = 'open' WHERE status = 'new'\")", given=GIVEN)


@rule(
    "MG306",
    "overwrite-all-rows",
    Severity.WARNING,
    "UPDATE overwrites an existing column in every row of an existing table.",
    bad=BAD,
    good=GOOD,
)
def overwrite_all_rows(change: Update | RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Without WHERE, or with one that is always true, no row keeps the value it had, and nothing brings it back:
    a downgrade does not know what stood there.

    ## What is let through
    A column that this deployment added, whose values it sets for the first time; an assignment that keeps
    what is there (`x = coalesce(x, 0)`) or can be undone (`flag = NOT flag`, `n = -n`, `n = n + 1`, two columns
    that exchange their values); a WHERE that can be false, a LIMIT, a join; tables that this deployment
    creates, or has emptied.
    """
    if isinstance(change, RevisionScript):
        yield from in_a_loop(change, ctx)
        return
    assert isinstance(ctx, StepContext)
    table = target(ctx, change.table)
    if table is None or ctx.step.refusal is not None or change.limited or not every_row(change.where, table):
        return
    if change.others and ctx.before.server.engine in MYSQL_FAMILY:
        return  # a join's ON picks rows there
    left = kept(change, table, ctx)
    columns = [c for c in dict(change.assignments) if c not in left and held_data(c, table, ctx)]
    if not columns or empty(table, ctx.step, ctx.known):
        return
    name = label(table.key, ctx)
    computed = all(reads(value, c) for c, value in change.assignments if c in columns)
    lost = "what stood there can at best be computed back" if computed else "the old values are lost"
    yield ctx.finding(
        f"UPDATE overwrites {listed(f'{name}.{c}' for c in columns)} in every row, and {lost}.",
        grows=True,
        table=table.key,
        probe=probe(table, columns, ctx),
        advice=advice(change, table, columns, ctx),
    )


def in_a_loop(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """Loops that give each object of a class the same value."""
    for done in done_to_all(subject, ctx.lookup) if ctx.lookup is not None else ():
        if done.column is not None:
            name = display(done.table.key, ctx.catalog)
            yield ctx.finding(
                f"The loop gives {name}.{done.column} one value in every row, and the old values are lost.",
                origin=place(subject.script, done.node),
                grows=True,
                table=done.table.key,
                advice="Name the rows that are meant in the query. If all are meant, keep a copy of the old values.",
            )


def held_data(name: str, table: Table, ctx: StepContext) -> bool:
    """Whether a column was there before the deployment; one that the replay does not know was."""
    column = table.column(name)
    if column is None:
        return not table.complete
    return ctx.deployment.existing(column.oid)


def probe(table: Table, columns: list[str], ctx: StepContext) -> str | None:
    """The rows that hold something, by the names before the deployment; None where these are not known."""
    there = names_before(table, columns, ctx)
    if there is None:
        return None
    key, names = there
    return matching(key, " OR ".join(f"{spelled(name, ctx.before)} IS NOT NULL" for name in names), ctx.before)


def reads(value: Expression, column: str) -> bool:
    """Whether a value is computed from the column itself; a bound parameter of its name is not it."""
    return any(
        r.kind == "column" and r.name == column and not value.text[: r.start].endswith(("%(", ":"))
        for r in value.references
    )


def advice(change: Update, table: Table, columns: list[str], ctx: StepContext) -> str:
    """Name the rows; where all are meant, keep a copy of what they held."""
    primary = table.primary_key
    wanted = list(dict.fromkeys((*(primary.columns if primary else ()), *columns))) if primary else []
    picked = ", ".join(identifier(c) for c in wanted) or "*"
    copy = Name(kept_apart(change, table, ctx), change.table.schema)
    statement = f"CREATE TABLE {sql_name(copy)} AS SELECT {picked} FROM {sql_name(change.table)}"
    return (
        "Name the rows that are meant in a WHERE clause. If all are meant, keep a copy of the old values "
        "first, and drop it when nobody asks for them any more:\n"
        f"op.execute({python(statement)})"
    )
