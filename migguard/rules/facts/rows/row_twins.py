"""What tells that no two rows of a table share a key when a unique index over it is made."""

from collections.abc import Iterator

from migguard.catalog.schema import Index, Table
from migguard.changes import Delete, DropConstraint, DropIndex, Update
from migguard.rules.facts.rows.dropped_restrictions import of_index
from migguard.rules.facts.rows.restrictions import all_new, is_new, left_out, made_with, table_named, written_here
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.frame import StepContext
from migguard.sql.self_reads import reads_itself


def once_there(table: Table, ctx: StepContext) -> Iterator[Index]:
    """The indexes that an earlier step of this deployment had made, and another has dropped again."""
    for step in before_this(ctx):
        if isinstance(step.change, DropIndex | DropConstraint) and step.refusal is None:
            for there in step.before.tables.values():
                if there.oid == table.oid:
                    yield from there.indexes


def sorted_out(index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether an earlier DELETE or UPDATE of this deployment compared the rows of the table with each other."""
    columns = of_index(index)
    for step in before_this(ctx):
        done = step.change
        if not isinstance(done, Delete | Update) or step.refusal is not None:
            continue
        there = table_named(step.before, done.table)
        if there is None or there.oid != table.oid:
            continue
        if isinstance(done, Update) and not columns & {c for c, _ in done.assignments}:
            continue
        if reads_itself(step.statement.sql, done.table.name, step.before.server.engine):
            return True
    return False


def apart(index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether no two rows can share a key yet: one of the columns is new, and nothing put one value into all rows."""
    new = [c for n in sorted(of_index(index)) if (c := table.column(n)) is not None and is_new(c, ctx)]
    if any(not written_here(c, table, ctx) for c in left_out(index, table, ctx)):
        return True
    if not all_new(of_index(index), table, ctx):
        return bool(new) and any(made_with(c, ctx) is None and not written_here(c.name, table, ctx) for c in new)
    if index.where is not None:
        return True
    made = [made_with(c, ctx) for c in new]
    same = [default for default in made if default is not None and default.constant is not None]
    return len(same) < len(new) or any(written_here(c.name, table, ctx) for c in new)
