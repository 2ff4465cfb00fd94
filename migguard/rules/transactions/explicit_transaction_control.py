"""MG512: BEGIN, COMMIT or ROLLBACK by the script itself."""

from collections.abc import Iterator

from migguard.changes import Nothing, Select, SetVariable, TransactionAction, TransactionControl
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.second_run import refused_again, schema_changes
from migguard.rules.facts.locks.swallowed_rollbacks import taken_back
from migguard.rules.facts.scripts.schema_conditions import Conditions
from migguard.rules.frame import Context, Example, StepContext, rule
from migguard.trace import Note, NoteKind, Outcome, RevisionTrace

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(
    """
    op.add_column("orders", sa.Column("note", sa.Text()))
    op.execute("COMMIT")
    """,
    given=GIVEN,
)
GOOD = Example(
    """
    op.add_column("orders", sa.Column("note", sa.Text()))
    with op.get_bind().begin_nested():
        op.execute("UPDATE orders SET note = '' WHERE id < 100")
    """,
    given=GIVEN,
)
ENDING = {TransactionAction.BEGIN, TransactionAction.COMMIT, TransactionAction.ROLLBACK, TransactionAction.PREPARE}


@rule(
    "MG512",
    "explicit-transaction-control",
    Severity.ERROR,
    "The script commits or rolls back Alembic's own transaction.",
    bad=BAD,
    good=GOOD,
)
def explicit_transaction_control(change: TransactionControl | RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Alembic writes the version table in the same transaction as the revision's changes. A COMMIT in the middle keeps
    half of a revision that the version table does not know of, and the next run fails on what is already there. A
    rollback in an `except` that raises nothing takes back what earlier revisions did in the same transaction, and
    `alembic upgrade` may end as if all were well.

    ## What is let through
    Savepoints and `begin_nested()`; `autocommit_block()`, and a BEGIN … COMMIT inside one, where Alembic has no
    transaction; a transaction inside a function's or DO block's body; a handler that raises after its rollback. A
    warning where the commit is the first thing that the revision does, on the side of a branch that the replay did not
    take (a switch of the environment, say), and all that the revision does can be done twice: IF [NOT] EXISTS.
    """
    unless = unless_autocommit(ctx.lookup.deployment.environment) if ctx.lookup is not None else ""
    if isinstance(change, RevisionTrace):
        for note in change.notes:
            if note.kind is NoteKind.EXPLICIT_COMMIT:
                repeatable = note.begins and can_run_again(change, ctx)
                yield ctx.finding(
                    f"{note.detail or 'The script commits'} on Alembic's connection{condition(note, ctx)}.",
                    origin=note.origin,
                    severity=Severity.WARNING if unless or (note.hangs_on and repeatable) else None,
                    verified=not unless,
                    advice=advice(ctx),
                )
        yield from taken_back(change, ctx)
        return
    assert isinstance(ctx, StepContext)
    if change.action in ENDING and not (ctx.step.statement.asked or ctx.step.statement.beside):
        word = change.action.value.upper()
        yield ctx.finding(
            f"{word} in SQL ends or breaks Alembic's own transaction{unless}.",
            severity=Severity.WARNING if unless else None,
            verified=ctx.step.verified and not unless,
            advice=advice(ctx),
        )


def condition(note: Note, ctx: Context) -> str:
    """Under what condition the script ends the transaction, and what else ends with it."""
    side = " where a branch takes the side that it did not take here"
    said = f"{side}; it depends on {note.hangs_on}" if note.hangs_on else ""
    if ctx.lookup is None:
        return said
    deployment = ctx.lookup.deployment
    environment = deployment.environment
    said += unless_autocommit(environment)
    shared = environment.shared_transaction or not environment.transaction_per_migration
    if note.subject == "commit" and shared and deployment.transactional_ddl:
        said += ". Earlier pending revisions are committed with it: they run in the same transaction"
    return said


def can_run_again(trace: RevisionTrace, ctx: Context) -> bool:
    """Whether a run that stopped anywhere in the revision can be repeated: each change says IF [NOT] EXISTS, or asked
    the schema first."""
    script = ctx.lookup.scripts.get(trace.revision) if ctx.lookup is not None else None
    conditions = Conditions(script) if script is not None else None
    for statement in trace.statements:
        changed = schema_changes(statement)
        done = {id(step) for step in changed}
        if any(id(s) not in done and not isinstance(s.change, (SetVariable, Select, Nothing)) for s in statement.steps):
            return False
        if refused_again(changed, trace.after, conditions) is not None:
            return False
    return trace.outcome is Outcome.FULL


def advice(ctx: Context) -> str:
    """A revision of its own, or an autocommit block."""
    needs = each_its_own(ctx.lookup.deployment.environment)[0] if ctx.lookup is not None else ""
    return (
        f"Let Alembic keep the transaction. For a transaction of its own, make it a revision of its own{needs}; for a "
        "statement that must run outside of any:\n"
        "with op.get_context().autocommit_block():\n"
        "    ..."
    )
