"""A lock timeout that env.py, or the connection, gives to every revision: what is said of it is said once."""

from migguard.rules.facts.locks.lock_waits import Cause, Wait, waits
from migguard.rules.frame import Lookup
from migguard.trace import Given, RevisionTrace

TOLD = "revisions that wait under what env.py gives"


def blames_env(wait: Wait) -> Given | None:
    """The setting of env.py's that is to blame for a wait; None where that is a revision's, or none is made."""
    return wait.given if wait.setting is None and wait.cause is not Cause.NOTHING_SET else None


def waiting_under(given: Given, lookup: Lookup) -> list[RevisionTrace]:
    """The checked upgrades that wait under that setting, in order."""
    if TOLD not in lookup.kept:
        found: dict[int, list[RevisionTrace]] = {}
        for trace in lookup.deployment.upgrades:
            for one in {id(g): g for wait in waits(trace, lookup) if (g := blames_env(wait)) is not None}:
                found.setdefault(one, []).append(trace)
        lookup.kept[TOLD] = found
    return list(lookup.kept[TOLD].get(id(given), ()))


def told_before(wait: Wait, trace: RevisionTrace, lookup: Lookup) -> bool:
    """Whether another revision is the first to wait under the setting of env.py's that is to blame."""
    given = blames_env(wait)
    return given is not None and any(one is not trace for one in waiting_under(given, lookup)[:1])


def in_place(wait: Wait, trace: RevisionTrace, lookup: Lookup) -> tuple[str, str, str]:
    """Where a wait that is told at env.py's line happens, how to mend that line, and where else it holds."""
    at, given = wait.step.statement.origin, wait.given
    where = f" in line {at.line} of revision {trace.revision}" if at is not None else ""
    later = len(waiting_under(given, lookup)) - 1 if given is not None else 0
    more = f" The same holds in {later} later revision{'s' if later > 1 else ''}." if later > 0 else ""
    which = "it" if given is not None and given.local and wait.cause is not Cause.TOO_LONG else "a short one"
    cure = f"Set {which} for the session there, which holds for all revisions, and let the deployment try again."
    return where, cure, more
