"""Tables that are emptied so that a NOT NULL column without a default, or a constraint, can be added: what running code
puts in between makes that fail."""

from collections.abc import Collection, Iterator
from itertools import dropwhile

from migguard.catalog.lookup import domain_of
from migguard.catalog.schema import Catalog, Column, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    Check,
    CreateIndex,
    ForeignKey,
    Name,
    PrimaryKey,
    SetNullable,
    Unique,
)
from migguard.rules.facts.locks.kept_out import kept_out_since
from migguard.rules.facts.rows.nulls import is_of, taken_out
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.frame import MYSQL_FAMILY, POSTGRESQL, Lookup, StepContext
from migguard.trace import Certainty, Step


def required(change: AddColumn, table: Table, before: Catalog, after: Catalog) -> Column | None:
    """The column that a step adds, where a row that is there has no value for it."""
    column = change.column
    now = after.tables.get(table.key)
    made = now.column(column.name) if now is not None else None
    domain = domain_of(before, column.type) if column.type is not None else None
    if made is None or table.column(column.name) is not None:
        return None
    if made.nullable and not (domain is not None and domain.not_null):
        return None
    filled = column.default is not None and not column.default.is_null
    if filled or made.identity or made.serial or made.generated is not None:
        return None
    return None if domain is not None and domain.default is not None else made


def needs_no_rows(step: Step, table: Table) -> bool:
    """Whether a step adds such a column to the table."""
    change = step.change
    if not isinstance(change, AddColumn) or step.refusal is not None or not is_of(change.table, table, step):
        return False
    there = table_named(step.before, change.table)
    return there is not None and required(change, there, step.before, step.after) is not None


def columns_after(table: Table, step: Step, lookup: Lookup) -> list[Step]:
    """The steps that add such columns after a step; MySQL and MariaDB fill them themselves."""
    if step.before.server.engine in MYSQL_FAMILY:
        return []
    return [s for s in run_after(step, lookup) if needs_no_rows(s, table)]


def demand_after(table: Table, step: Step, lookup: Lookup) -> Step | None:
    """The first step after a step that a row can make fail: it reads them all for NOT NULL, a constraint or a key."""
    return next((s for s in run_after(step, lookup) if demands(s, table, lookup)), None)


def keys_after(table: Table, step: Step, lookup: Lookup) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """The steps after a step that make a unique key of the table, each with the columns of it."""
    for later in run_after(step, lookup):
        match later.change:
            case AddConstraint(table=name, constraint=PrimaryKey() | Unique() as key):
                columns = key.columns
            case CreateIndex(table=name, unique=True, elements=elements):
                columns = tuple(e.column for e in elements if e.column is not None)
            case AddColumn(table=name, constraints=given):
                columns = next((c.columns for c in given if isinstance(c, PrimaryKey | Unique)), ())
            case _:
                continue
        if columns and is_of(name, table, later):
            yield later, columns


def wanted_after(columns: Collection[str], table: Table, step: Step, lookup: Lookup) -> Step | None:
    """The first step after a step that a row with other values in such columns can make fail: NOT NULL, a key, or a
    constraint that is valid at once."""
    keys = {id(s) for s, key in keys_after(table, step, lookup) if not {*columns}.isdisjoint(key)}
    for later in run_after(step, lookup):
        match later.change:
            case SetNullable(table=name, column=column, nullable=False) if column in columns:
                wanted = is_of(name, table, later) and may_be_null(name, column, later)
            case AddConstraint(table=name, constraint=Check() | ForeignKey() as constraint):
                wanted = is_of(name, table, later) and at_once(constraint, columns, table, lookup)
            case _:
                wanted = id(later) in keys
        if wanted:
            return later
    return None


def may_be_null(name: Name, column: str, step: Step) -> bool:
    """Whether a column can have a NULL before a step: one that is NOT NULL already can be made so again."""
    there = table_named(step.before, name)
    known = there.column(column) if there is not None else None
    return known is None or known.nullable


def at_once(constraint: Check | ForeignKey, columns: Collection[str], table: Table, lookup: Lookup) -> bool:
    """Whether a constraint that is added valid asks something of the columns; a CHECK over new ones is true of the NULL
    that running code leaves in them, unless it asks for that."""
    asked = {*asked_by(constraint)}
    if constraint.not_valid or not constraint.enforced or asked.isdisjoint(columns):
        return False
    known = [c for c in table.columns if c.name in asked]
    if isinstance(constraint, ForeignKey) or any(lookup.deployment.existing(c.oid) for c in known) or not known:
        return True
    return any(c.operator == "is not null" for c in constraint.expression.conditions)


def asked_by(constraint: Check | ForeignKey) -> Iterator[str]:
    """The columns of which a constraint asks something."""
    if isinstance(constraint, ForeignKey):
        yield from constraint.columns
    else:
        yield from (r.name for r in constraint.expression.references if r.kind == "column")


def run_after(step: Step, lookup: Lookup) -> Iterator[Step]:
    """The steps of the deployment that run after a step."""
    after = dropwhile(lambda one: one is not step, lookup.deployment.steps())
    return (s for s in after if s is not step and s.statement.certainty is Certainty.RAN and s.refusal is None)


def demands(step: Step, table: Table, lookup: Lookup) -> bool:
    """Whether a step asks something of every row of the table."""
    change = step.change
    if not isinstance(change, AddConstraint | SetNullable | CreateIndex) or not is_of(change.table, table, step):
        return False
    if (isinstance(change, SetNullable) and change.nullable) or (isinstance(change, CreateIndex) and not change.unique):
        return False
    there = table_named(step.before, change.table)
    return there is not None and lookup.effect(step).grows_with(there.key)


def open_since(table: Table, ctx: StepContext) -> Step | None:
    """The step that emptied the table, where other sessions can put rows in until this one has its lock.

    None where the transaction has kept them out since then, and after an earlier column that fails in this one's place.
    """
    if ctx.before.server.engine not in POSTGRESQL:
        return None
    since: Step | None = None
    for step in ctx.deployment.steps():
        if step is ctx.step:
            break
        if taken_out(step, table):
            since = step
        elif since is not None and needs_no_rows(step, table):
            return None
    return None if since is None or kept_out_since(table, since, ctx) else since
