"""How a project comes to a transaction for each revision, from where its env.py stands."""

from migguard.rules.facts.locks.advisory_locks import DIRECT, TAKEN_FOR_THE_SESSION
from migguard.rules.facts.locks.run_wide_state import local_settings, of_the_transaction, where
from migguard.rules.wording import python
from migguard.trace import Environment


def each_its_own(environment: Environment) -> tuple[str, str]:
    """What env.py still needs, as a clause that follows `a revision of its own`, and as Python; both may be empty.

    Alembic takes no part in a transaction that its connection is in before `context.configure()`: then it begins and
    commits none itself, whatever `transaction_per_migration` says.
    """
    if environment.shared_transaction:
        set_already = "which defeats the transaction_per_migration that it sets"
        return (
            ", where Alembic begins its transaction: env.py begins one before context.configure()"
            + (f", {set_already}" if environment.transaction_per_migration else ", and there is then no other")
            + kept(environment),
            f"{for_the_session(environment)}{setting(environment, 'connection=connection, ')}\n"
            "with context.begin_transaction():\n"
            "    context.run_migrations()",
        )
    if not environment.transaction_per_migration:
        return (
            f", with transaction_per_migration=True {where(environment)}{kept(environment)}",
            f"{for_the_session(environment)}{setting(environment)}",
        )
    if environment.handed_in:
        return (
            " (env.py sets transaction_per_migration; it has no effect where the program hands in a connection that is "
            "in a transaction already)",
            "",
        )
    return "", ""


def setting(environment: Environment, first: str = "") -> str:
    """The call of `context.configure`; a keyword beside a mapping that may have it too would be a TypeError."""
    if environment.spread:
        given = "" if environment.spread_alone else f"{first}..., "
        return f'context.configure({given}**{{**{environment.spread}, "transaction_per_migration": True}})'
    return f"context.configure({first}..., transaction_per_migration=True)"


def kept(environment: Environment) -> str:
    """A clause on what env.py holds in its transaction for the whole run, and a transaction for each would end."""
    ends = of_the_transaction(environment)
    if not ends:
        return ""
    return f", once {ends} are of the session: as they are they would end with the first revision"


def for_the_session(environment: Environment) -> str:
    """The same, made in a way that no commit ends, before Alembic looks whether the connection is in a transaction."""
    texts = [f"SET {given.name} = '{given.value}'" for given in local_settings(environment)]
    if not texts and not environment.advisory:
        return ""
    calls = [f"connection.exec_driver_sql({python(text)})" for text in texts]
    calls += TAKEN_FOR_THE_SESSION.split("\n") if environment.advisory else []
    calls.append("connection.commit()  # neither ends with it, and Alembic can begin its own transactions")
    if not environment.advisory:
        calls.insert(0, DIRECT)
    lead = "import time\n\n" if environment.advisory else ""
    return lead + "\n".join(['if connection.dialect.name == "postgresql":', *(f"    {one}" for one in calls)]) + "\n"
