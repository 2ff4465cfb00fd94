"""What a model's table is called, read from the source of a module that cannot be imported, without importing it."""

from __future__ import annotations

import ast
import importlib.machinery
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

MOST_STEPS = 8
"""How many modules may pass a class on, one to the other, before the search is given up."""


def table_name(path: str) -> str | None:
    """The name of the table of a class, or of a Table, by its dotted path; None where it is not written out."""
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:end])
        file = file_of(module)
        if file is not None:
            return named_in(module, file, parts[end:], MOST_STEPS)
    return None


def named_in(module: str, file: str, names: list[str], steps: int) -> str | None:
    """What a module's file says of a name of it; a module that only passes it on says where it has it from."""
    tree = tree_of(file)
    if tree is None or not steps:
        return None
    body: list[ast.stmt] = [*statements(tree.body)]
    for place, name in enumerate(names):
        last = place == len(names) - 1
        for statement in reversed(body):
            match statement:
                case ast.ClassDef() if statement.name == name:
                    if last:
                        return of_class(statement, tree)
                    body = statement.body
                    break
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name and last:
                    return of_table(value, tree)
                case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name and last:
                    return of_table(value, tree)
                case ast.ImportFrom() if not place:
                    alias = next((a for a in statement.names if (a.asname or a.name) in (name, "*")), None)
                    if alias is not None:
                        original = name if alias.name == "*" else alias.name
                        found_there = passed_on(module, file, statement, [original, *names[1:]], steps - 1)
                        if found_there is not None or alias.name != "*":
                            return found_there
                case _:
                    pass
        else:
            return None
    return None


def passed_on(module: str, file: str, statement: ast.ImportFrom, names: list[str], steps: int) -> str | None:
    """What the module says that a name is imported from; the name may be that module's, or a module itself."""
    source = statement.module or ""
    if statement.level:
        package = module.split(".")
        package = package if Path(file).name == "__init__.py" else package[:-1]
        package = package[: len(package) - statement.level + 1]
        source = ".".join([*package, *([source] if source else [])])
    for inside in (source, f"{source}.{names[0]}"):
        there = file_of(inside)
        rest = names if inside == source else names[1:]
        found = named_in(inside, there, rest, steps) if there is not None and rest else None
        if found is not None:
            return found
    return None


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements at the top of a module, those of its conditions and attempts included."""
    for statement in body:
        if isinstance(statement, ast.If | ast.Try):
            for name in ("body", "orelse", "finalbody"):
                yield from statements(getattr(statement, name, []))
        else:
            yield statement


def of_class(node: ast.ClassDef, tree: ast.Module) -> str | None:
    """What a class's `__tablename__` is; SQLModel names a table after its class, in small letters, where none stands.

    https://github.com/fastapi/sqlmodel/blob/main/sqlmodel/main.py (`__tablename__`)
    """
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=value):
                return text(value, tree)
            case ast.AnnAssign(target=ast.Name(id="__tablename__"), value=ast.expr() as value):
                return text(value, tree)
            case ast.Assign(targets=[ast.Name(id="__table__")], value=value):
                return of_table(value, tree)
            case ast.FunctionDef(name="__tablename__") | ast.AsyncFunctionDef(name="__tablename__"):
                return None
            case _:
                pass
    mapped = any(
        k.arg == "table" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords
    )
    return node.name.lower() if mapped else None


def of_table(value: ast.expr, tree: ast.Module) -> str | None:
    """The name in `Table("name", …)`."""
    match value:
        case ast.Call(func=ast.Name(id="Table") | ast.Attribute(attr="Table"), args=[first, *_]):
            return text(first, tree)
        case _:
            return None


def text(value: ast.expr, tree: ast.Module) -> str | None:
    """A text that is written out, there or as a constant of the module that nothing assigns again."""
    match value:
        case ast.Constant(value=str(found)):
            return found
        case ast.Name(id=name):
            given = [
                s.value for s in statements(tree.body) if isinstance(s, ast.Assign | ast.AnnAssign) and binds(s, name)
            ]
            one = given[0] if len(given) == 1 else None
            return one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else None
        case _:
            return None


def binds(statement: ast.Assign | ast.AnnAssign, name: str) -> bool:
    """Whether an assignment is to that name."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(n, ast.Name) and n.id == name for t in targets for n in ast.walk(t))


def file_of(module: str) -> str | None:
    """The file of a module, found as Python would find it but without running anything."""
    top, *below = module.split(".")
    folders: list[str] = []
    loaded = sys.modules.get(top)
    spec = vars(loaded).get("__spec__") if loaded is not None else None
    if spec is None or spec.origin is None:
        spec = importlib.machinery.PathFinder.find_spec(top)
    if spec is None or "site-packages" in (spec.origin or ""):
        return None
    folders = list(spec.submodule_search_locations or [])
    if not below:
        return spec.origin if spec.origin and spec.origin.endswith(".py") else None
    for folder in folders:
        place = Path(folder, *below)
        for candidate in (place / "__init__.py", place.with_suffix(".py")):
            if candidate.is_file():
                return str(candidate)
    return None


def tree_of(file: str) -> ast.Module | None:
    """The syntax tree of a file; None where it cannot be read."""
    try:
        return parsed(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


@lru_cache(maxsize=32)
def parsed(source: bytes) -> ast.Module:
    """The syntax tree of a source: several models of one module are asked for one after the other."""
    return ast.parse(source)
