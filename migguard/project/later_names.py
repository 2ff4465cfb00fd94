"""Names of indexes and constraints that revisions after the checked ones drop or rename: an index that is left out now
is missing there."""

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import partial

from migguard.history import Late, Mention
from migguard.project.graph import Graph, Revision
from migguard.project.server_names import called, literal, named
from migguard.source import statements_of

DROPPING = ("drop_index", "drop_constraint")
ARGUMENTS = ("index_name", "constraint_name")
KINDS = ("INDEX", "CONSTRAINT")
ENDS = str.maketrans(";,()", "    ")
BETWEEN = ("CONCURRENTLY", "IF", "EXISTS")


def later_names(graph: Graph, new: Collection[str]) -> Late[Mention]:
    """What the revisions take that come after the checked ones, in the order in which they run."""
    after = graph.walk(new, "down")
    known = [graph.revisions[name] for name in graph.order if name in after and name not in new]
    return Late(partial(mentions, known), " ".join(r.digest for r in known))


def mentions(revisions: Iterable[Revision]) -> tuple[Mention, ...]:
    """Each name that a revision's upgrade drops or renames, with all lines of the script that have it."""
    found: list[Mention] = []
    for revision in revisions:
        try:
            tree = ast.parse(revision.path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue  # MG001 tells
        strings = [(n.value, n.lineno) for n in ast.walk(tree) if isinstance(n, ast.Constant)]
        words = [(set(map(bare, v.translate(ENDS).split())), at) for v, at in strings if isinstance(v, str)]
        taken = dict.fromkeys(pair for f in forwards(tree) for pair in taken_in(f))
        for name, table in taken:
            lines = {line for several, line in words if name in several}
            found.append(Mention(name, table, revision.id, tuple(sorted(lines))))
    return tuple(found)


def forwards(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions of a script without those for the way back."""
    for node in statements_of(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("downgrade"):
            yield node


def taken_in(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The names that a function drops or renames, each with its table where the call tells it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if called(node) in DROPPING:
                first = [k.value for k in node.keywords if k.arg in ARGUMENTS] or node.args[:1]
                second = [k.value for k in node.keywords if k.arg == "table_name"] or node.args[1:2]
                yield from ((n, next(map(literal, second), "")) for n in map(literal, first) if n)
            for part in (p for one in node.args for p in ast.walk(one)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield from ((name, "") for name in in_sql(part.value))
        elif isinstance(node, ast.For):
            turns = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            calls = [n for part in node.body for n in ast.walk(part) if isinstance(n, ast.Call)]
            if any(called(c) in DROPPING and turns & {n.id for n in named(c)} for c in calls):
                strings = (literal(n) for n in ast.walk(node.iter) if isinstance(n, ast.expr))
                yield from ((name, "") for name in strings if name)


def in_sql(text: str) -> Iterator[str]:
    """The names behind DROP INDEX, ALTER INDEX and the same of constraints."""
    words = [w for w in text.translate(ENDS).split() if w.upper() not in BETWEEN]
    for before, kind, name in zip(words, words[1:], words[2:], strict=False):
        if kind.upper() in KINDS and before.upper() in ("DROP", "ALTER", "RENAME"):
            yield bare(name)


def bare(word: str) -> str:
    """A name of SQL without its schema and its quotes."""
    return word.rpartition(".")[2].strip('"`')
