"""MG803: the script reaches outside: files, sockets, processes, the environment."""

from collections.abc import Iterator

from migguard.changes import CreateIndex, Nothing, Reindex, Select, SetVariable
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.first_words import what as first_words
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.scripts.idle_settings import idle
from migguard.rules.facts.scripts.noted_lines import by_place, inspects_engine
from migguard.rules.frame import Context, display, rule
from migguard.source import Origin
from migguard.trace import Note, NoteKind, Outcome, RevisionTrace, Statement
from migguard.transactions import conflict

WHAT = {
    NoteKind.WRITE: "changes files",
    NoteKind.SOCKET: "opens a network connection",
    NoteKind.PROCESS: "starts a process",
    NoteKind.ENVIRONMENT: "reads the environment",
    NoteKind.CONNECTION: "opens a database connection of its own",
}
APART = (
    "what it does there is outside of the revision's transaction, is not undone with it, and does not see what it has "
    "changed so far"
)


@rule("MG803", "outside-world", Severity.ERROR, "The script touches files, the network, processes or the environment.")
def outside_world(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A migration that depends on a machine's files, network or environment does one thing here and another there, and
    cannot be repeated. The replay refuses it, and reads of a branch or loop that it did not take what would do so.

    A connection of the script's own (`create_engine`, `engine.connect()`, `op.get_bind().engine`) works beside the
    revision's transaction: what it writes stays when the revision fails, and where it wants a table that the revision
    has locked it waits for a transaction that waits for the script. No server sees that deadlock.

    ## What is let through
    Reading files that belong to the project; env.py, whose task it is to read settings; a variable that decides only
    what is printed or logged, or how many rows a loop takes at a time. Else reading the environment is a
    warning, and so is a connection of its own that only reads what the revision has not locked, or that is in
    autocommit mode.
    """
    script = ctx.lookup.scripts.get(trace.revision) if ctx.lookup is not None else None
    for notes in by_place(trace.notes, WHAT):
        note = notes[0]
        line = note.origin.line if note.origin is not None else 0
        here = script is not None and note.origin is not None and script.path == note.origin.path
        if note.kind is NoteKind.ENVIRONMENT and here and script is not None and idle(script, line):
            continue
        if note.kind is NoteKind.CONNECTION:
            yield connection(note, trace, ctx)
            continue
        subjects = list(dict.fromkeys(n.subject for n in notes if n.subject))
        subject = f" ({', '.join(subjects)})" if subjects else ""
        when = " when it is imported" if note.at_import else ""
        yield ctx.finding(
            f"The script {WHAT[note.kind]}{subject}{when}.",
            origin=note.origin,
            severity=Severity.WARNING if note.kind is NoteKind.ENVIRONMENT else None,
            advice="Move it out of the migration: a setting into env.py, a file or a call into a job of its own.",
        )


def connection(note: Note, trace: RevisionTrace, ctx: Context) -> Finding:
    """The finding about a connection that a script opens beside Alembic's."""
    own = [s for s in trace.statements if s.beside]
    reads = not note.unread and all(
        isinstance(s.change, (Select, SetVariable, Nothing)) for one in own for s in one.steps
    )
    meant = reads or (not note.unread and all(s.asked for s in own))
    stuck = next(filter(None, (waits_for_itself(s, ctx) for s in own)), None)
    what, place = stuck if stuck is not None else (APART, None)
    return ctx.finding(
        f"The script {WHAT[note.kind]}: {what}.",
        origin=note.origin,
        severity=Severity.WARNING if meant and stuck is None else None,
        related=(place,) if place is not None else (),
        advice=instead(trace, ctx, own, note, reads=reads),
    )


def instead(trace: RevisionTrace, ctx: Context, own: list[Statement], note: Note, *, reads: bool) -> str:
    """What to use in its place: what only looks needs no transaction of its own."""
    script = ctx.lookup.scripts.get(trace.revision) if ctx.lookup is not None else None
    whole = trace.outcome is Outcome.FULL and not any(n.kind is NoteKind.BRANCH and n.unread for n in trace.notes)
    if not own and script is not None and (whole or inspects_engine(script, note.origin)) and "inspect" in script.text:
        return "Inspect by Alembic's connection, which sees what the revision has changed:\nsa.inspect(op.get_bind())"
    if own and whole and reads:
        return "Read by Alembic's connection, which sees what the revision has changed:\nop.get_bind().execute(...)"
    return (
        "Use Alembic's connection, op.get_bind(); what must commit on its own stands in an autocommit block:\n"
        "with op.get_context().autocommit_block():\n"
        "    op.get_bind().execute(...)"
    )


def waits_for_itself(statement: Statement, ctx: Context) -> tuple[str, Origin | None] | None:
    """What to say of a statement that waits for a lock of Alembic's own transaction, and where that was taken."""
    if ctx.lookup is None:
        return None
    held = ctx.lookup.transactions.strongest(statement)
    for step in statement.steps:
        built = isinstance(step.change, (CreateIndex, Reindex)) and step.change.concurrently
        for lock in ctx.lookup.effect(step).locks:
            if lock.oid in held and conflict(lock, held[lock.oid].lock, concurrently=built):
                place = held[lock.oid].step.statement.origin
                line = f" since line {place.line}" if place is not None else ""
                name = display(lock.table, step.before)
                return (
                    f"there {first_words(step, ctx.lookup)} waits for ever for {name}, which the revision's own "
                    f"transaction has locked{line}{unless_autocommit(ctx.lookup.deployment.environment)}",
                    place,
                )
    return None
