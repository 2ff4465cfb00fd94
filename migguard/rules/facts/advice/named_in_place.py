"""A constraint as a script has it, with a name: in the column that brings it along, else among the columns of its
table or as an operation. Written beside such a column it would be a second one, and the first still have no name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Key
from migguard.rules.facts.advice.constraint_calls import element, operation
from migguard.rules.facts.scripts.index_sources import is_false
from migguard.rules.facts.scripts.script_places import imports, spelled
from migguard.rules.facts.scripts.script_reach import Reach, called
from migguard.rules.frame import StepContext
from migguard.rules.wording import identifier, python
from migguard.source import Script

TAKING_COLUMNS = frozenset({"create_table", "add_column", "create", "create_all"})
"""Calls that are given columns, which a script may have written elsewhere."""

SENDING = frozenset({"execute", "exec_driver_sql"})

PARTS = {ConstraintKind.FOREIGN: "ForeignKey", ConstraintKind.CHECK: "CheckConstraint"}
"""What a column is given (https://docs.sqlalchemy.org/en/20/core/metadata.html#sqlalchemy.schema.Column.params.args)."""


def named_in_place(
    state: ConstraintState, name: str, key: Key, end: Catalog, ctx: StepContext, *, whole: bool
) -> list[str]:
    """The lines that name a constraint, by what the script imports; `whole` is it made with its table."""
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    beside = among_columns(state, name, script, end) if whole else [operation(state, name, key, end)]
    if script is None:
        return beside
    here = holder(script, ctx)
    if whole and isinstance(here, ast.Call) and called(here) not in TAKING_COLUMNS:
        return elsewhere(state, name, here, end)
    found = list(columns_of(script, here))
    for column in found:
        texts = [a for a in column.args if isinstance(a, ast.Constant)]
        if not {a.value for a in texts} & {*state.columns} and (state.columns or len(found) > 1):
            continue
        part = next((p for p in parts_of(column) if nameless(p, state.kind) and may_make(p, state)), None)
        if part is not None:
            kept = [*(source(a, script) for a in texts), "..."]
            typed = "type_=" if called(column) == "alter_column" else ""
            return [f"{ast.unparse(column.func)}({', '.join(kept)}, {typed}{with_name(part, name, script)})"]
        marked = any(k.arg == "unique" and not is_false(k.value) for k in column.keywords)
        if state.kind is ConstraintKind.UNIQUE and marked and len(state.columns) == 1:
            return [f"# instead of unique=True in the column {state.columns[0]}:", *beside]
    return beside


def holder(script: Script, ctx: StepContext) -> ast.Call | ast.With | None:
    """The call or `with` of the script that a step comes of."""
    origin = ctx.step.statement.origin
    if origin is None or origin.path != script.path:
        return None
    at = (origin.line, origin.column)
    return next(
        (n for n in script.nodes if isinstance(n, ast.Call | ast.With) and (n.lineno, n.col_offset + 1) == at), None
    )


def elsewhere(state: ConstraintState, name: str, here: ast.Call, end: Catalog) -> list[str]:
    """The name where the script has no columns: in SQL, or in a table that another module writes out."""
    if called(here) not in SENDING:
        return ["# where the table is written out:", element(state, name, end)]
    words = {ConstraintKind.FOREIGN: "FOREIGN KEY", ConstraintKind.CHECK: "CHECK"}.get(state.kind, "UNIQUE")
    over = f" ({', '.join(map(identifier, state.columns))})" if state.kind is not ConstraintKind.CHECK else ""
    return [f"# in the statement: CONSTRAINT {identifier(name)} {words}{over} …"]


def columns_of(script: Script, here: ast.Call | ast.With | None) -> Iterator[ast.Call]:
    """The columns that a call is given: those in it, else those of the script that upgrade() uses where it may have
    been given one of these."""
    inside = list(columns_in(ast.walk(here))) if here is not None else []
    yield from inside
    if not inside and isinstance(here, ast.Call) and called(here) in TAKING_COLUMNS:
        reach = Reach(script)
        yield from (c for c in columns_in(script.nodes) if not reach.only_backwards(c))


def columns_in(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """The calls of Column, and those that give a column another type."""
    return (n for n in nodes if isinstance(n, ast.Call) and called(n) in ("Column", "alter_column") and n.args)


def parts_of(column: ast.Call) -> Iterator[ast.Call]:
    """What a column is made of: its type, and what stands beside that."""
    given = (*column.args, *(k.value for k in column.keywords if k.arg == "type_"))
    return (part for part in given if isinstance(part, ast.Call))


def nameless(part: ast.Call, kind: ConstraintKind) -> bool:
    """Whether a part of a column makes a constraint of that kind that has no name.

    A type has its name for its check (https://docs.sqlalchemy.org/en/20/core/type_basics.html#sqlalchemy.types.Enum).
    """
    given = {k.arg: k.value for k in part.keywords}
    checks = kind is ConstraintKind.CHECK and "create_constraint" in given and not is_false(given["create_constraint"])
    if called(part) != PARTS.get(kind, "") and not checks:
        return False
    name = given.get("name")
    return name is None or (isinstance(name, ast.Constant) and name.value is None)


def may_make(part: ast.Call, state: ConstraintState) -> bool:
    """Whether such a part can be what makes the constraint: a check says what it asks for."""
    if state.kind is ConstraintKind.FOREIGN:
        return len(state.columns) == 1
    text = part.args[0] if part.args and called(part) == "CheckConstraint" else None
    if not isinstance(text, ast.Constant) or state.expression is None:
        return True
    return " ".join(str(text.value).split()) == " ".join(state.expression.text.split())


def with_name(part: ast.Call, name: str, script: Script) -> str:
    """A call as it is written, with the whole name of a constraint."""
    given = [source(a, script) for a in part.args]
    given += [
        f"{k.arg}={source(k.value, script)}" if k.arg else f"**{source(k.value, script)}"
        for k in part.keywords
        if k.arg != "name"
    ]
    whole = f"{spelled('alembic.op', imports(script.nodes)) or 'op'}.f({python(name)})"
    return f"{ast.unparse(part.func)}({', '.join((*given, f'name={whole}'))})"


def source(node: ast.expr, script: Script) -> str:
    """An expression as it is written, on one line."""
    text = ast.get_source_segment(script.text, node) or ""
    return text if text and "\n" not in text else ast.unparse(node)


def among_columns(state: ConstraintState, name: str, script: Script | None, end: Catalog) -> list[str]:
    """A constraint among the columns of `op.create_table`, with the import that it needs."""
    line = element(state, name, end)
    what = line.partition("(")[0].partition(".")[2]
    words = spelled(f"sqlalchemy.{what}", imports(script.nodes)) if script is not None else f"sa.{what}"
    called_so = line.replace(f"sa.{what}", words or what, 1)
    return [called_so] if words else [f"from sqlalchemy import {what}", called_so]
