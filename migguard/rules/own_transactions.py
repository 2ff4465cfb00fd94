"""How a project comes to a transaction for each revision, from where its env.py stands."""

from migguard.trace import Environment

SETTING = "context.configure(..., transaction_per_migration=True)"
LET_ALEMBIC = (
    "context.configure(connection=connection, ..., transaction_per_migration=True)\n"
    "with context.begin_transaction():\n"
    "    context.run_migrations()"
)


def each_its_own(environment: Environment) -> tuple[str, str]:
    """What env.py still needs, as a clause that follows `a revision of its own`, and as Python; both may be empty.

    Alembic takes no part in a transaction that its connection is in before `context.configure()`: then it begins and
    commits none itself, whatever `transaction_per_migration` says.
    """
    if environment.shared_transaction:
        set_already = "which defeats the transaction_per_migration that it sets"
        return (
            ", where Alembic begins its transaction: env.py begins one before context.configure()"
            + (f", {set_already}" if environment.transaction_per_migration else ", and there is then no other"),
            LET_ALEMBIC,
        )
    if not environment.transaction_per_migration:
        return ", with transaction_per_migration=True in env.py", SETTING
    if environment.handed_in:
        return (
            " (env.py sets transaction_per_migration; it has no effect where the program hands in a connection that is "
            "in a transaction already)",
            "",
        )
    return "", ""
