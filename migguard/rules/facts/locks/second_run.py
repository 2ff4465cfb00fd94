"""What happens when a revision that stopped half-way is run again on what it left."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from migguard.catalog.apply import apply
from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog
from migguard.catalog.tables import BATCH_PREFIX
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Check,
    CreateIndex,
    CreateTable,
    Delete,
    ForeignKey,
    Insert,
    Merge,
    ModifyColumn,
    Name,
    Nothing,
    NotNull,
    Opaque,
    PrimaryKey,
    Select,
    SetNullable,
    SetVariable,
    TransactionControl,
    Unique,
    Unknown,
    Update,
    ValidateConstraint,
)
from migguard.rules.facts.scripts.schema_conditions import Conditions
from migguard.source import Script
from migguard.trace import Certainty, RevisionTrace, Statement, Step

if TYPE_CHECKING:
    from migguard.rules.frame import Lookup

NO_DDL = (SetVariable, TransactionControl, Select, Nothing, Insert, Update, Delete, Merge, Unknown)
"""Changes that are no schema changes."""


def schema_changes(statement: Statement) -> list[Step]:
    """The steps of a statement that change the schema; what a block runs under a condition asks for itself."""
    found: list[Step] = []
    conditional: set[int] = set()
    for step in statement.steps:
        if isinstance(step.change, Opaque):
            if step.change.conditional:
                conditional |= {id(s.statement) for s in statement.steps if s.statement is not statement}
        elif not isinstance(step.change, NO_DDL) and id(step.statement) not in conditional and step.refusal is None:
            found.append(step)
    return found


def units(trace: RevisionTrace, script: Script | None) -> list[list[Step]]:
    """A revision's schema changes by statement; those of one batch block on one table are one."""
    batches = batch_blocks(script)
    found: list[list[Step]] = []
    last: object = None
    for statement in trace.statements:
        steps = schema_changes(statement)
        if not steps or statement.certainty is Certainty.OTHER_BRANCH:
            continue
        line = statement.origin.line if statement.origin is not None else 0
        block = next((first for first, end in batches if first <= line <= end), None)
        key = (block, table_name(steps[0])) if block is not None else None
        if key is not None and key == last:
            found[-1] += steps
        else:
            found.append(steps)
        last = key
    return found


def table_name(step: Step) -> str:
    """The table that a change names; a batch copy stands for what it copies."""
    name = getattr(step.change, "table", None)
    return name.name.removeprefix(BATCH_PREFIX) if isinstance(name, Name) else ""


def batch_blocks(script: Script | None) -> list[tuple[int, int]]:
    """The lines of a script's `with op.batch_alter_table(…)` blocks."""
    if script is None or "batch_alter_table" not in script.text:
        return []
    return [
        (node.lineno, node.end_lineno or node.lineno)
        for node in script.nodes
        if isinstance(node, ast.With) and any(is_batch(item.context_expr) for item in node.items)
    ]


def is_batch(node: ast.expr) -> bool:
    """Whether an expression opens a batch."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "batch_alter_table"


def copies(unit: Sequence[Step]) -> bool:
    """Whether a batch block copied the table: the second run copies what it finds, so it is not refused."""
    return any(isinstance(s.change, CreateTable) and s.change.table.name.startswith(BATCH_PREFIX) for s in unit)


def refused_again(steps: Sequence[Step], left: Catalog, conditions: Conditions | None) -> Step | None:
    """The first of the steps that the server would refuse if they ran again on what is there by then."""
    catalog = left
    for step in steps:
        made = apply(catalog, step.change)
        if made.refusal is not None:
            if conditions is not None and conditions.guarded(step.statement.origin):
                continue
            return step
        catalog = made.catalog
    return None


def touches_existing(steps: Sequence[Step], lookup: Lookup) -> bool:
    """Whether one of the steps works on a table that was there before the deployment."""
    return any(lookup.deployment.existing_table(lock, step.before) for step in steps for lock in tables(step))


def tables(step: Step) -> Iterator[tuple[str, str]]:
    """The relations that a change names."""
    for part in ("table", "view", "index", "partition"):
        name = getattr(step.change, part, None)
        key = relation_key(step.before, name) if isinstance(name, Name) else None
        if key is not None:
            yield key
        elif isinstance(name, Name) and part == "index":
            owner = step.before.index_owner.get((name.schema or step.before.default_schema, name.name))
            if owner is not None:
                yield owner


def depends_on_data(step: Step) -> bool:
    """Whether the rows decide if the change succeeds."""
    match step.change:
        case CreateIndex(unique=unique):
            return unique
        case AddConstraint(constraint=constraint):
            return fails_on_rows(constraint)
        case AddColumn(constraints=constraints):
            return any(fails_on_rows(c) for c in constraints)
        case SetNullable(nullable=nullable):
            return not nullable
        case ModifyColumn(definition=definition):
            return definition.nullable is False
        case AlterColumnType() | ValidateConstraint():
            return True
        case _:
            return False


def fails_on_rows(constraint: object) -> bool:
    """Whether the rows decide if a constraint can be added."""
    if isinstance(constraint, (Check, ForeignKey, NotNull)):
        return not constraint.not_valid
    return isinstance(constraint, (Unique, PrimaryKey))
