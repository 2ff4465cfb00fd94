"""MG516: a statement of env.py that makes every migration roll back silently."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, rule
from migguard.trace import Deployment, NoteKind

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
GOOD = Example('op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN)


@rule(
    "MG516",
    "query-before-configure",
    Severity.ERROR,
    "env.py runs a statement before context.configure, and nobody commits the transaction that it began.",
    good=GOOD,
)
def query_before_configure(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    SQLAlchemy begins a transaction with the first statement on a connection. Alembic finds it there when env.py hands
    over the connection, takes it for somebody else's and does not commit it. When the connection is closed, all
    migrations are rolled back, without an error: the log says that they ran.

    ## What is let through
    `connection.commit()` before `context.configure`, or after the migrations; `with engine.begin()`, which commits; a
    connection in autocommit mode; settings that are made on connect, or in the engine's options.
    """
    for note in deployment.environment.notes:
        if note.kind is NoteKind.QUERY_BEFORE_CONFIGURE:
            yield ctx.finding(
                "This statement begins a transaction that Alembic does not commit: every migration is rolled back when "
                "the connection is closed, without an error.",
                origin=note.origin,
                revision=None,
                advice=(
                    "End it before Alembic gets the connection:\n"
                    'connection.execute(text("…"))\n'
                    "connection.commit()\n"
                    "context.configure(connection=connection, ...)"
                ),
            )
