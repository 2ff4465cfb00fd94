"""What rules say: findings with their place, severity and the safe way."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum

from migguard.catalog.schema import Key
from migguard.records import dataclass
from migguard.source import Origin


class Severity(IntEnum):
    """How bad. OFF rules run only where they are selected by name."""

    OFF = 0
    NOTICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """`error`, `warning`, `notice` or `off`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """The severity of that word; ValueError for any other."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"severity is error, warning, notice or off, not {word!r}") from None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule has to say about one place.

    `message` is one sentence with the user's names; `lock` says what waits and whether it grows; `advice` is the safe
    way in words, `recipe` the Python that goes it. `table` is the table concerned as the user writes it, `relation` its
    key in the catalog, `grows` whether the time grows with it. `fingerprint` survives moved lines; it is filled when
    findings are collected. `fixable` says that the recipe can stand in the place of the call.
    """

    code: str
    name: str
    severity: Severity
    message: str
    advice: str = ""
    recipe: str = ""
    revision: str | None = None
    direction: str | None = None
    origin: Origin | None = None
    sql: str | None = None
    table: str | None = None
    relation: Key | None = None
    lock: str | None = None
    grows: bool = False
    probe: str | None = None
    verified: bool = True
    suppressed: bool = False
    reason: str | None = None
    fingerprint: str = ""
    fixable: bool = False
    related: tuple[Origin, ...] = field(default=())

    @property
    def safe_way(self) -> str:
        """The advice and its recipe as one text."""
        return "\n".join(part for part in (self.advice, self.recipe) if part)


@dataclass(frozen=True, slots=True)
class Safe:
    """What a reader of the SQL alone would have flagged, and why it is fine here: shown with `-v`, never counted."""

    code: str
    name: str
    message: str
    revision: str | None = None
    origin: Origin | None = None
    sql: str | None = None
