"""Statements that are run in rounds, a batch of rows at a time, until no rows are left.

Each is short. In one transaction they are not: what the transaction holds is held until the last round is done.
"""

import ast

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import Delete, Update
from migguard.rules.frame import Lookup
from migguard.trace import Step

ENDING = frozenset({"commit", "autocommit_block", "begin", "rollback"})
"""What is called in a loop whose rounds are transactions of their own."""


def rows_in_rounds(step: Step, lookup: Lookup) -> tuple[Key, ...]:
    """The existing table over all of whose rows a statement goes that stands in a `while` loop of one transaction."""
    change = step.change
    if not isinstance(change, (Update, Delete)) or step.refusal is not None or step.statement.autocommit:
        return ()
    key = relation_key(step.before, change.table)
    if key is None or not lookup.deployment.existing_table(key, step.before):
        return ()
    return (key,) if in_rounds(step, lookup) else ()


def in_rounds(step: Step, lookup: Lookup) -> bool:
    """Whether a statement stands in a `while` loop of one transaction."""
    statement = step.statement
    script = lookup.scripts.get(lookup.transactions.revision(statement))
    origin, tree = statement.origin, script.tree if script is not None else None
    if script is None or tree is None or origin is None or script.path != origin.path:
        return False
    return any(lasts(loop, origin.line) for loop in ast.walk(tree) if isinstance(loop, ast.While))


def lasts(loop: ast.While, line: int) -> bool:
    """Whether a loop runs a line and ends no transaction meanwhile."""
    if not loop.lineno <= line <= (loop.end_lineno or loop.lineno):
        return False
    calls = (n.func for n in ast.walk(loop) if isinstance(n, ast.Call))
    return not any(isinstance(f, ast.Attribute) and f.attr in ENDING for f in calls)
