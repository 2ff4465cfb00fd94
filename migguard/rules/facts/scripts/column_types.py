"""The types that the replay saw of columns which a script makes with a type of the application's."""

import ast
from collections.abc import Iterable, Iterator

from migguard.changes import AddColumn, AlterColumnType, ColumnDefinition, CreateTable, DataType
from migguard.rules.facts.advice.recipe_types import python_type
from migguard.rules.facts.scripts.imported_names import TYPED
from migguard.rules.facts.scripts.script_places import dotted
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script
from migguard.trace import RevisionTrace


def seen(script: Script, name: str, trace: RevisionTrace) -> str | None:
    """The type as Python that all columns have which the script gives an imported type; None where that is not known.

    Types that were stood in for have names that are not the server's own.
    """
    columns = set(typed(script.nodes, name))
    types = [kind for column, kind in made(trace) if column in columns]
    spelled = {python_type(kind) for kind in types if kind is not None}
    return spelled.pop() if len(spelled) == 1 and None not in types else None


def typed(nodes: Iterable[ast.AST], name: str) -> Iterator[str]:
    """The columns to which a script gives a type of that name."""
    for node in nodes:
        if isinstance(node, ast.Call) and called(node) in TYPED and len(node.args) > 1:
            first, kind = node.args[0], node.args[1]
            kind = kind.func if isinstance(kind, ast.Call) else kind
            same = dotted(kind, {}).rpartition(".")[2] == name.rpartition(".")[2]
            if same and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def made(trace: RevisionTrace) -> Iterator[tuple[str, DataType | None]]:
    """The columns that a revision makes or changes, with their types."""
    for step in trace.steps():
        columns: tuple[ColumnDefinition, ...] = ()
        match step.change:
            case CreateTable():
                columns = step.change.columns
            case AddColumn():
                columns = (step.change.column,)
            case AlterColumnType():
                yield step.change.column, step.change.type
            case _:
                pass
        yield from ((column.name, column.type) for column in columns)
