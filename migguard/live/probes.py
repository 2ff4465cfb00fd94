"""The probe queries of findings, run on a live PostgreSQL database: which rows stand in a migration's way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from migguard.findings import Finding
from migguard.records import dataclass

if TYPE_CHECKING:
    import psycopg

SHOWN = 10
"""Rows kept of each answer: enough to see what they are."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What a finding's probe found. `more` says that there are more rows than were kept.

    `unanswered` says why the database gave no answer: that is no all-clear.
    """

    finding: Finding
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    more: bool = False
    unanswered: str | None = None

    @property
    def offending(self) -> bool:
        """Whether rows were found that the migration will fail on, or lose."""
        return bool(self.rows)


def probed(connection: psycopg.Connection[Any], findings: Iterable[Finding]) -> Iterator[Probed]:
    """Run the probe of each finding that has one, each in a read-only transaction of its own."""
    from psycopg import Error

    for finding in findings:
        if finding.probe is None:
            continue
        try:
            with connection.transaction(), connection.cursor(name="migguard_probe") as cursor:
                cursor.execute(finding.probe.encode())  # bytes: a % in it is no placeholder
                columns = tuple(column.name for column in cursor.description or ())
                rows = tuple(cursor.fetchmany(SHOWN + 1))
        except Error as error:
            yield Probed(finding, unanswered=" ".join(str(error).split()))
            continue
        yield Probed(finding, columns, rows[:SHOWN], more=len(rows) > SHOWN)
