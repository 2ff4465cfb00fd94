"""What holds only in a transaction, where a program hands env.py a connection that may be in autocommit."""

from migguard.trace import Environment


def unless_autocommit(environment: Environment) -> str:
    """The condition to say beside a claim that rests on Alembic's transaction; nothing where that is known."""
    return ", unless the program hands env.py a connection in autocommit" if environment.handed_in else ""
