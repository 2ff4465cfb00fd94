"""MG203: a downgrade that raises, or touches what is not there."""

from collections.abc import Iterator
from dataclasses import replace

from migguard.findings import Finding, Severity
from migguard.rules.downgrade_place import place_of
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.nameless_drops import nameless
from migguard.rules.unknown_names import unknown_name
from migguard.trace import Direction, Note, NoteKind

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(
    'op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN, downgrade='op.drop_column("orders", "notes")'
)
GOOD = Example(
    'op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN, downgrade='op.drop_column("orders", "note")'
)


@rule("MG203", "failing-downgrade", Severity.ERROR, "The downgrade fails.", bad=BAD, good=GOOD)
def failing_downgrade(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A way back that fails is found out when it is needed: in the middle of an outage.

    ## What is let through
    `raise` as the only statement, which says on purpose that there is no way back (MG201, a notice); a line that
    another finding is about: a constraint dropped without its name (MG709), or where the upgrade raises too (MG002).
    """
    down = subject.downgrade
    if down is None or ctx.settings.downgrade == "never" or down.explicit_irreversible or down.missing:
        return
    for note in down.notes:
        if note.kind is NoteKind.RAISED and not told(note, subject):
            finding = ctx.finding(
                f"downgrade() fails: {note.detail.removesuffix('.')}.",
                origin=note.origin or place_of(subject),
                advice='Mend it, or say that there is no way back: raise NotImplementedError("why").',
            )
            yield replace(finding, direction=Direction.DOWNGRADE.value)
        if note.kind is NoteKind.RAISED:
            return
    for step in down.steps():
        if step.refusal is not None and step.fails and step.verified and not unknown_name(step, ctx):
            finding = ctx.finding(
                f"downgrade() fails: {step.refusal.message}.",
                origin=step.statement.origin or place_of(subject),
                sql=step.statement.sql,
                advice="Name what the upgrade made, in the reverse order.",
            )
            yield replace(finding, direction=Direction.DOWNGRADE.value)
            return


def told(note: Note, subject: RevisionScript) -> bool:
    """Whether another rule says of the line why it raises."""
    if note.origin is None:
        return False
    line = note.origin.line
    ahead = (n.origin for n in subject.trace.notes if n.kind is NoteKind.RAISED)
    return any(c.lineno <= line <= (c.end_lineno or line) for c in nameless(subject.script)) or note.origin in ahead
