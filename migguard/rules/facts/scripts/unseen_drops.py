"""Drops of keys that a script asks the database for, of a table that no revision made: a replay finds none to drop."""

import ast
from collections.abc import Iterator

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import Table
from migguard.changes import DropConstraint, DropIndex
from migguard.rules.facts.scripts.filling_loops import Reading, reading_of
from migguard.rules.facts.scripts.index_drops import constants_of
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.frame import StepContext

DROPS = frozenset({"drop_constraint", "drop_index"})
NO_KEYS = frozenset({"foreignkey", "check"})


def unseen_drop(table: Table, ctx: StepContext) -> int | None:
    """The last line before the step, in its script, that drops a key of the table which was not known in the replay."""
    place = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if table.complete or place is None or script is None or script.tree is None or ctx.trace is None:
        return None
    reading = reading_of(script.tree, ctx.trace.direction.value)
    lines = lines_of(table.key[1], reading, constants_of(script.tree))
    return max((line for line in lines if line < place.line), default=None) if not seen(table, ctx) else None


def seen(table: Table, ctx: StepContext) -> bool:
    """Whether the revision was seen to drop an index or constraint of the table before the step."""
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        if step is ctx.step:
            return False
        change = step.change
        if isinstance(change, DropConstraint) and table_key(step.before, change.table) == table.key:
            return True
        if isinstance(change, DropIndex) and table_of_index(step.before, change.index, change.table) == table.key:
            return True
    return False


def lines_of(table: str, reading: Reading, texts: dict[str, str]) -> Iterator[int]:
    """The lines of a script that drop a key of that table by a name which is not written there."""
    drops = [call for call in reading.calls(DROPS) if by_value(call, texts)]
    of_any = set[int]()  # those that do not say of which table
    for call in drops:
        own = written(given(call, 1, "table_name"), texts)
        if own == table:
            yield call.lineno
        elif own is None:
            of_any.add(id(call))
    for node in reading.nodes():
        match node:
            case ast.With(items=[ast.withitem(context_expr=ast.Call() as batch), *_]):
                if called(batch) == "batch_alter_table" and written(given(batch, 0, "table_name"), texts) == table:
                    yield from (n.lineno for n in ast.walk(node) if isinstance(n, ast.Call) and id(n) in of_any)
            case ast.Call(func=ast.Name(id=name)) if name in reading.functions:
                handed = {written(value, texts) for value in (*node.args, *(k.value for k in node.keywords))}
                if table in handed and any(id(n) in of_any for n in ast.walk(reading.functions[name])):
                    yield node.lineno
            case _:
                pass


def by_value(call: ast.Call, texts: dict[str, str]) -> bool:
    """Whether a drop is of a key whose name does not stand in the script."""
    index = called(call) == "drop_index"
    name = given(call, 0, "index_name" if index else "constraint_name")
    kind = written(given(call, 2, "type_"), texts) if not index else None
    return name is not None and written(name, texts) is None and kind not in NO_KEYS


def given(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """An argument of a call, by its place or name."""
    if len(call.args) > place:
        return call.args[place]
    return next((k.value for k in call.keywords if k.arg == name), None)


def written(node: ast.expr | None, texts: dict[str, str]) -> str | None:
    """A text that stands in the script; None for any other value."""
    if isinstance(node, ast.Name):
        return texts.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
