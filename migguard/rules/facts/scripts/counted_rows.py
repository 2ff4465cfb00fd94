"""What a line of a script knows of a table's rows, because it runs only if a count of them came out so."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

from migguard.catalog.schema import ConstraintKind, Table
from migguard.changes import Engine, Insert, Merge, Select
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.facts.scripts.schema_conditions import Function, blocks, spans
from migguard.rules.frame import StepContext
from migguard.sql.evaluate import Relation, evaluate
from migguard.sql.query_values import CannotEvaluate
from migguard.trace import Step

FEW = (0, 1, 2, 3)
MANY = (10, 1_000, 100_000, 10_000_000, 10_000_000_000)
"""Numbers of rows that are tried: these where a query gives back just how many there are."""

LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
ROWS = frozenset({"execute", "exec_driver_sql"})
FIRST = frozenset({"fetchone", "first", "one", "one_or_none"})
VALUE = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})
ALL = frozenset({"fetchall", "all"})
FUNCTIONS: dict[str, Callable[[Any], Any]] = {"len": len, "int": int, "bool": bool}
COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}

Guard = tuple[ast.expr, bool]
"""A condition, and what it was when the line ran."""


class Unanswered(Exception):
    """The condition asks for more than the rows of the one query."""


def counted_empty(table: Table, ctx: StepContext) -> bool:
    """Whether the step runs only where the script has counted no row in the table, and nothing was put in since."""
    return any(runs_with(test, taken, table, ctx, empty=True) for test, taken in guards(ctx))


def without_rows(table: Table, ctx: StepContext) -> bool:
    """The same, also by the rows that those of the table must refer to."""
    filled = {c.name for c in table.columns if not c.nullable and c.not_null_valid}
    parents = (
        ctx.before.tables.get(k.references)
        for k in table.constraints
        if k.kind is ConstraintKind.FOREIGN and k.valid and k.enforced and k.references and filled.issuperset(k.columns)
    )
    return counted_empty(table, ctx) or any(p is not None and counted_empty(p, ctx) for p in parents)


def counted_few(ctx: StepContext) -> Table | None:
    """The table of whose rows the script has counted how many there are, and which decides whether the step runs."""
    found = list(guards(ctx))
    for table in ctx.before.tables.values() if found else ():
        if ctx.existing(table.key) and any(runs_with(t, k, table, ctx, empty=False) for t, k in found):
            return table
    return None


def runs_with(test: ast.expr, taken: bool, table: Table, ctx: StepContext, *, empty: bool) -> bool:
    """Whether a condition comes out as it did with no row only (`empty`), or with some numbers of rows only."""
    asked = [(call, step) for call, step in questions(test, table, ctx)]
    if len(asked) != 1:
        return False
    call, step = asked[0]
    if empty and written_since(step, table, ctx):
        return False
    answers = results(step, ctx.before.server.engine)
    try:
        found = {n: bool(value(test, call, rows, ctx)) is taken for n, rows in answers.items()}
    except Unanswered:
        return False
    hits = {n for n, hit in found.items() if hit}
    return hits == {0} if empty else bool(hits) and hits != set(found)


def guards(ctx: StepContext) -> Iterator[Guard]:
    """The conditions under which the line of the step runs, in its function."""
    origin = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if origin is None or script is None or origin.path != script.path:
        return
    for node in script.nodes:
        if isinstance(node, Function) and spans(node, origin.line):
            yield from held(node.body, origin.line)


def held(body: list[ast.stmt], line: int) -> Iterator[Guard]:
    """The conditions that hold at a line of a block: of what stands around it, and of what would have left before."""
    for statement in body:
        if not spans(statement, line):
            before = isinstance(statement, ast.If) and statement.lineno < line and not statement.orelse
            if before and isinstance(statement, ast.If) and isinstance(statement.body[-1], LEAVING):
                yield statement.test, False
            continue
        if isinstance(statement, ast.If):
            yield from ((statement.test, inner is statement.body) for inner in blocks(statement) if around(inner, line))
        for inner in blocks(statement):
            yield from held(inner, line)


def around(body: list[ast.stmt], line: int) -> bool:
    """Whether a line is one of a block's."""
    return any(spans(statement, line) for statement in body)


def questions(test: ast.expr, table: Table, ctx: StepContext) -> Iterator[tuple[ast.Call, Step]]:
    """The calls behind a condition that ran a query over all rows of the table and of no other, with its step."""
    named = [assigned(node.id, ctx) for node in ast.walk(test) if isinstance(node, ast.Name)]
    for part in (test, *{id(made): made for made in named if made is not None}.values()):
        for call in ast.walk(part):
            if isinstance(call, ast.Call) and called(call) in ROWS | {"scalar"} and call.args:
                step = next(iter(ran(call, ctx)), None)
                if step is not None and isinstance(step.change, Select):
                    query = step.change.query
                    if len(query.relations) == 1 and is_of(query.relations[0], table, step):
                        yield call, step


def ran(call: ast.Call, ctx: StepContext) -> Iterator[Step]:
    """The queries that ran in the lines of a call, before the step."""
    lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        if step is ctx.step:
            return
        origin, mine = step.statement.origin, ctx.step.statement.origin
        if isinstance(step.change, Select) and origin and mine and origin.path == mine.path and origin.line in lines:
            yield step


def assigned(name: str, ctx: StepContext) -> ast.expr | None:
    """The one value that the script gives a name."""
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    stored = [n for n in (script.nodes if script is not None else ()) if isinstance(n, (ast.Assign, ast.AnnAssign))]
    names = [n for n in (script.nodes if script is not None else ()) if isinstance(n, ast.Name) and n.id == name]
    if sum(isinstance(n.ctx, ast.Store) for n in names) != 1:
        return None
    for node in stored:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(t, ast.Name) and t.id == name for t in targets):
            return node.value
    return None


def written_since(asked: Step, table: Table, ctx: StepContext) -> bool:
    """Whether a later step of the deployment put rows into the table."""
    since = False
    for step in before_this(ctx):
        if since and isinstance(step.change, Insert | Merge) and is_of(step.change.table, table, step):
            return True
        since = since or step is asked
    return False


def results(step: Step, engine: Engine) -> dict[int, list[tuple[Any, ...]]]:
    """What the query gives back for so many rows; empty where that cannot be told."""
    query = step.change.query if isinstance(step.change, Select) else None
    found: dict[int, list[tuple[Any, ...]]] = {}
    for number in FEW if query is not None else ():
        assert query is not None
        rows = Relation((), [{} for _ in range(number)])
        try:
            answer = evaluate(query.text, None, engine, {query.relations[0]: rows}.get, no_function)
        except CannotEvaluate:
            return {}
        found[number] = [tuple(row) for row in answer.rows]
    if found and all(rows == [(number,)] and not isinstance(rows[0][0], bool) for number, rows in found.items()):
        found |= {number: [(number,)] for number in MANY}
    return found


def no_function(name: str, _: list[Any]) -> Any:
    """No function is known here."""
    raise CannotEvaluate(name)


def value(node: ast.expr, call: ast.Call, rows: list[tuple[Any, ...]], ctx: StepContext) -> Any:
    """What an expression is where the call gave those rows."""

    def of(part: ast.expr) -> Any:
        return value(part, call, rows, ctx)

    match node:
        case ast.Call() if node is call:
            return (rows[0][0] if rows else None) if called(call) == "scalar" else rows
        case ast.Call(func=ast.Attribute(value=inner, attr=name)) if not node.args:
            got = of(inner)
            if name in ALL or got is None:
                return got
            if name in FIRST | VALUE and isinstance(got, list):
                first = got[0] if got else None
                return first if name in FIRST or first is None else first[0]
        case ast.Call(func=ast.Name(id=name), args=[only]) if name in FUNCTIONS:
            return tried(FUNCTIONS[name], of(only))
        case ast.Subscript(value=inner, slice=ast.Constant(value=int(place))):
            return tried(operator.getitem, of(inner), place)
        case ast.Constant():
            return node.value
        case ast.Name():
            made = assigned(node.id, ctx)
            if made is not None:
                return of(made)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not of(inner)
        case ast.BoolOp(values=[left, ast.Constant() as right]):
            return (of(left) and right.value) if isinstance(node.op, ast.And) else (of(left) or right.value)
        case ast.Compare(left=left, ops=[compared], comparators=[right]) if type(compared) in COMPARED:
            return tried(COMPARED[type(compared)], of(left), of(right))
        case _:
            pass
    raise Unanswered


def tried(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives, where it does."""
    try:
        return function(*arguments)
    except (TypeError, ValueError, LookupError):
        raise Unanswered from None


def called(call: ast.Call) -> str:
    """The name of what a call calls."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
