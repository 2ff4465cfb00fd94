"""Where the text of a CHECK may come from that no script spells out."""

from collections.abc import Iterable

from migguard.catalog.compare import Difference, shown
from migguard.catalog.schema import ConstraintKind
from migguard.rules.wording import listed
from migguard.trace import RevisionTrace


def of_application(found: Iterable[Difference], upgrade: RevisionTrace) -> str:
    """A sentence on the CHECKs that differ: a type of the application makes them of the values that it has today."""
    before = upgrade.before
    names = [
        d.name
        for d in found
        if d.kind == "constraint" and d.detail.endswith(" differs")
        for table in before.tables.values()
        if shown(table.key, before) == d.table
        and (there := table.constraint(d.name)) is not None
        and there.kind is ConstraintKind.CHECK
    ]
    if not names:
        return ""
    was = "was" if len(names) == 1 else "were"
    return (
        f" If {listed(names)} {was} made of the application's own values (an enum that an earlier revision imports, "
        "MG802), their values of today are compared here: spell them out there, as they were."
    )
