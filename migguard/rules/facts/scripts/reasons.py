"""What a script says, in a docstring or comment, of why its downgrade() does nothing."""

import ast
import itertools
from collections.abc import Iterator

from migguard.source import Script

SAYING = frozenset(
    {"no", "not", "nothing", "none", "never", "cannot", "can't", "won't", "don't", "doesn't", "isn't", "aren't"}
    | {"already", "irreversible", "impossible", "unnecessary", "needless", "because", "unable", "without", "one-way"}
    | {"noop", "no-op"}
)
"""Words of a sentence that says why; a template's own "Downgrade schema." has none of them."""


def gives_reason(script: Script) -> bool:
    """Whether the docstring or a comment of downgrade() says why there is nothing in it."""
    functions = [n for n in script.tree.body if isinstance(n, ast.FunctionDef)] if script.tree is not None else []
    function = next((n for n in functions if n.name == "downgrade"), None)
    if function is None:
        return False
    said = " ".join((ast.get_docstring(function) or "", *comments(script.lines, function)))
    words = {word.strip(".,:;!?()\"'`").lower() for word in said.replace("\u2019", "'").split()}
    return not words.isdisjoint(SAYING)


def comments(lines: list[str], function: ast.FunctionDef) -> Iterator[str]:
    """The comments in a function that only has a docstring and `pass`, and right above and below it."""
    first, last = function.lineno - 1, function.end_lineno or function.lineno
    above = itertools.takewhile(lambda line: line.startswith("#"), reversed(lines[:first]))
    yield from (line.partition("#")[2] for line in above)
    for line in lines[first:last]:
        yield line.partition("#")[2]
    for line in lines[last:]:
        if not line[:1].isspace() or not line.lstrip().startswith("#"):
            return
        yield line.partition("#")[2]
