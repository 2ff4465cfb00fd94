"""What a revision imports of the application, or of what may be it, in sentences."""

from collections.abc import Sequence

from migguard.rules.wording import listed
from migguard.trace import Note

MOST = 3
"""So many helper modules are named."""
SO = "tomorrow's code runs in yesterday's migration"


def brought(notes: Sequence[Note]) -> str:
    """What the revision imports: the application, or what may be it."""
    own = dict.fromkeys(n.subject for n in notes if not n.detail)
    found = [f"This revision imports the application ({listed(own)}): {SO}."] if own else []
    unseen = {n.subject: n.detail for n in notes if n.detail}
    if unseen:
        which = f"{listed(unseen)}, {'each of them' if len(unseen) > 1 else 'which is'} {next(iter(unseen.values()))}"
        if own:
            found.append(f"What it has of {which}, may be the application's too.")
        else:
            found.append(f"This revision imports {which}: if that is the application's, {SO}.")
    return " ".join(found)


def behind(notes: Sequence[Note]) -> str:
    """A sentence on the helper modules that import the application too, each with its first line."""
    first: dict[str, str] = {}
    for one in (one for note in notes for one in note.behind):
        first.setdefault(one.helper, f"{one.helper} ({one.module} in line {one.line})")
    shown, more = list(first.values())[:MOST], len(first) - MOST
    shown += [f"{more} more"] if more > 0 else []
    return (
        f" So do helper modules that it comes to, whatever becomes of its own imports: {listed(shown)}."
        if shown
        else ""
    )
