"""A foreign key or CHECK that the deployment drops and adds again as it was, and that could have stayed."""

import ast
from collections.abc import Iterator

from migguard.catalog.copying import replace
from migguard.catalog.lookup import relation_key
from migguard.catalog.rename import mentions
from migguard.catalog.schema import ConstraintKind, ConstraintState, Key, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    Comment,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Engine,
    Grant,
    Name,
    Nothing,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    Select,
    SetDefault,
    SetNullable,
    SetVariable,
    TransactionControl,
    Update,
    ValidateConstraint,
)
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.restrictions import former
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.facts.scripts.filling_loops import reading_of
from migguard.rules.frame import StepContext, table_at
from migguard.source import Script
from migguard.trace import Certainty, Outcome, Step

BESIDE = (
    AddColumn
    | AddConstraint
    | Comment
    | CreateIndex
    | DropColumn
    | DropConstraint
    | DropIndex
    | Grant
    | Nothing
    | RenameColumn
    | RenameConstraint
    | RenameIndex
    | RenameTable
    | Select
    | SetDefault
    | SetNullable
    | SetVariable
    | TransactionControl
    | ValidateConstraint
)
"""What PostgreSQL does beside a foreign key or CHECK that stays, but for what that itself rests on
(https://www.postgresql.org/docs/current/sql-altertable.html)."""

REPEATING = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Lambda,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)
"""What may run a statement more than once."""


def left_in_place(change: AddConstraint, table: Table, ctx: StepContext) -> str | None:
    """The advice to leave the constraint that is added as it was; None where something may need it to be away."""
    old = as_it_was(change, table, ctx)
    drop = dropping(old, ctx) if old is not None else None
    if old is None or drop is None:
        return None
    past, written = False, False
    for step in before_this(ctx):
        if past and beside_its_columns(step, old, table, ctx, again=written):
            written = written or bool(assigned(step) & columns_of(old, table))
        elif past and needs_it_away(step, old.references, table):
            return None
        past = past or step is drop
    if any(unseen_between(drop, ctx)):
        return None
    name = change.constraint.name
    return (
        f"Leave {name} in place: what is done between {place(drop, ctx)} and here does not need it away on PostgreSQL."
    )


def as_it_was(change: AddConstraint, table: Table, ctx: StepContext) -> ConstraintState | None:
    """The constraint that the added one is, name and all: a released one, or one that the deployment has dropped."""
    then = ctx.after.tables.get(table.key)
    new = then.constraint(change.constraint.name) if then is not None and change.constraint.name is not None else None
    if new is None or ctx.before.server.engine is not Engine.POSTGRESQL:
        return None
    olds = former(table, table, ctx).constraints
    found = next((c for c in olds if replace(c, named=new.named, comment=new.comment) == new and not c.inherited), None)
    return found if found is not None else made_here(new, table, ctx)


def made_here(new: ConstraintState, table: Table, ctx: StepContext) -> ConstraintState | None:
    """The constraint that a revision of the deployment made, and one dropped before this step, where that is the new
    one: of the same columns, and over the same key."""
    found = None
    for step in before_this(ctx):
        change = step.change
        if isinstance(change, DropConstraint) and change.name == new.name and step.refusal is None:
            there = table_at(relation_key(step.before, change.table), step.before)
            old = there.constraint(new.name) if there is not None and there.oid == table.oid != 0 else None
            if there is None or old is None:
                continue
            alike = replace(old, named=new.named, comment=new.comment) == new and not old.inherited
            other, now = (c.tables.get(new.references) if new.references else None for c in (step.before, ctx.before))
            beneath = new.rests_on == old.rests_on and (other.oid if other else 0) == (now.oid if now else 0)
            today = {c.name: c.oid for c in table.columns}
            kept = all(today.get(c.name, c.oid) == c.oid for c in there.columns)
            found = old if alike and beneath and kept else None
    return found


def dropping(old: ConstraintState, ctx: StepContext) -> Step | None:
    """The step that drops a released constraint."""
    found = None
    for step in before_this(ctx):
        change = step.change
        if isinstance(change, DropConstraint) and not step.refusal and step.statement.certainty is Certainty.RAN:
            there = table_at(relation_key(step.before, change.table), step.before)
            dropped = there.constraint(change.name) if there is not None and change.name is not None else None
            found = step if dropped is not None and dropped.oid == old.oid != 0 else found
    return found


def beside_its_columns(step: Step, old: ConstraintState, table: Table, ctx: StepContext, *, again: bool) -> bool:
    """Whether it is an UPDATE of the table that a constraint lets through: of other columns, or of a CHECK's, once.

    The CHECK holds when it is added again, so every row passes it as soon as its columns have their last values.
    """
    change = step.change
    if not isinstance(change, Update) or not change.assignments or step.statement.certainty is not Certainty.RAN:
        return False
    there = table_at(relation_key(step.before, change.table), step.before)
    if there is None or there.oid != table.oid or old.references == table.key:
        return False
    if not assigned(step) & columns_of(old, table):
        return True
    return old.kind is ConstraintKind.CHECK and not again and runs_once(step, ctx)


def assigned(step: Step) -> set[str]:
    """The columns that an UPDATE writes."""
    return {column for column, _ in step.change.assignments} if isinstance(step.change, Update) else set()


def columns_of(old: ConstraintState, table: Table) -> set[str]:
    """The columns that a constraint rests on: all of its table where it names none."""
    names = {c.name for c in table.columns}
    return {*old.columns, *(n for n in names if mentions(old.expression, n))} or names


def runs_once(step: Step, ctx: StepContext) -> bool:
    """Whether a statement certainly reaches no row twice: it stands in `upgrade` itself, and in no loop."""
    origin, revision = step.statement.origin, ctx.known.transactions.revision(step.statement)
    script = ctx.known.scripts.get(revision)
    if origin is None or script is None or step.statement.executions != 1 or origin.path != script.path:
        return False
    around = [
        n for n in script.nodes if isinstance(n, REPEATING) and n.lineno <= origin.line <= (n.end_lineno or n.lineno)
    ]
    return all(isinstance(n, ast.FunctionDef) and n.name == "upgrade" for n in around) and len(around) == 1


def unseen_between(drop: Step, ctx: StepContext) -> Iterator[bool]:
    """Whether what a replay does not see may write rows between a step and this one: a loop over rows of which none
    was there, or a part of a script that did not run."""
    revision = ctx.known.transactions.revision
    first, last = (revision(step.statement) for step in (drop, ctx.step))
    begun = False
    for trace in ctx.deployment.upgrades:
        begun = begun or trace.revision == first
        script = ctx.known.scripts.get(trace.revision)
        if begun:
            yield script is None or script.tree is None or trace.outcome is not Outcome.FULL
        if begun and script is not None and script.tree is not None:
            after = line_in(drop, script) if trace.revision == first else None
            until = line_in(ctx.step, script) if trace.revision == last else None
            lines = {s.origin.line for s in trace.statements if s.origin is not None and s.origin.path == script.path}
            for over, *body in reading_of(script.tree, trace.direction.value).loops():
                yield not ran(body, lines) and not outside(over, script, after, until)
        if trace.revision == last:
            return


def line_in(step: Step, script: Script) -> int | None:
    """The line of a script's own `upgrade` in which a step is called."""
    origin = step.statement.origin
    return (
        origin.line if origin is not None and origin.path == script.path and in_upgrade(origin.line, script) else None
    )


def in_upgrade(line: int, script: Script) -> bool:
    """Whether a line stands in `upgrade`, which runs from its first line to its last."""
    found = (n for n in script.nodes if isinstance(n, ast.FunctionDef) and n.name == "upgrade")
    return any(n.lineno <= line <= (n.end_lineno or n.lineno) for n in found)


def ran(body: list[ast.AST], lines: set[int]) -> bool:
    """Whether a statement of a loop's body was seen."""
    nodes = (n for part in body for n in ast.walk(part) if isinstance(n, ast.Call))
    return any(n.lineno <= line <= (n.end_lineno or n.lineno) for n in nodes for line in lines)


def outside(over: ast.AST, script: Script, after: int | None, until: int | None) -> bool:
    """Whether a loop is certainly turned before one line of `upgrade` or behind another."""
    line = getattr(over, "lineno", 0)
    if not in_upgrade(line, script):
        return False
    return (after is not None and line < after) or (until is not None and line > until)


def needs_it_away(step: Step, references: Key | None, table: Table) -> bool:
    """Whether a step may be what a constraint is dropped for: rows that it forbids, a type, or what is not read."""
    if isinstance(step.change, BESIDE):
        return False
    name = getattr(step.change, "table", None)
    there = table_at(relation_key(step.before, name), step.before) if isinstance(name, Name) else None
    other = step.before.tables.get(references) if references is not None else None
    if there is None or there.oid == table.oid:
        return True
    return references is not None and (other is None or there.oid == other.oid)
