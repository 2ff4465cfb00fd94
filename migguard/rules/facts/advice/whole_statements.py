"""A statement over all rows of a table, written so that it goes over them in batches."""

from collections.abc import Collection, Iterator

from migguard.catalog.schema import Key, Table
from migguard.changes import (
    AlterColumnType,
    Delete,
    ForeignKeyAction,
    Insert,
    Merge,
    Name,
    Query,
    Scope,
    Select,
    SetNullable,
    Update,
)
from migguard.rules.facts.advice.batches import (
    SIZE,
    asks_for_written,
    counted,
    differs,
    filling,
    in_ranges,
    lacking,
    picked,
    rounds,
    row_key,
    settles,
    target_of,
    unfilled,
    updated,
)
from migguard.rules.facts.advice.deleted_rows import how, not_by_itself
from migguard.rules.facts.advice.filled_first import filled_again, given_first, nulls_deleted
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.advice.rows_apart import in_the_cast, lost_between, not_valid_first, refused
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.emptied_for_columns import keys_after, run_after, wanted_after
from migguard.rules.facts.rows.nulls import is_of, taken_out
from migguard.rules.facts.rows.own_values import made_of_own, steady
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.rows.temporary_sources import made_lasting, read_by
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed, sql_name
from migguard.trace import Step

NEXT = ":\n"
HOLDING = frozenset((ForeignKeyAction.NO_ACTION, ForeignKeyAction.RESTRICT))
"""What a foreign key does where a row that is referred to cannot be deleted."""

ONCE = "store the last key in the transaction of each batch, so that a second run goes on behind it"
"""What has each row written once, whether the statement would write the same again or not."""


def in_batches(key: Key, change: Update | Delete | Insert | Merge, ctx: StepContext) -> str:
    """A loop over batches by the table's own key, which ends."""
    if lasting := made_lasting(ctx.step):
        return lasting
    lead = f"Go over it in batches, each a transaction of its own, and let the application run on in between{NEXT}"
    table = ctx.before.tables.get(key)
    if table is None:  # a view
        return lead.replace(":\n", ".")
    lost = lost_between(change, ctx)
    lead = f"{lead.removesuffix(NEXT)}. {lost.removesuffix('.')}{NEXT}" if lost else lead
    number, asked = counted(table), isinstance(change, (Insert, Merge)) or change.where is not None
    match change:
        case Delete() if taken_out(ctx.step, table):
            lead = f"Delete them {how(table, ctx)}, and let the application run on in between:\n"
            return not_by_itself(key, ctx) or lead + children(table) + rounds(deleted(change, table, "true", ctx))
        case Delete():
            chosen = {r.name for r in change.where.references} if change.where is not None else set[str]()
            told = meanwhile(chosen, table, ctx) or later_key(table, ctx)
            told += read_before(table, ctx) + children(table)
            return lead + told + rounds(deleted(change, table, "…" if asked else "true", ctx))
        case Update():
            return in_the_cast(change, table, ctx) or update(change, table, lead, number, ctx)
        case Insert(query=Query(grouped=True)):
            return of_groups(table, ctx) + (f" {lost}" if lost else "")
        case Insert() | Merge():
            name = relation(key, ctx.before)
            written = ", ".join(column(c, ctx.before) for c in change.columns) if isinstance(change, Insert) else ""
            listed = f" ({written})" if written else ""
            into = f"INSERT INTO {sql_name(change.table)}{listed} SELECT … FROM {name} … WHERE "
            if number is not None:
                # a batch that is run again puts its rows there again, or meets them in a key
                told = f"# {ONCE}\n" if isinstance(change, Insert) and not change.on_conflict else ""
                return lead + told + in_ranges(table, number, f"{into}{{}} AND …", ctx.before, f"{name}.")
            missing = f"… AND NOT EXISTS (SELECT 1 FROM {sql_name(change.table)} WHERE …) LIMIT {SIZE}"
            return lead + rounds(into + missing)


def of_groups(table: Table, ctx: StepContext) -> str:
    """The advice for rows that are each made of many: a LIMIT bounds what is put in, and not what is read for it."""
    name = relation(table.key, ctx.before)
    return (
        f"A batch of what it puts in would still read all of {name}, for its DISTINCT or GROUP BY. Go by ranges of a "
        "key that split no group, each a transaction of its own, with ON CONFLICT DO NOTHING for what an earlier one "
        "has put there; or run it as one statement in a revision of its own."
    )


def deleted(change: Delete, table: Table, where: str, ctx: StepContext) -> str:
    """A DELETE of one batch; what the table is joined with only chooses the rows."""
    chosen = picked(table, where, ctx.before, target_of(change, table, ctx.before))
    return f"{its_with(change)}DELETE FROM {relation(table.key, ctx.before)} WHERE {chosen}"


def update(change: Update, table: Table, lead: str, number: str | None, ctx: StepContext) -> str:
    """The advice for an UPDATE: by what tells the rows that are done, else by the numbers of the rows."""
    target = target_of(change, table, ctx.before)
    begun, own = f"{its_with(change)}{updated(target, ctx.before)}", target.prefix
    more = " AND …" if target.joined else ""
    others = "… AND " if change.where is not None or target.joined else ""

    def several(where: str) -> str:
        return rounds(f"{begun}{picked(table, where, ctx.before, target, outer=target.joined)}{more}")

    written = {name for name, _ in change.assignments}
    said = given_first(ctx.step, ctx.trace, ctx.known)
    gap = meanwhile(written, table, ctx) if not said else ""
    if (empty := filling(change)) is not None:
        told = f"# the new {empty} must not be NULL, or this never ends\n"
        told += meanwhile({empty}, table, ctx) if not said else ""
        others = others if target.joined or not alone(change) else ""
        return lead + told + several(f"{others}{own}{column(empty, ctx.before)} IS NULL")
    lead = f"{lead}{gap}"
    own_values = made_of_own(change, ctx.before)
    new, always = unfilled(change, table, ctx) or (None, False)
    if new is not None and (always or number is not None or not own_values):
        unset = f"{own}{column(new, ctx.before)} IS NULL"
        if not always and number is not None:
            return lead + in_ranges(table, number, f"{begun}{{}} AND {others}{unset}", ctx.before, own)
        return lead + several(f"{others}{unset if always else lacking(change, table, ctx, own)}")
    undone_yet = f"{others}{differs(change, table, ctx.before, own)}"
    if settles(change):
        return lead + several(undone_yet)
    again = own_values and not asks_for_written(change)
    if number is not None:
        told = f"# {ONCE}\n" if again else ""
        return lead + told + in_ranges(table, number, f"{begun}{{}}{' AND …' if others else ''}", ctx.before, own)
    if steady(change, ctx.before):
        one = " of one row for each" if target.joined else ""
        return lead + f"# with the value{one} as the column keeps it, or this never ends\n" + several(undone_yet)
    if again:
        keyed = row_key(table) or not table.complete
        ranges = f"go by ranges of its key, which needs no mark in it ({ONCE}), or " if keyed else ""
        mark = "" if keyed else ", or note in a new column which rows are done"
        return f"Nothing in a row says that it is done: {ranges}run it as one statement in a revision of its own{mark}."
    return lead + "# with a condition that is false for rows that are done, or this never ends\n" + several("…")


def later_key(table: Table, ctx: StepContext) -> str:
    """The comment that a row which comes between the batches is in the way of a unique key that is made later, or made
    anew for another type of its column."""
    key = next((step for step, _ in keys_after(table, ctx.step, ctx.known)), None)
    unique = {name for index in table.indexes if index.unique for name in index.columns}
    for step in run_after(ctx.step, ctx.known):
        done = step.change
        anew = isinstance(done, AlterColumnType) and done.column in unique and is_of(done.table, table, step)
        if anew or step is key:
            return f"# a row that comes meanwhile can make {place(step, ctx)} fail, at a unique key\n"
    return ""


def read_before(table: Table, ctx: StepContext) -> str:
    """The comment that rows which come after an earlier statement has read the table are not among what that saw."""
    found: Step | None = None
    for step in ctx.deployment.steps():
        if step is ctx.step:
            break
        if reads(step, table) and step.refusal is None:
            found = step
    if found is None:
        return ""
    return (
        f"# if what {place(found, ctx)} reads decides which rows go, bound each batch to the rows of that time: those\n"
        "# that came after it were not seen there\n"
    )


def reads(step: Step, table: Table) -> bool:
    """Whether a statement gets anything from the rows of a table: it asks for them, or copies from them."""
    change = step.change
    names = change.query.relations if isinstance(change, Select) else read_by(change)
    return any((there := table_named(step.before, n)) is not None and there.oid == table.oid != 0 for n in names)


def children(table: Table) -> str:
    """The comment that rows refer to others of their table: one statement may delete both at once, a batch that has no
    more than the one that is referred to fails."""
    keys = [c for c in table.constraints if c.references == table.key and c.on_delete in HOLDING and c.enforced]
    columns = listed(dict.fromkeys(name for key in keys for name in key.columns))
    return (
        f"# first the rows that no other refers to by {columns}: a batch that leaves one that does fails\n"
        if keys
        else ""
    )


def its_with(change: Update | Delete) -> str:
    """That a statement has a WITH, whose names each of its batches asks for too; queries in it that only others of it
    ask for, and a RECURSIVE, belong to it as well."""
    scope = change.naming.scope if change.naming is not None else None
    if scope is None:
        return ""
    named, read = set(given_rows(scope)), set(relations(scope))
    return "WITH … " if any(other.name in named or other not in read for other in change.others) else ""


def relations(scope: Scope) -> Iterator[Name]:
    """The relations that a query reads, and those in it; what a WITH names is none, by whatever alias it goes."""
    for given in scope.given:
        if given.relation is not None:
            yield given.relation
        if given.rows is not None:
            yield from relations(given.rows)
    for inner in (*scope.inner, *scope.apart):
        yield from relations(inner)


def given_rows(scope: Scope) -> Iterator[str]:
    """The names of a query, and of those in it, that stand for rows of another query."""
    yield from (given.alias for given in scope.given if given.rows is not None and given.alias is not None)
    for inner in scope.inner:
        yield from given_rows(inner)


def meanwhile(columns: Collection[str], table: Table, ctx: StepContext) -> str:
    """The comment that rows which come between the batches are in the way of what asks for such columns later."""
    later = wanted_after(columns, table, ctx.step, ctx.known)
    if later is None:
        return ""
    required = table.column(later.change.column) if isinstance(later.change, SetNullable) else None
    if required is not None and filled_again(required, ctx.step, later, ctx.known):
        return ""
    taken = nulls_deleted(required.name, ctx.step, later, ctx.known) if required is not None else None
    if taken is not None:
        return f"# {place(taken, ctx)} deletes the rows without a value that come meanwhile\n"
    if not_valid_first(later, table, ctx):
        return (
            f"# add the constraint of {place(later, ctx)} NOT VALID before, so that nothing breaks it in between,\n"
            f"# and VALIDATE it after{refused(later)}\n"
        )
    said = f"one that comes meanwhile can make {place(later, ctx)} fail"
    return f"# let the application put no such rows in before: {said}\n"


def alone(change: Update) -> bool:
    """Whether the WHERE asks for one thing only."""
    where = change.where
    return where is not None and where.conjunctive and len(where.conditions) == 1
