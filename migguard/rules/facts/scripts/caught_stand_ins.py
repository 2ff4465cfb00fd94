"""Handlers of a script that may have caught what only a stand-in raises: with the module itself more may have run."""

import ast

from migguard.rules.facts.scripts.script_places import imports
from migguard.source import Script
from migguard.trace import NoteKind, RevisionTrace


def may_have_caught(script: Script, trace: RevisionTrace) -> bool:
    """Whether a `try` that goes on after an exception uses what comes of a module that was stood in for.

    The application's own count too: what they need may have been.
    """
    missing = {n.subject for n in trace.notes if n.kind in (NoteKind.STUBBED, NoteKind.APP_IMPORT)}
    tops = {name.partition(".")[0] for name in missing}
    brought = {name for name, whole in imports(script.nodes).items() if whole.partition(".")[0] in tops}
    return any(
        isinstance(n, ast.Name) and n.id in brought
        for node in script.nodes
        if isinstance(node, ast.Try) and not all(raises(h) for h in node.handlers)
        for part in node.body
        for n in ast.walk(part)
    )


def raises(handler: ast.ExceptHandler) -> bool:
    """Whether a handler lets no exception pass."""
    return any(isinstance(n, ast.Raise) for n in handler.body)
