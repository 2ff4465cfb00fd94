"""The rules over one deployment, asked by several processes: each knows all upgrades, and a part of the downgrades.

What is said is what one process would say, in the same order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migguard.rules import run as rules
from migguard.rules.registry import Selection
from migguard.settings import Settings
from migguard.source import Script
from migguard.trace import Deployment

if TYPE_CHECKING:
    from migguard.shadow.sharing import Sharing, Stretch


def sharing_of(settings: Settings, selection: Selection, processes: int | None) -> Sharing:
    """What shares the work with other processes: as many as are given, or else as are worth it."""
    from migguard.shadow.sharing import Sharing

    def found(deployment: Deployment, revisions: frozenset[str], about: Any) -> rules.Part:
        texts, history, running = about
        scripts = {revision: Script(path, text) for revision, path, text in texts}
        return rules.judge_of(selection, deployment, settings, scripts, history, running).part(revisions)

    return Sharing(found) if processes is None else Sharing(found, processes)


def shared(judge: rules.Judge, stretches: list[Stretch]) -> rules.Said:
    """What the rules say of a deployment, of which other processes look after some stretches: the last revisions."""
    lookup = judge.lookup
    texts = [(revision, script.path, script.text) for revision, script in lookup.scripts.items()]
    for stretch in stretches:
        deployment = lookup.deployment
        stretch.ask(deployment.environment, deployment.printed, (texts, judge.history, lookup.running))
    elsewhere = frozenset().union(*(stretch.revisions for stretch in stretches))
    own = judge.part({t.revision for t in lookup.deployment.upgrades} - elsewhere if stretches else None)
    whole = judge.whole()
    return rules.collected([own, *(stretch.answer() for stretch in stretches)], whole)
