"""MG204: the downgrade brings back empty what the upgrade dropped."""

from collections.abc import Iterator
from dataclasses import replace

from migguard.changes import Unknown
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.kept_copies import kept_of_dropped
from migguard.rules.facts.schema.downgrade_losses import comes_back, creates, destroyed, emptied, refilled, worthless
from migguard.rules.facts.schema.downgrade_place import place_of
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.facts.scripts.unfollowed_calls import unfollowed
from migguard.rules.frame import Context, Example, RevisionScript, display, rule
from migguard.rules.wording import listed
from migguard.trace import Direction

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY, fax text)"
BAD = Example(
    'op.drop_column("members", "fax")',
    given=GIVEN,
    downgrade='op.add_column("members", sa.Column("fax", sa.Text()))',
)
GOOD = Example(
    'op.drop_column("members", "fax")',
    given=GIVEN,
    downgrade='raise NotImplementedError("the fax numbers are gone")',
)
MOST = 8


@rule(
    "MG204",
    "irreversible-data-loss",
    Severity.NOTICE,
    "The upgrade destroys data, and the downgrade brings back an empty table or column.",
    bad=BAD,
    good=GOOD,
)
def irreversible_data_loss(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The downgrade succeeds, the schema is the old one, and the old code finds nothing in it. Who takes that
    for a way back learns in the middle of an outage that there is none.

    ## What is let through
    Tables and columns that this deployment created, or had emptied before it dropped them; what the downgrade fills
    from where the upgrade had put it, be it row by row in a loop, but not with one constant in all rows; what the
    downgrade of an earlier revision of the deployment, which runs after it, fills so; generated
    columns, which are computed anew; a downgrade that does not bring them back, or says that it cannot. Where
    the downgrade calls a function of the application that may fill them, the finding says so.
    """
    down = subject.downgrade
    if down is None or ctx.settings.downgrade == "never" or down.explicit_irreversible or ctx.lookup is None:
        return
    before = subject.trace.before
    trace, deployment = subject.trace, ctx.lookup.deployment
    lost = [
        part
        for part in destroyed(trace, deployment.released.next_oid)
        if emptied(part, trace, down, subject.script) and not worthless(part, trace, ctx.lookup)
    ]
    again = {part: refilled(part, trace, ctx.lookup) for part in lost}
    unread = {p: (by[0], by[1]) for p, by in again.items() if by and by[1] and isinstance(by[1].change, Unknown)}
    found, perhaps = [p for p in lost if again[p] is None or p in unread], next(iter(unread.values()), None)
    if not found:
        return
    names = [display(key, before) + (f".{column}" if column is not None else "") for key, column in found]
    shown = [*names[:MOST], *([f"{len(names) - MOST} more"] if len(names) > MOST else [])]
    step = next((s for s in down.steps() if any(creates(s, part) for part in found)), None)
    place = step.statement.origin if step is not None else None
    helper = unfollowed(subject.script, down, place.line if place is not None else 0, subject.trace.notes)
    them = "it" if len(found) == 1 else "them"
    unless = f", unless {helper[0]}() of line {helper[1].line} fills {them}" if helper is not None else ""
    if perhaps is not None and not unless:
        unless = f", unless the downgrade of {perhaps[0]}, which runs after it, fills {them} again in "
        unless += line_of(perhaps[1].statement.origin, perhaps[0], None, "a statement that is not understood")
    copied = [kept_of_dropped(*part, trace, ctx) for part in found]
    back = " or ".join(sorted({comes_back(part, down) for part in found}))
    finding = ctx.finding(
        f"The upgrade drops {listed(shown)}, and the downgrade brings {them} back {back}{unless}."
        f"{''.join(dict.fromkeys(copied))}",
        origin=place or place_of(subject),
        sql=step.statement.sql if step is not None else None,
        table=found[0][0],
        verified=not unless and all(s.verified for s in (*subject.trace.steps(), *down.steps())),
        advice=f"Fill {them} in downgrade() from what the upgrade has copied, before that goes there."
        if all(copied)
        else (
            f"Keep what is in {listed(shown)} until no way back is needed: rename it or copy it in this "
            "deployment and drop it in a later one."
            + (
                " Or say that there is no way back:\ndef downgrade():\n"
                f'    raise NotImplementedError("the data of {listed(shown)} is gone")'
                if perhaps is None
                else ""
            )
        ),
    )
    yield replace(finding, direction=Direction.DOWNGRADE.value)
