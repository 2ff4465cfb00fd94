"""The names of the tables, as a script is given them."""

from __future__ import annotations

from collections.abc import Iterable

from migguard.changes import Name
from migguard.shadow.database import Database


class TableNames(list[str]):
    """A list that tells the database which names were looked for and are not in it."""

    def __init__(self, names: Iterable[str], database: Database, schema: str | None) -> None:
        super().__init__(names)
        self._database = database
        self._schema = schema

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        if isinstance(name, str):
            self._database.denied(Name(name, self._schema))
        return False


def there(found: bool, name: str, schema: str | None, database: Database) -> bool:
    """Whether there is a table; the database is told where there is not."""
    if not found:
        database.denied(Name(name, schema))
    return found
