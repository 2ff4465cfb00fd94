"""What this deployment copied out of a table or column before it takes it away."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migguard.catalog.schema import Key, Table
from migguard.changes import CreateTable, Insert, Query, Update
from migguard.rules.facts.locks.kept_out import kept_out_since
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import before_this, final
from migguard.rules.facts.schema.rename_signs import reads
from migguard.rules.facts.scripts.filling_loops import Reading, reading_of
from migguard.rules.facts.scripts.loop_sources import sources
from migguard.rules.frame import Context, StepContext, display
from migguard.rules.wording import listed
from migguard.sql.given_values import given_by_query, given_by_value
from migguard.trace import Certainty, RevisionTrace, Step

MOST = 4
"""How many columns of a copy are named."""

MAKING = frozenset({"add_all", "bulk_insert", "bulk_insert_mappings", "bulk_save_objects", "insert"})
"""Words of a loop that puts rows somewhere."""
BY_SESSION = frozenset({"add", "merge"})
"""Words that say so only where a session does it: sets have them too."""


def kept(table: Table, column: str | None, ctx: StepContext) -> str:
    """A sentence on what is left of the rows, or of a column's values, with a space before it; empty if none is."""
    found = list(dict.fromkeys(copies(table, column, ctx)))
    if found:
        return f" What was copied to {listed(found)} before is kept."
    place = read_in_a_loop(table, column, ctx)
    stays = "what that copied is kept while its table is"
    return f" A loop of {place} reads it and puts rows in: {stays}." if place is not None else ""


def kept_of_dropped(key: Key, column: str | None, trace: RevisionTrace, ctx: Context) -> str:
    """The same sentence for a table, or a column of it, that a revision drops, by their names before it."""
    was = trace.before.tables[key]
    wanted = was.column(column) if column is not None else None
    for step in trace.steps():
        before, after = (
            next((t for t in side.tables.values() if t.oid == was.oid != 0), None) for side in (step.before, step.after)
        )
        there = (
            next((c for c in before.columns if wanted is not None and c.oid == wanted.oid), None) if before else None
        )
        if before is None or (wanted is not None and there is None):
            return ""
        if after is None or (wanted is not None and all(c.oid != wanted.oid for c in after.columns)):
            here = StepContext(ctx.rule, ctx.settings, ctx.server, ctx.lookup, trace, ctx.history, step)
            return kept(before, there.name if there is not None else None, here)
    return ""


def rows_left(table: Table, ctx: StepContext) -> str:
    """What of a table's rows a drop destroys, after "all": a loop that copies rows may delete each of them as well."""
    return "of its rows" if read_in_a_loop(table, None, ctx) is None else "rows that are still in it"


def values_left(table: Table, column: str, ctx: StepContext) -> str:
    """The same of a column's values."""
    return "its values" if read_in_a_loop(table, column, ctx) is None else "the values that are still in it"


def copies(table: Table, column: str | None, ctx: StepContext) -> Iterator[str]:
    """The tables and columns that are left at the end and got its values, each with what it got."""
    for step in before_this(ctx):
        if step.refusal is not None or step.statement.certainty is Certainty.OTHER_BRANCH:
            continue
        match step.change:
            case Insert(query=Query() as query) | CreateTable(query=Query() as query, with_data=True):
                into = table_named(step.after, step.change.table)
                if into is None or into.oid == table.oid or not left(into, ctx) or not reads(query, table, step):
                    continue
                if column is None or query.star or gives(query, column, table, step):
                    yield display(into.key, step.after) + shown(step.change, query)
            case Update() as change:
                into = table_named(step.before, change.table)
                if into is None or not left(into, ctx):
                    continue
                here = into.oid == table.oid
                if not here and not any(same(t, table) for n in change.others if (t := table_named(step.before, n))):
                    continue
                elsewhere = of_others(change, table, step)
                for name, value in change.assignments:
                    found = given_by_value(value.text, step.before.server.engine)
                    used = {one for of, one in found if of not in elsewhere}
                    wanted = (column in used and name != column) if column is not None else bool(used) and not here
                    if wanted:
                        yield f"{display(into.key, step.before)}.{name}"
            case _:
                pass


def gives(query: Query, column: str, table: Table, step: Step) -> bool:
    """Whether the values of a table's column are in what a query gives back, and do not only decide about it."""
    named = any(name == column and of in (None, table.key[1]) for of, name in query.columns_used)
    return named and any(name == column for _, name in given_by_query(query.text, step.before.server.engine))


def of_others(change: Update, table: Table, step: Step) -> set[str]:
    """What stands before a column of another table in an UPDATE: those tables' names and aliases."""
    sources = change.rows_of.sources if change.rows_of is not None else ()
    named = [(n.name, n) for n in (change.table, *change.others)]
    named += [(s.alias, s.relation) for s in sources if s.alias is not None and s.relation is not None]
    return {word for word, n in named if (t := table_named(step.before, n)) is not None and not same(t, table)}


def copied_open(table: Table, ctx: StepContext) -> Step | None:
    """The first statement that copies rows of the table to one that stays, where other sessions can still write rows
    to the table after it: nothing that is held when it is dropped has kept them out since then."""
    for step in before_this(ctx):
        change, query = step.change, getattr(step.change, "query", None)
        if step.refusal is not None or step.statement.certainty is Certainty.OTHER_BRANCH:
            continue
        if not isinstance(change, (Insert, CreateTable)) or not isinstance(query, Query):
            continue
        if isinstance(change, CreateTable) and not change.with_data:
            continue
        into = table_named(step.after, change.table)
        if into is not None and not same(into, table) and left(into, ctx) and reads(query, table, step):
            return None if kept_out_since(table, step, ctx) else step
    return None


def all_kept(table: Table, ctx: StepContext) -> bool:
    """Whether one statement copied every row and column of a table; with its key not even DISTINCT left one out."""
    if not table.complete or table.primary_key is None:
        return False
    for step in before_this(ctx):
        change = step.change
        if step.refusal is not None or not step.verified or step.statement.certainty is not Certainty.RAN:
            continue
        if not isinstance(change, (Insert, CreateTable)) or not isinstance(change.query, Query):
            continue
        if isinstance(change, Insert) and change.on_conflict:
            continue
        query, into = change.query, table_named(step.after, change.table)
        alone = len(query.relations) == 1 and not query.filtered and not query.functions and query.readable
        if not alone or into is None or not left(into, ctx) or not reads(query, table, step):
            continue
        if isinstance(change, CreateTable) and not change.with_data:
            continue
        if query.star or {c.name for c in table.columns} <= {c for _, c in query.columns_used if c in query.columns}:
            return True
    return False


def shown(change: Insert | CreateTable, query: Query) -> str:
    """In parentheses the columns of a copy, where they are named and few, and whether it is of some rows only."""
    names = change.columns if isinstance(change, Insert) else ()
    parts = [", ".join(names)] if 0 < len(names) <= MOST else []
    parts += ["some of the rows"] if query.filtered else []
    return f" ({'; '.join(parts)})" if parts else ""


def same(one: Table, other: Table) -> bool:
    """Whether two states are of one table."""
    return one.oid == other.oid != 0


def left(table: Table, ctx: StepContext) -> bool:
    """Whether the deployment ends with the table."""
    return any(same(t, table) for t in final(ctx).tables.values())


def from_it(over: ast.AST, seen: Reading, table: Table, ctx: StepContext) -> bool:
    """Whether the rows that a loop turns over are of the table."""
    found = sources(over, seen, ctx.before.server.engine)
    return any(n.name == table.key[1] and n.schema in (None, table.key[0]) for n in found)


def read_in_a_loop(table: Table, column: str | None, ctx: StepContext) -> str | None:
    """What of this and the earlier checked revisions has a loop over the table's rows that puts some in, or None."""
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        if script is not None and script.tree is not None and table.key[1] in script.text:
            seen = reading_of(script.tree, trace.direction.value)
            for over, *body in seen.loops():
                done = {word.lower() for part in body for word in seen.words(part)}
                puts = done & MAKING or (done & BY_SESSION and any("session" in word for word in done))
                used = {column} if column is not None else set()
                if puts and used <= {*seen.words(over), *done} and from_it(over, seen, table, ctx):
                    return "the script" if trace is ctx.trace else f"revision {trace.revision}"
        if ctx.trace is not None and trace.revision == ctx.trace.revision:
            break
    return None
