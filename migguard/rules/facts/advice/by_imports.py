"""A recipe's `sa.…` and `op.…` as the script that it is for would spell them, or the imports that it needs there."""

import ast

from migguard.rules.facts.scripts.script_places import dotted, imports, spelled
from migguard.source import Script

MEANT = {"sa": "sqlalchemy", "op": "alembic.op"}
"""What the names of a recipe stand for."""
IMPORTS = {"sa": "import sqlalchemy as sa", "op": "from alembic import op"}


def by_imports(recipe: str, script: Script) -> str:
    """The recipe, with no name of these that the script does not import."""
    wanted = [name for name, line in IMPORTS.items() if f"{name}." in recipe and line not in script.text]
    if not wanted or script.tree is None:
        return recipe
    try:
        nodes = list(ast.walk(ast.parse(recipe)))
    except SyntaxError:
        return recipe
    known, brought = imports(script.nodes), imports(nodes)
    added: list[str] = []
    for name in wanted:
        if known.get(name) == MEANT[name] or name in brought:
            continue
        uses = list(chains(nodes, name))
        said = [spelled(dotted(node, MEANT), known) for node in uses]
        if None in said:
            added.append(IMPORTS[name])
            continue
        recipe = put(recipe, [(node, word) for node, word in zip(uses, said, strict=True) if word is not None])
        nodes = list(ast.walk(ast.parse(recipe)))
    return "\n".join((*added, recipe))


def chains(nodes: list[ast.AST], name: str) -> list[ast.expr]:
    """The uses of a name, each with the attributes that follow it."""
    inner = {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
    outer = (n for n in nodes if isinstance(n, ast.Attribute | ast.Name) and id(n) not in inner)
    return [n for n in outer if dotted(n, {}).partition(".")[0] == name]


def put(text: str, words: list[tuple[ast.expr, str]]) -> str:
    """The text with words in the place of expressions on one line each."""
    lines = [line.encode() for line in text.split("\n")]
    for node, word in sorted(words, key=lambda one: (one[0].lineno, one[0].col_offset), reverse=True):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + word.encode() + line[node.end_col_offset :]
    return "\n".join(line.decode() for line in lines)
