"""Locks that a transaction still holds where it has come past a branch with a statement that ends or fails it."""

import ast
from collections.abc import Iterable, Iterator

from migguard.rules.facts.scripts.schema_conditions import Conditions, spans
from migguard.rules.frame import Lookup
from migguard.source import Origin, Script
from migguard.trace import Certainty, Statement, Step
from migguard.transactions import Held

NAME = "carried_on"
ROWS = frozenset({"execute", "exec_driver_sql", "scalar", "scalars"})
"""Methods that ask for rows."""


def carried_on(held: Iterable[Held], step: Step, lookup: Lookup) -> list[Held]:
    """The locks that are held when a step begins, without those from before a statement that cannot run in their
    transaction (MG501), which a branch left out that was not taken.

    Only of branches that ask whether their work is done: where it is not, the statement runs, and the transaction
    either is none or ends there.
    """
    ends = leaving(lookup).get(step.statement.transaction, [])
    if not ends:
        return list(held)
    here = place(step.statement, lookup)
    return [h for h in held if not any(place(h.step.statement, lookup) < place(end, lookup) < here for end in ends)]


def place(statement: Statement, lookup: Lookup) -> tuple[int, int]:
    """Where a statement stands in the deployment: what a branch left out comes after all that ran, in a trace."""
    owner = lookup.transactions.revision(statement)
    number = next(i for i, trace in enumerate(lookup.deployment.upgrades) if trace.revision == owner)
    return number, statement.origin.line if statement.origin is not None else 0


def leaving(lookup: Lookup) -> dict[int, list[Statement]]:
    """By transaction, the statements of such branches, found once."""
    known: dict[int, list[Statement]] | None = lookup.kept.get(NAME)
    if known is None:
        known = lookup.kept[NAME] = {}
        for statement in left_out(lookup):
            known.setdefault(statement.transaction, []).append(statement)
    return known


def left_out(lookup: Lookup) -> Iterator[Statement]:
    """The statements of branches that were not taken that cannot run in a transaction, and that nothing stands for."""
    for trace in lookup.deployment.upgrades:
        script = lookup.scripts.get(trace.revision)
        for statement in trace.statements:
            if statement.certainty is not Certainty.OTHER_BRANCH or statement.asked or statement.beside:
                continue
            origin = statement.origin
            if script is None or origin is None or origin.path != script.path:
                continue
            fails = any(step.refusal is None and not lookup.effect(step).transaction_block for step in statement.steps)
            if fails and asks_absence(script, origin):
                yield statement


def asks_absence(script: Script, origin: Origin) -> bool:
    """Whether a place is reached where something is not in the schema yet, by conditions without another side.

    A question about rows says nothing of what is done already.
    """
    over = [n for n in script.nodes if isinstance(n, ast.If) and spans(n, origin.line)]
    last = max(over, key=lambda n: n.lineno, default=None)
    if last is None or any(n.orelse for n in over) or not Conditions(script).guarded(origin):
        return False
    parts = list(ast.walk(last.test))
    rows = any(isinstance(n, ast.Attribute) and n.attr in ROWS for n in parts)
    return not rows and any(isinstance(n, ast.Not | ast.NotIn) for n in parts)
