"""Where a replay ended, and what the rules then said: kept for the next run over the same revisions.

An entry is found and believed as one of the released revisions is (see `memory`), but covers the whole history, and
names the revisions that were checked. docs/adr/0004 tells what it may stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from migguard.cache import evidence
from migguard.catalog.schema import Catalog
from migguard.records import dataclass
from migguard.shadow import guard
from migguard.shadow.memory import Conditions, Released, Stretch

if TYPE_CHECKING:
    from migguard.shadow.session import Replay


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a replay stood in the end, the schema before the deployment, and what the rules said when told of it.

    `told` is a digest of all that the rules were told besides what a replay of these revisions rests on.
    """

    end: Released
    released: Catalog | None
    told: str
    said: tuple[object, ...]


class Ending:
    """The end of one replay, as it was in an earlier run or as it is to be kept for a later one."""

    def __init__(self, stretch: Stretch, replay: Replay, order: Sequence[str]) -> None:
        self._stretch = stretch
        self._replay = replay
        self._order = order
        self._end: Released | None = None
        self._conditions: Conditions | None = None
        self._known: Ended | None = None

    @property
    def name(self) -> str:
        """The entry's name."""
        *_, link = self._stretch.chain(self._order)
        checked = (r for r in self._order if r in self._replay.new)
        return f"ended-{evidence.digest(link, str(self._replay.downgrades), *checked)}"

    @property
    def known(self) -> Ended | None:
        """The end as an earlier run saw it, where the replay was put there."""
        return self._known

    @property
    def released(self) -> Catalog | None:
        """The schema before the deployment, in that run."""
        return self._known.released if self._known is not None else None

    def recall(self) -> bool:
        """Put the replay where it ended in an earlier run; False where none is remembered that still holds."""
        name = self.name
        with guard.trusted():
            entry = self._stretch.read(name, Ended)
        if entry is None or not self._stretch.fits(entry[1].end):
            return False
        self._stretch.take(entry[0], entry[1].end)
        self._known = entry[1]
        return True

    def reached(self) -> None:
        """All revisions have run, downgrades apart that wait."""
        if not self._replay.interrupted and not self._replay.database.unsettled:
            self._end = self._stretch.reached()

    def settle(self) -> None:
        """All downgrades have run, too: note what everything rested on, while the project's modules are there."""
        if self._end is None or self._replay.interrupted or not self._stretch.worthwhile:
            return
        with guard.trusted():
            self._conditions = self._stretch.conditions(self._order)

    def keep(self, told: str, said: tuple[object, ...]) -> None:
        """Keep it, with what the rules said. To be called when no code of the project runs any more."""
        if self._end is not None and self._conditions is not None:
            ended = Ended(self._end, self._replay.released, told, said)
            self._stretch.write(self.name, self._conditions, ended)
