"""The names of the tables, as a script is given them, and whether all is known of a table that it asks for."""

from __future__ import annotations

from collections.abc import Iterable

from migguard.catalog.schema import Table, View
from migguard.changes import Name
from migguard.shadow.database import Database
from migguard.shadow.recording import Recording


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


def told(relation: Table | View, database: Database) -> None:
    """A script asks for the parts of a relation: who listens hears of a table that the history never made."""
    recorder = database.recorder
    if isinstance(relation, Table) and not relation.complete and isinstance(recorder, Recording):
        recorder.partly(relation.key[1])
