"""MG512: BEGIN, COMMIT or ROLLBACK by the script itself."""

from collections.abc import Iterator

from migguard.changes import TransactionAction, TransactionControl
from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, StepContext, rule
from migguard.rules.own_transactions import each_its_own
from migguard.trace import NoteKind, RevisionTrace

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
ENDING = {
    TransactionAction.BEGIN,
    TransactionAction.COMMIT,
    TransactionAction.ROLLBACK,
    TransactionAction.PREPARE,
}


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
    half of a revision that the version table does not know of, and the next run fails on what is already there.

    ## What is let through
    Savepoints and `begin_nested()`; `autocommit_block()`, and a BEGIN … COMMIT inside one, where Alembic has no
    transaction; a transaction inside a function's or DO block's body.
    """
    if isinstance(change, RevisionTrace):
        for note in change.notes:
            if note.kind is NoteKind.EXPLICIT_COMMIT:
                yield ctx.finding(
                    f"{note.detail or 'The script commits'} on Alembic's connection.",
                    origin=note.origin,
                    advice=advice(ctx),
                )
        return
    assert isinstance(ctx, StepContext)
    if change.action in ENDING and not (ctx.step.statement.asked or ctx.step.statement.beside):
        word = change.action.value.upper()
        yield ctx.finding(f"{word} in SQL ends or breaks Alembic's own transaction.", advice=advice(ctx))


def advice(ctx: Context) -> str:
    """A revision of its own, or an autocommit block."""
    needs = each_its_own(ctx.lookup.deployment.environment)[0] if ctx.lookup is not None else ""
    return (
        f"Let Alembic keep the transaction. For a transaction of its own, make it a revision of its own{needs}; for a "
        "statement that must run outside of any:\n"
        "with op.get_context().autocommit_block():\n"
        "    ..."
    )
