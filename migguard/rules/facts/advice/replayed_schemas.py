"""The schemas of a recipe that its script does not write out: they are those of the replay, and may be others."""

import ast
from collections.abc import Iterator

from migguard.source import Script

ARGUMENTS = frozenset({"schema", "source_schema", "referent_schema"})


def replayed_schemas(recipe: str, script: Script | None) -> Iterator[str]:
    """A comment on each schema that a recipe has as an argument, and the script takes from elsewhere."""
    if script is None or not any(f"{argument}=" in recipe for argument in ARGUMENTS):
        return
    try:
        nodes = list(ast.walk(ast.parse(recipe)))
    except SyntaxError:  # a sketch with `…` in it: it is not run as it stands
        return
    given = (n.value for n in nodes if isinstance(n, ast.keyword) and n.arg in ARGUMENTS)
    names = (v.value for v in given if isinstance(v, ast.Constant) and isinstance(v.value, str))
    for name in dict.fromkeys(names):
        if name not in script.text:
            yield (
                f"# the schema {name} is what the replay saw, and not written in the script: have it from where the\n"
                "# script has it."
            )
