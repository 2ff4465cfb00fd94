"""Expand and contract: which phase a revision says it belongs to, and which one an operation belongs to."""

from __future__ import annotations

import ast
import re
from enum import StrEnum

from migguard.catalog.lookup import table_key
from migguard.catalog.types import loses
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateView,
    Delete,
    DropColumn,
    DropFunction,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    Insert,
    Merge,
    RenameColumn,
    RenameEnumValue,
    RenameTable,
    SetNullable,
    SetSchema,
    Truncate,
    Update,
)
from migguard.trace import Deployment, Step


class Phase(StrEnum):
    """The three phases of a change that old and new code live through together."""

    EXPAND = "expand"
    MIGRATE = "migrate"
    CONTRACT = "contract"


WORDS = {
    "expand": Phase.EXPAND,
    "migrate": Phase.MIGRATE,
    "data": Phase.MIGRATE,
    "backfill": Phase.MIGRATE,
    "contract": Phase.CONTRACT,
}
WRITTEN = re.compile(r"^\s*phase:\s*(\w+)", re.IGNORECASE | re.MULTILINE)

EXPANDING = (
    AddColumn,
    AddEnumValue,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateView,
)
CONTRACTING = (
    DropColumn,
    DropFunction,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    RenameColumn,
    RenameEnumValue,
    RenameTable,
    SetSchema,
    Truncate,
)
MIGRATING = (Delete, Insert, Merge, Update)


def phase_of_script(tree: ast.Module | None, labels: frozenset[str]) -> Phase | None:
    """The phase that a revision declares: `Phase: …` in its docstring, else a branch label that is a phase's name."""
    text = ast.get_docstring(tree) if tree is not None else None
    written = WRITTEN.search(text) if text else None
    if written is not None:
        return WORDS.get(written[1].lower())
    return next((WORDS[label.lower()] for label in sorted(labels) if label.lower() in WORDS), None)


def phase_of_step(step: Step, deployment: Deployment) -> Phase | None:
    """The phase that an operation belongs to; None for one that any phase may do, and for what is new here anyway."""
    change = step.change
    name = getattr(change, "table", None)
    key = table_key(step.before, name) if name is not None else None
    if key is not None and key in step.before.tables and not deployment.existing_table(key, step.before):
        return None
    match change:
        case SetNullable():
            return None if change.nullable else Phase.CONTRACT
        case AlterColumnType():
            table = step.before.tables.get(key) if key is not None else None
            column = table.column(change.column) if table is not None else None
            lost = column is None or column.type is None or loses(column.type, change.type, step.before)
            return Phase.CONTRACT if lost else Phase.EXPAND
        case AddConstraint():
            return Phase.CONTRACT
        case CreateIndex():
            return Phase.CONTRACT if change.unique else None
        case _:
            if isinstance(change, EXPANDING):
                return Phase.EXPAND
            if isinstance(change, CONTRACTING):
                return Phase.CONTRACT
            return Phase.MIGRATE if isinstance(change, MIGRATING) else None
