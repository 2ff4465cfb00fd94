"""MG203: a downgrade that raises, or touches what is not there."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.nameless_drops import nameless
from migguard.rules.facts.advice.replay_cures import LACKING, cure
from migguard.rules.facts.schema.downgrade_place import NO_WAY_BACK, place_of
from migguard.rules.facts.schema.downgrade_refusals import name_or_leave, why_refused
from migguard.rules.facts.schema.met_schemas import was_there
from migguard.rules.facts.schema.unknown_names import unknown_name
from migguard.rules.facts.schema.unmade_parts import may_fail_first, name_there, unmade_before
from migguard.rules.facts.scripts.caught_stand_ins import may_have_caught
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.trace import Cause, Direction, Note, NoteKind, RevisionTrace, Step

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
    Where the exception may rest on what the replay lacks (rows, a table that no revision made, a module that is not
    installed, the environment), it is a warning that the way back was not seen to its end.
    """
    down = subject.downgrade
    if down is None or ctx.settings.downgrade == "never" or down.explicit_irreversible or down.missing:
        return
    first = refused(down, ctx)
    if first is not None and not any(raised_by(first, note) for note in down.notes):
        yield said(first, subject, ctx)
        return
    for note in down.notes:
        if note.kind is NoteKind.RAISED and not told(note, subject):
            known, what = fails(note, subject), note.detail.removesuffix(".")
            finding = ctx.finding(
                f"downgrade() fails: {what}."
                if known
                else f"downgrade() could not be replayed to its end: {what}. Whether it fails is not known.",
                origin=note.origin or place_of(subject),
                severity=None if known else Severity.WARNING,
                verified=known,
                advice=f"Mend it, or say that there is no way back: {NO_WAY_BACK}." if known else cure(note, "MG203"),
            )
            yield replace(finding, direction=Direction.DOWNGRADE.value)
        if note.kind is NoteKind.RAISED:
            return


def refused(down: RevisionTrace, ctx: Context) -> Step | None:
    """The first statement that the server certainly refuses."""
    for step in down.steps():
        sure = step.verified and why_refused(step) is not None and not unknown_name(step, ctx)
        if sure and not was_there(step, ctx):
            return step
    return None


def raised_by(step: Step, note: Note) -> bool:
    """Whether an exception is what became of the statement."""
    return note.kind is NoteKind.RAISED and note.cause is Cause.STATEMENT and note.origin == step.statement.origin


def said(step: Step, subject: RevisionScript, ctx: Context) -> Finding:
    """The finding about a statement."""
    unsure = may_have_caught(subject.script, subject.trace)
    perhaps = " after what the upgrade did here, where a handler may have caught what only a stand-in raises"
    part = unmade_before(step, subject.downgrade) if subject.downgrade is not None else None
    before = f". {may_fail_first(part)}" if part is not None else ""
    finding = ctx.finding(
        f"downgrade() fails{perhaps if unsure else ''}: {why_refused(step, subject.downgrade)}{before}.",
        origin=step.statement.origin or place_of(subject),
        severity=Severity.WARNING if unsure else None,
        verified=not unsure and part is None,
        sql=step.statement.sql,
        advice="Look at it with the application installed."
        if unsure
        else name_there(part, step)
        if part is not None
        else name_or_leave(step, subject.trace, subject.downgrade),
    )
    return replace(finding, direction=Direction.DOWNGRADE.value)


def fails(note: Note, subject: RevisionScript) -> bool:
    """Whether an exception of the replay is one on a server too: it rests on nothing that the replay lacks."""
    if note.cause is Cause.STATEMENT and subject.downgrade is not None:
        return all(step.verified for step in subject.downgrade.steps() if step.refusal is not None)
    return note.cause not in LACKING or always_raised(note, subject)


def always_raised(note: Note, subject: RevisionScript) -> bool:
    """Whether it is a `raise` that downgrade() comes to whatever it finds."""
    for node in subject.script.nodes:
        if isinstance(node, ast.FunctionDef) and node.name == Direction.DOWNGRADE.value and note.origin is not None:
            found = next((n for n in node.body if n.lineno == note.origin.line and isinstance(n, ast.Raise)), None)
            return found is not None and not any(isinstance(n, ast.Return) for n in ast.walk(node))
    return False


def told(note: Note, subject: RevisionScript) -> bool:
    """Whether another rule says of the line why it raises."""
    if note.origin is None:
        return False
    line = note.origin.line
    ahead = (n.origin for n in subject.trace.notes if n.kind is NoteKind.RAISED)
    return any(c.lineno <= line <= (c.end_lineno or line) for c in nameless(subject.script)) or note.origin in ahead
