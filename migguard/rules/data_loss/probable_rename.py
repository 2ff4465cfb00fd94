"""MG310: a column (or table) dropped and one like it added: autogenerate's picture of a rename."""

from collections.abc import Iterator
from itertools import takewhile

from migguard.catalog.schema import Catalog, Column, Key, Table
from migguard.changes import AddColumn, ColumnDefinition, CreateTable, DropColumn, DropTable, Insert, Query, Update
from migguard.findings import Finding, Severity
from migguard.rules.filling_loops import writes_in_loop
from migguard.rules.frame import Context, Example, display, rule
from migguard.rules.nulls import empty
from migguard.rules.wording import python, schema_argument
from migguard.trace import Deployment, Step

ALIKE = 0.6
"""The share of letters in common from which two names are alike."""

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, surname varchar(60))"
BAD = Example(
    """
    op.add_column("people", sa.Column("last_name", sa.String(60)))
    op.drop_column("people", "surname")
    """,
    given=GIVEN,
)
GOOD = Example(
    """
    op.add_column("people", sa.Column("last_name", sa.String(60)))
    op.execute("UPDATE people SET last_name = surname WHERE id < 1000")
    op.drop_column("people", "surname")
    """,
    given=GIVEN,
)


@rule(
    "MG310",
    "probable-rename",
    Severity.ERROR,
    "Something is dropped and something alike is added: a rename that loses the data.",
    bad=BAD,
    good=GOOD,
)
def probable_rename(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Autogenerate cannot tell a rename from a removal and an addition. It writes the latter, and the values are lost.

    ## What is let through
    Data copied from the old to the new one before the drop, be it row by row in a loop; another type; a key for what is
    no key; a column that this deployment added itself, or adds again under its old name; a table that it emptied
    before; where more columns are added than dropped, or fewer, one that none of them is like by its name.
    """
    steps = list(deployment.steps())
    for step in steps:
        match step.change:
            case DropColumn():
                yield from renamed_column(step, step.change, steps, deployment, ctx)
            case DropTable():
                yield from renamed_table(step, step.change, steps, deployment, ctx)
            case _:
                pass


def renamed_column(
    drop: Step, change: DropColumn, steps: list[Step], deployment: Deployment, ctx: Context
) -> Iterator[Finding]:
    """The finding for a dropped column that has a twin added in this deployment."""
    table = table_named(drop, change.table.name, change.table.schema)
    column = table.column(change.column) if table is not None else None
    if table is None or column is None or not deployment.existing(column.oid) or not deployment.existing(table.oid):
        return
    if column.name in renewed(table, steps) or empty(table, until(drop, steps)):
        return
    step, added = successor(drop, column, steps, deployment, table)
    if step is None or added is None or filled(deployment, ctx, (added.name,), table.key[1]):
        return
    name = display(table.key, drop.before)
    yield ctx.finding(
        f"{name}.{column.name} is dropped and {name}.{added.name} of the same type is added: if that is a rename, "
        "its values are lost.",
        origin=drop.statement.origin,
        sql=drop.statement.sql,
        revision=revision_of(deployment, drop),
        table=name,
        related=(step.statement.origin,) if step.statement.origin else (),
        advice=(
            "While old code is running, add the new column, copy the values, and drop the old one in a later "
            "deployment. If nothing runs meanwhile, rename it:\n"
            f"op.alter_column({python(change.table.name)}, {python(column.name)}, "
            f"new_column_name={python(added.name)}{schema_argument(change.table)})"
        ),
    )


def successor(
    drop: Step, column: Column, steps: list[Step], deployment: Deployment, table: Table
) -> tuple[Step | None, Column | None]:
    """The one column that a dropped one may have become; where there are several, the name or the order tells."""
    gone, made = [], []
    again = renewed(table, steps)
    for step in steps:
        match step.change:
            case DropColumn(column=name) | AddColumn(column=ColumnDefinition(name=name)):
                at = table_named(step, step.change.table.name, step.change.table.schema)
            case _:
                continue
        if at is None or at.oid != table.oid:
            continue
        one = (at if isinstance(step.change, DropColumn) else after(step, at)).column(name)
        if one is None or one.name in again or not twins(column, one):
            continue
        if isinstance(step.change, DropColumn):
            gone += [(step, one)] if deployment.existing(one.oid) else []
        elif in_key(table, column.name, deployment.released) != in_key(table, one.name, deployment.upgrades[-1].after):
            continue  # a key is no new name for what was none, nor the other way round
        elif not copied(steps, drop, table, one.name):
            made.append((step, one))
    revisions = {id(s): revision_of(deployment, s) for s, _ in (*gone, *made)}
    own = revisions.get(id(drop))
    here = [m for m in made if revisions[id(m[0])] == own]
    if here:
        gone, made = [g for g in gone if revisions[id(g[0])] == own], here
    if len(made) == len(gone) and (here or len(made) == 1):
        return made[next((i for i, (s, _) in enumerate(gone) if s is drop), 0)]
    alike = [m for m in made if likeness(m[1].name, column.name) > ALIKE]
    return max(alike, key=lambda m: likeness(m[1].name, column.name)) if alike else (None, None)


def renewed(table: Table, steps: list[Step]) -> set[str]:
    """The names of columns that are added to a table and that it also loses: these are made anew, and not renamed."""
    added, lost = set[str](), set[str]()
    for step in steps:
        match step.change:
            case DropColumn(column=name) | AddColumn(column=ColumnDefinition(name=name)):
                at = table_named(step, step.change.table.name, step.change.table.schema)
                if at is not None and at.oid == table.oid and step.refusal is None:
                    (lost if isinstance(step.change, DropColumn) else added).add(name)
            case _:
                pass
    return added & lost


def in_key(table: Table, column: str, catalog: Catalog) -> bool:
    """Whether a column is in the table's primary key at that moment."""
    there = next((t for t in catalog.tables.values() if t.oid == table.oid != 0), table)
    return there.primary_key is not None and column in there.primary_key.columns


def likeness(one: str, other: str) -> float:
    """The share of letters that two names have in common: little where one is a short word in the other."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def renamed_table(
    drop: Step, change: DropTable, steps: list[Step], deployment: Deployment, ctx: Context
) -> Iterator[Finding]:
    """The finding for a dropped table that has a twin created in this deployment."""
    table = table_named(drop, change.table.name, change.table.schema)
    if table is None or not deployment.existing(table.oid) or not table.complete or not table.columns:
        return
    if empty(table, until(drop, steps)):
        return
    shape = {(c.name, c.type) for c in table.columns}
    for step in steps:
        if not isinstance(step.change, CreateTable) or step.refusal is not None:
            continue
        created = new_tables(step)
        twin = next((t for t in created if {(c.name, c.type) for c in t.columns} == shape and t.key != table.key), None)
        if twin is None or copied(steps, drop, table, None, into=twin.key):
            continue
        if filled(deployment, ctx, (), twin.key[1]):
            continue
        old, new = display(table.key, drop.before), display(twin.key, step.after)
        yield ctx.finding(
            f"{old} is dropped and {new} with the same columns is created: if that is a rename, its rows are lost.",
            origin=drop.statement.origin,
            sql=drop.statement.sql,
            revision=revision_of(deployment, drop),
            table=old,
            advice=(
                "If it is one, rename it, or copy the rows before the drop:\n"
                f"op.rename_table({python(change.table.name)}, {python(twin.key[1])}{schema_argument(change.table)})"
            ),
        )
        return


def twins(old: Column, new: Column) -> bool:
    """Whether a column could be another under a new name."""
    return old.type == new.type and new.generated is None and old.generated is None


def copied(steps: list[Step], drop: Step, table: Table, column: str | None, into: Key | None = None) -> bool:
    """Whether data is written to the new column (or table) before the old one is dropped."""
    for step in steps:
        if step is drop:
            return False
        match step.change:
            case Update() if column is not None:
                at = table_named(step, step.change.table.name, step.change.table.schema)
                taken = {c for c, value in step.change.assignments if value.constant is None and not value.is_null}
                if at is not None and at.oid == table.oid and column in taken:
                    return True
            case Insert() | CreateTable() if into is not None and step.change.query is not None:
                if step.change.table.name == into[1] and reads(step.change.query, table, step):
                    return True
            case _:
                pass
    return False


def until(drop: Step, steps: list[Step]) -> Iterator[Step]:
    """The steps before one."""
    return takewhile(lambda step: step is not drop, steps)


def filled(deployment: Deployment, ctx: Context, names: tuple[str, ...], table: str) -> bool:
    """Whether the deployment fills a column, or a table, row by row in a loop."""
    scripts = ctx.lookup.scripts if ctx.lookup is not None else {}
    return any(
        writes_in_loop(scripts[trace.revision], trace, names, table)
        for trace in deployment.upgrades
        if trace.revision in scripts
    )


def reads(query: Query, table: Table, step: Step) -> bool:
    """Whether a query reads a table."""
    return any((t := table_named(step, n.name, n.schema)) is not None and t.oid == table.oid for n in query.relations)


def table_named(step: Step, name: str, schema: str | None) -> Table | None:
    """The table of that name before a step."""
    path = (schema,) if schema else (*step.before.search_path, step.before.default_schema)
    return next((t for s in path if (t := step.before.tables.get((s, name))) is not None), None)


def after(step: Step, table: Table) -> Table:
    """The same table after the step."""
    return step.after.tables.get(table.key, table)


def new_tables(step: Step) -> list[Table]:
    """The tables that a step created."""
    assert isinstance(step.change, CreateTable)
    path = (
        (step.change.table.schema,)
        if step.change.table.schema
        else (*step.after.search_path, step.after.default_schema)
    )
    made = (step.after.tables.get((s, step.change.table.name)) for s in path)
    return [t for t in made if t is not None and t.oid >= step.before.next_oid]


def revision_of(deployment: Deployment, step: Step) -> str | None:
    """The revision that a step belongs to."""
    return next((t.revision for t in deployment.upgrades if any(s is step for s in t.steps())), None)
