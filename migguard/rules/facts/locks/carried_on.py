"""Locks that a transaction still holds where it has come past a branch with a statement that ends or fails it."""

import ast
from collections.abc import Iterable, Iterator, Set

from migguard.changes import CreateIndex
from migguard.rules.facts.scripts.schema_conditions import Conditions, spans
from migguard.rules.frame import Lookup
from migguard.source import Origin, Script
from migguard.trace import Cause, Certainty, NoteKind, RevisionTrace, Statement, Step
from migguard.transactions import Held

NAME = "carried_on"
ROWS = frozenset({"execute", "exec_driver_sql", "scalar", "scalars"})
"""Methods that ask for rows."""


def carried_on(held: Iterable[Held], step: Step, lookup: Lookup) -> list[Held]:
    """The locks that are held when a step begins, without those from before a statement that cannot run in their
    transaction (MG501), which a branch left out that was not taken.

    Only of branches that ask whether their work is done: where it is not, the statement runs, and the transaction
    either is none or ends there. Where a program hands in the connection, none are held after such a statement at all:
    it is in autocommit, or the transaction has failed before they were taken.
    """
    ends = leaving(lookup).get(step.statement.transaction, [])
    if not ends:
        return list(held)
    here, after = place(step.statement, lookup), lookup.deployment.environment.handed_in
    past = [at for end in ends if (at := place(end, lookup)) < here]
    return [h for h in held if not any(after or place(h.step.statement, lookup) < at for at in past)]


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
    """The statements of branches that were not taken that cannot run in a transaction, and that nothing stands for.

    Where a program hands in the connection, those that ran too: of the others `Transactions` says that nothing is held.
    """
    handed_in = lookup.deployment.environment.handed_in
    for trace in lookup.deployment.upgrades:
        script = lookup.scripts.get(trace.revision)
        for statement in trace.statements:
            ran = statement.certainty is not Certainty.OTHER_BRANCH
            if (ran and not handed_in) or statement.autocommit or statement.asked or statement.beside:
                continue
            origin = statement.origin
            if script is None or origin is None or origin.path != script.path:
                continue
            fails = any(step.refusal is None and not lookup.effect(step).transaction_block for step in statement.steps)
            if fails and (ran or asks_absence(script, origin) or asked_elsewhere(statement, trace)):
                yield statement


def asked_elsewhere(statement: Statement, trace: RevisionTrace) -> bool:
    """Whether a function of another file, which is called there, builds what is not there yet in a table that no
    revision made, and did nothing else in its place."""
    here = [n for n in trace.notes if n.kind is NoteKind.BRANCH and n.origin == statement.origin]
    ran = any(s.origin == statement.origin and s.certainty is not Certainty.OTHER_BRANCH for s in trace.statements)
    builds = all(isinstance(step.change, CreateIndex) for step in statement.steps)
    return builds and not ran and any(n.cause is Cause.TABLE for n in here)


def asks_absence(script: Script, origin: Origin) -> bool:
    """Whether a place is reached where something is not in the schema yet, by conditions without another side.

    A question about rows says nothing of what is done already.
    """
    over = [n for n in script.nodes if isinstance(n, ast.If) and spans(n, origin.line)]
    last = max(over, key=lambda n: n.lineno, default=None)
    if last is None or any(n.orelse for n in over) or not Conditions(script).guarded(origin):
        return False
    rows = holding_rows(script)
    if any(of_rows(part, rows) for n in over for part in ast.walk(n.test)):
        return False
    return any(isinstance(part, ast.Not | ast.NotIn) for part in ast.walk(last.test))


def of_rows(node: ast.AST, names: Set[str]) -> bool:
    """Whether a part of an expression asks for rows, or is one of the names that hold them."""
    return (isinstance(node, ast.Attribute) and node.attr in ROWS) or (isinstance(node, ast.Name) and node.id in names)


def holding_rows(script: Script) -> set[str]:
    """The names of a script that hold what was asked of rows, and its functions that ask."""
    found: set[str] = set()
    for _ in range(3):
        for node in script.nodes:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name not in (
                    "upgrade",
                    "downgrade",
                ):
                    names = {name}
                case ast.Assign(targets=targets):
                    names = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
                case ast.AnnAssign(target=target) | ast.NamedExpr(target=target) | ast.For(target=target):
                    names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
                case _:
                    continue
            inner = node.iter if isinstance(node, ast.For) else node
            if any(of_rows(part, found) for part in ast.walk(inner)):
                found |= names
    return found
