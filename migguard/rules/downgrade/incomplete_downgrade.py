"""MG202: upgrade and downgrade together do not give the schema back."""

from collections.abc import Iterator

from migguard.catalog.compare import Difference, differences, shown
from migguard.catalog.lookup import table_key
from migguard.changes import CreateExtension, DropColumn, RenameColumn
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.check_sources import of_application
from migguard.rules.facts.schema.downgrade_place import place_of
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.wording import listed
from migguard.trace import NoteKind, Outcome, RevisionTrace

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(
    """
    op.add_column("orders", sa.Column("note", sa.Text()))
    op.create_index("ix_orders_note", "orders", ["note"])
    """,
    given=GIVEN,
    downgrade='op.drop_index("ix_orders_note", table_name="orders")',
)
PROPERTIES = frozenset({"type", "nullability", "default", "sequence", "generated", "identity", "collation", "comment"})
"""What a column has, by the kinds of differences."""
GOOD = Example(
    'op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN, downgrade='op.drop_column("orders", "note")'
)


@rule(
    "MG202",
    "incomplete-downgrade",
    Severity.WARNING,
    "The downgrade does not give the schema back.",
    bad=BAD,
    good=GOOD,
)
def incomplete_downgrade(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    What the downgrade leaves behind is in the way of the next upgrade (`type "mood" already exists`), and what it
    does not bring back is missing for the old code.

    ## What is let through
    The order of columns and equal spellings of a default; an extension that the upgrade made IF NOT EXISTS, which may
    have been there before, so that dropping it could take it from others; names that a convention made, where the
    MetaData could not be imported; a downgrade that is missing (MG201), raises (MG203) or says that there is none.
    """
    down = subject.downgrade
    if down is None or ctx.settings.downgrade == "never" or down.missing or down.trivial or down.explicit_irreversible:
        return
    if down.outcome is not Outcome.FULL or subject.trace.outcome is not Outcome.FULL:
        return
    if any(n.kind is NoteKind.RAISED for n in down.notes) or any(s.fails for s in down.steps()):
        return
    back = there_before(subject.trace)
    found = [d for d in differences(subject.trace.before, down.after) if d.kind != "column" or d.name not in back]
    found = [d for d in found if not kept_on_purpose(d, subject.trace, down)]
    if not found:
        return
    shown = "; ".join(d.detail for d in found[:8])
    more = f"; and {len(found) - 8} more" if len(found) > 8 else ""
    yield ctx.finding(
        f"After upgrade and downgrade the schema is not what it was: {shown}{more}.",
        origin=place_of(subject),
        severity=Severity.ERROR if ctx.settings.downgrade == "required" else None,
        verified=all(s.verified for s in (*subject.trace.steps(), *down.steps()))
        and not all(d.doubtful for d in found),
        advice=advice(found, subject.trace) + of_application(found, subject.trace),
    )


def advice(found: list[Difference], upgrade: RevisionTrace) -> str:
    """What to do about it: what the upgrade has not touched is the downgrade's own doing, and what it dropped is made
    anew there, as it was."""
    changed = differences(upgrade.before, upgrade.after)
    touched, whole = {d.name for d in changed}, {d.name for d in changed if d.kind in ("table", "column")}
    if all(d.table in whole or (d.kind in PROPERTIES and d.name in whole) for d in found):
        tables = {d.table for d in found if d.kind not in PROPERTIES}
        names = listed(dict.fromkeys(d.table if d.table in tables else d.name for d in found))
        sequence = any(d.kind == "sequence" for d in found)
        own_first = " A sequence is made before its default, and then OWNED BY the column." if sequence else ""
        filled = any(d.kind == "nullability" and d.detail.endswith("was not") for d in found)
        more = " What is NOT NULL needs a default, or its values first, where there are rows." if filled else ""
        return f"downgrade() makes {names} anew: with what the message says it had before.{own_first}{more}"
    own = [
        d for d in found if d.table not in whole and not any(d.name == t or d.name.startswith(f"{t}.") for t in touched)
    ]
    if len(own) == len(found):
        return "The upgrade has not done what downgrade() undoes there: leave it out."
    undo = "Undo each of these in downgrade(), in the reverse order of the upgrade."
    left = ", ".join(d.name for d in own[:8])
    return f"{undo} What the upgrade has not touched is left alone there: {left}." if own else undo


def there_before(trace: RevisionTrace) -> set[str]:
    """The columns that a revision takes away from tables of which not all columns are known: so they were there."""
    found = set[str]()
    for step in trace.steps():
        change = step.change
        if isinstance(change, DropColumn | RenameColumn) and step.refusal is None:
            key = table_key(step.before, change.table)
            table = step.before.tables.get(key) if key is not None else None
            if table is not None and not table.complete and table.column(change.column) is None:
                found.add(f"{shown(table.key, step.before)}.{change.column}")
    return found


def kept_on_purpose(difference: Difference, upgrade: RevisionTrace, down: RevisionTrace) -> bool:
    """Whether what is left is an extension that was made only where it was not there: it may not be the revision's."""
    if difference.kind != "extension" or difference.name not in down.after.extensions:
        return False
    made = [s.change for s in upgrade.steps() if isinstance(s.change, CreateExtension)]
    own = [change for change in made if change.name == difference.name]
    return bool(own) and all(change.if_not_exists for change in own)
