"""A call as it stands and as its recipe has it, where the one can take the place of the other."""

from __future__ import annotations

import ast
import difflib
import textwrap

from migguard.findings import Finding
from migguard.report import Report


def recipe_diff(finding: Finding, report: Report) -> tuple[str, ...]:
    """The lines of a diff, each behind its sign; none where the recipe is about something else than the call."""
    old = call(finding, report)
    if not finding.fixable or finding.related or old is None or not complete(finding.recipe):
        return ()
    made = difflib.unified_diff(old.splitlines(), finding.recipe.splitlines(), lineterm="", n=1)
    return tuple(line for line in made if not line.startswith(("---", "+++", "@@")))


def call(finding: Finding, report: Report) -> str | None:
    """The lines of the finding's call, if they hold one call of an operation and nothing else."""
    script, origin = report.scripts.get(finding.revision or ""), finding.origin
    if script is None or origin is None or script.path != origin.path:
        return None
    text = textwrap.dedent("\n".join(script.lines[origin.line - 1 : origin.end_line or origin.line]))
    match parsed(text):
        case ast.Module(body=[ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="op"))))]):
            return text
        case _:
            return None


def complete(recipe: str) -> bool:
    """Whether a recipe leaves nothing open."""
    tree = parsed(recipe)
    if tree is None or not tree.body:
        return False
    return not any(isinstance(node, ast.Constant) and node.value is ... for node in ast.walk(tree))


def parsed(text: str) -> ast.Module | None:
    """A text as Python; None where it is none."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
