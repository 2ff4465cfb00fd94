"""What in a script makes an index or a unique constraint: a call of its own, or a part of a table or column."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migguard.catalog.schema import Index, Table
from migguard.rules.facts.advice.instead_of_imports import elsewhere
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.facts.scripts.where_named import naming
from migguard.rules.facts.scripts.written_values import Written, written
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed, python
from migguard.source import Script

WITH_COLUMNS = frozenset({"create_table", "add_column"})
ELEMENTS = frozenset({"Index", "UniqueConstraint", "PrimaryKeyConstraint"})
NAMES = ("index_name", "constraint_name")

PREFIXES = frozenset({"postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle"})
"""What the arguments of one engine begin with
(https://docs.sqlalchemy.org/en/20/core/constraints.html#sqlalchemy.schema.Index.params.dialect_kw)."""


def leave_out(index: Index, table: Table, ctx: StepContext) -> str:
    """The words that say what to leave out of the script of the step, so that the index is not made."""
    call = calling(ctx)
    if call is None or called(call) not in WITH_COLUMNS:
        made = "op.create_unique_constraint" if index.constraint is not None else "op.create_index"
        if call is not None and called(call).startswith("create_") and spells(call, index.name, script_of(ctx)):
            return f"Leave out {made}({python(index.name)}, {python(table.key[1])}, …)"
        named = next(making(index.name, ctx), None)
        if named is None:
            return f"Leave out what makes {index.name}{where_written(index.name, ctx)}"
        return f"Leave out {ast.unparse(named.func)}({python(index.name)}, …) in line {named.lineno}"
    found = next(parts(call, index), None)
    if found is None:
        return f"Leave out what makes {index.name} in the call of {called(call)}()"
    return f"Leave out {found[1]} in line {found[0].lineno}"


def spells(call: ast.Call, name: str, script: Script | None) -> bool:
    """Whether a call begins with the name, or with a constant that is it: none in a loop, none of the project's own."""
    first = next(iter((*call.args[:1], *(k.value for k in call.keywords if k.arg in NAMES))), None)
    if isinstance(first, ast.Call) and called(first) == "f" and first.args:
        first = first.args[0]
    if isinstance(first, ast.Name) and script is not None and script.tree is not None:
        values = (
            n.value for n in script.tree.body if isinstance(n, ast.Assign) and first.id in map(ast.unparse, n.targets)
        )
        first = next(values, first)
    return isinstance(first, ast.Constant) and first.value == name


def where_written(name: str, ctx: StepContext) -> str:
    """The line in which the name stands where the step's call does not spell it, as in a loop; ` here` for none."""
    origin, script = ctx.step.statement.origin, script_of(ctx)
    if origin is None or script is None:
        return " here"
    line, alone = naming(name, origin, script, "upgrade")
    return f" (its name stands in line {line})" if alone and line != origin.line else " here"


def making(name: str, ctx: StepContext) -> Iterator[ast.Call]:
    """The calls in the script, such as those of a batch, that make an index or a constraint of that name."""
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    for node in script.nodes if script is not None else ():
        if isinstance(node, ast.Call) and called(node).startswith("create_") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Call) and called(first) == "f" and first.args:
                first = first.args[0]
            if isinstance(first, ast.Constant) and first.value == name:
                yield node


def for_other_engines(name: str, ctx: StepContext) -> Iterator[Written]:
    """The arguments for other engines than the one at hand in the call that makes an index.

    Without those that no other script can have, since they are made of what this one is given.
    """
    call, script = creating(name, ctx), script_of(ctx)
    for keyword in of_others(call, ctx) if call is not None else ():
        value = written(keyword.value, script) if script is not None else None
        if value is not None:
            yield Written(f"{keyword.arg}={value.text}", value.names)


def of_others(call: ast.Call, ctx: StepContext) -> list[ast.keyword]:
    """The arguments of a call that are for other engines."""
    own = ctx.before.server.engine.value
    return [k for k in call.keywords if (prefix := (k.arg or "").partition("_")[0]) in PREFIXES and prefix != own]


def for_all_engines(name: str, ctx: StepContext) -> Written | None:
    """The keys of an index as the script has them, where they are expressions that each engine has its own SQL for.

    The text is empty where no other script can have them.
    """
    call, script = creating(name, ctx), script_of(ctx)
    if call is None or script is None or not (elsewhere(script) or of_others(call, ctx)):
        return None
    place = 2 if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "op" else 1
    keys = call.args[place] if len(call.args) > place else None
    keys = keys or next((k.value for k in call.keywords if k.arg == "columns"), None)
    if not isinstance(keys, ast.List | ast.Tuple):
        return None
    if all(isinstance(k, ast.Constant) or called(k) in ("text", "literal_column") for k in keys.elts):
        return None
    found = written(keys, script)
    return Written(found.text[1:-1].removesuffix(","), found.names) if found is not None else Written("")


def to_bring(several: Iterable[Written | None]) -> str:
    """Words on what a call has to be given where it stands in another script; empty where that is nothing."""
    found = [one for one in several if one is not None]
    names = dict(name for one in found for name in one.names)
    words = [f"with {listed(f'{name} as in line {at}' for name, at in names.items())}"] if names else []
    words += ["the expression is PostgreSQL's: other dialects need their own"] if any(not o.text for o in found) else []
    return f" ({'; '.join(words)})" if words else ""


def creating(name: str, ctx: StepContext) -> ast.Call | None:
    """The call of `create_index` that makes an index."""
    call = calling(ctx)
    if call is None or called(call) != "create_index":
        call = next((c for c in making(name, ctx) if called(c) == "create_index"), None)
    return call


def script_of(ctx: StepContext) -> Script | None:
    """The script that is run."""
    return ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None


def calling(ctx: StepContext) -> ast.Call | None:
    """The call in the script that the step comes of."""
    origin = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if origin is None or script is None or origin.path != script.path:
        return None
    for node in script.nodes:
        if isinstance(node, ast.Call) and (node.lineno, node.col_offset + 1) == (origin.line, origin.column):
            return node
    return None


def parts(call: ast.Call, index: Index) -> Iterator[tuple[ast.Call, str]]:
    """The columns of a call that are marked, and the elements beside them, that make an index over these columns."""
    columns = list(index.columns)
    marks = {"unique": index.unique and not index.primary, "index": index.constraint is None and not index.primary}
    for node in ast.walk(call):
        if not isinstance(node, ast.Call):
            continue
        texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
        if called(node) == "Column" and texts[:1] == columns:
            for keyword in node.keywords:
                if marks.get(keyword.arg or "") and not is_false(keyword.value):
                    yield node, f"{keyword.arg}={ast.unparse(keyword.value)} of the column {columns[0]}"
        elif makes(node, index) and texts[1 if called(node) == "Index" else 0 :] == columns:
            yield node, f"{ast.unparse(node.func)}({', '.join(ast.unparse(a) for a in node.args)}, …)"


def makes(element: ast.Call, index: Index) -> bool:
    """Whether an element of a table may make an index, by its kind and as far as its name is written out."""
    kind = called(element)
    fits = {"Index": index.constraint is None, "UniqueConstraint": index.unique and not index.primary}
    first = element.args[0] if kind == "Index" and element.args else None
    name = first or next((k.value for k in element.keywords if k.arg == "name"), None)
    other = isinstance(name, ast.Constant) and name.value is not None and name.value != index.name
    return fits.get(kind, kind in ELEMENTS and index.primary) and not other


def is_false(node: ast.expr) -> bool:
    """Whether an argument says no."""
    return isinstance(node, ast.Constant) and not node.value
