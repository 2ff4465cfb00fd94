"""The sides of branches that a replay could not take, run beside it as far as they can be read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from migguard.catalog.copying import replace as replace_in_catalog
from migguard.catalog.schema import Catalog, Key, Table
from migguard.changes import CreateTable, DropTable, Nothing, Select, SetVariable
from migguard.dialect_sides import of_other_engines
from migguard.records import dataclass
from migguard.shadow.database import Database
from migguard.shadow.directions import backwards
from migguard.shadow.outside_calls import reached
from migguard.shadow.recording import Guess, Recording
from migguard.shadow.script import functions
from migguard.shadow.sides.branches import Absent, Branch, branches, lines_of, whether_there
from migguard.shadow.sides.elsewhere import Hanging, hanging, harmless
from migguard.shadow.sides.guessed import Asked
from migguard.shadow.sides.literal import Literal
from migguard.shadow.sides.other_tables import done_before, others, with_oids_of, with_others
from migguard.shadow.sides.row_writes import Function
from migguard.shadow.sides.spelled import spelled, spelled_out
from migguard.shadow.sides.words import READ, of_files, span, told_once, what_came, who_does
from migguard.source import Origin
from migguard.trace import Aside, Cause, Certainty, Note, NoteKind, RevisionTrace, Statement

ON_ROWS = "rows, of which the replay has none"
IDLE = (Nothing, Select, SetVariable)
"""Changes that leave nothing for a commit."""


class Mark(NamedTuple):
    """How many of each there were before a side was run."""

    statements: int
    asides: int
    notes: int
    counted: int
    understood: int


@dataclass(slots=True)
class Untaken:
    """Looks for them in one upgrade. `fork` gives back what puts SQLAlchemy's own notes to where they are now."""

    database: Database
    recording: Recording
    trace: RevisionTrace
    literal: Literal
    fork: Callable[[], Callable[[], None]]

    def look(self, tree: ast.Module) -> None:
        """Run, beside the replay, the sides of branches on data or on the environment that it did not take."""
        told: set[int] = set()
        known, texts = functions(tree), spelled(tree, self.database.server.engine)
        for branch, reason, inside in self.nests(tree):
            noted, mark = len(self.recording.notes), self.mark()
            asked = self.denied(branch)
            runs = [self.run(one, self.before(one, tree), self.literal, asked=asked) for one in (branch, *inside)]
            self.reached([s for one in (branch, *inside) for s in one.statements], known)
            self.recording.notes[noted:] = [
                replace(note, hangs_on=reason, begins=self.begins(branch, tree))
                for note in self.recording.notes[noted:]
            ]
            read = {id(one.node) for one, (_, left) in zip((branch, *inside), runs, strict=True) if not left}
            count = sum(many for many, _ in runs)
            sides = zip((branch, *inside), runs, strict=True)
            held = [(s, one.held) for one, (_, left) in sides for s in left if id(s) not in read]
            unread = [s for s, _ in held]
            told.update(line for one in (branch, *inside) for line in lines_of(one.node))
            asked_of = self.asked_by(branch)
            if self.made_here(asked_of, mark) or (not unread and (not count or self.answered(asked_of, mark))):
                self.forget(mark)
            else:
                came = what_came(
                    count, unread, span(unread), branch.kind, read=all(spelled_out(s, texts, rows) for s, rows in held)
                )
                self.tell(branch, reason, came, unread=bool(unread))
        self.elsewhere(told, tree)

    def mark(self) -> Mark:
        """How much there is of what the sides of branches add to."""
        kept = self.recording
        return Mark(len(kept.statements), len(self.trace.asides), len(kept.notes), kept.count, kept.understood)

    def forget(self, mark: Mark) -> None:
        """Take away what a side has added since."""
        kept = self.recording
        del kept.statements[mark.statements :], kept.stacks[mark.statements :], kept.notes[mark.notes :]
        del self.trace.asides[mark.asides :]
        kept.count, kept.understood = mark.counted, mark.understood

    def asked_by(self, branch: Branch) -> list[Guess]:
        """The guesses that a branch hangs on: those of its own condition, else all of them."""
        placed = [g for g in self.recording.guesses if g.origin is not None]
        return [g for g in placed if g.origin is not None and g.origin.line in branch.asking] or placed

    def made_here(self, guesses: list[Guess], mark: Mark) -> bool:
        """Whether a branch asks for nothing but tables that the revision itself makes where they are lacking."""
        before = self.recording.statements[: mark.statements]
        made = {s.change.table for one in before for s in one.steps if isinstance(s.change, CreateTable)}
        return bool(guesses) and all(g.name is not None and not g.parts and g.name in made for g in guesses)

    def answered(self, guesses: list[Guess], mark: Mark) -> bool:
        """Whether the schema has answered after all: a side only drops tables that a history lacks which makes its own.

        One that alters such a table, or indexes it, tells that the history does not make all of its tables: unless the
        revision itself makes it where it is lacking.
        """
        if not guesses or not all(g.name is not None and not g.doubted and not g.parts for g in guesses):
            return False
        before, since = self.recording.statements[: mark.statements], self.recording.statements[mark.statements :]
        made = {s.change.table for one in before for s in one.steps if isinstance(s.change, CreateTable)}
        done = [step.change for one in since for step in one.steps]
        return all(isinstance(c, (*IDLE, DropTable)) or getattr(c, "table", None) in made for c in done)

    def reached(self, statements: list[ast.stmt], own: Mapping[str, Function]) -> None:
        """Note what statements of a side that the replay did not take reach outside by."""
        told = {(n.kind, n.origin.line) for n in self.recording.notes if n.origin is not None}
        for kind, call in reached(statements, own):
            origin = Origin(self.recording.path, call.lineno, call.col_offset + 1, call.end_lineno)
            if (kind, origin.line) not in told:
                told.add((kind, origin.line))
                self.recording.notes.append(Note(kind, origin, "", unread=True))

    def absent(self, guess: Guess) -> Absent | None:
        """The table that a guess is about; None where it is about rows."""
        if guess.absent is None or guess.name is None:
            return guess.absent
        catalog = self.database.catalog
        there = catalog.beyond.get((guess.name.schema or catalog.default_schema, guess.name.name))
        return guess.absent._replace(made=there is not None and there.complete)

    def tell(self, branch: Branch, reason: str, came: str, *, unread: bool) -> None:
        """Note a branch, what it depends on and what came of its other side."""
        place = Origin(self.recording.path, branch.node.lineno, branch.node.col_offset + 1)
        same = "" if reason == ON_ROWS else reason
        why = f"This {branch.kind} depends on {reason}: {came}."
        self.recording.notes.append(Note(NoteKind.BRANCH, place, "", why, unread=unread, hangs_on=same))

    def look_back(self, tree: ast.Module) -> None:
        """Note the branches of a downgrade: what they do not do here is not run, since nothing leads back to it."""
        texts = spelled(tree, self.database.server.engine)
        for branch, reason, inside in self.nests(tree, backwards(tree)):
            held = [(s, one.held) for one in (branch, *inside) for s in one.statements]
            read = branch.kind == "loop" and all(spelled_out(s, texts, rows) for s, rows in held)
            came = (
                f"what {who_does(branch.kind)} in {span([s for s, _ in held])} {READ if read else 'was not looked at'}"
            )
            self.tell(branch, reason, came, unread=True)

    def nests(self, tree: ast.Module, back: Set[str] | None = None) -> Iterator[tuple[Branch, str, list[Branch]]]:
        """The branches, each once, with those that stand inside it: the outermost is told for all of them."""
        told: set[int] = set()
        nests: list[tuple[Branch, str, list[Branch]]] = []
        for branch, reason in self.branches(tree, back):
            if branch.node.lineno in told:
                continue
            told.update(lines_of(branch.node))
            around = next((n for n in nests if inside(branch.node, n[0])), None)
            if around is not None:
                around[2].append(branch)
            else:
                nests.append((branch, reason, []))
        yield from nests

    def branches(self, tree: ast.Module, back: Set[str] | None = None) -> Iterator[tuple[Branch, str]]:
        """Each branch whose other side could run too, and what that depends on; `back` are those of a downgrade."""
        recording = self.recording
        placed = [(g.origin.line, self.absent(g)) for g in recording.guesses if g.origin is not None]
        absent, rows = [(line, one) for line, one in placed if one], {line for line, one in placed if not one}
        stood = recording.heard.lines if recording.heard is not None else {}
        others = harmless(self.literal.names) if recording.guesses or stood else {}
        asked = recording.asked()._replace(known=others)
        others_lines = of_other_engines(tree, self.database.server.engine)
        for branch in branches(tree, asked, recording.ran, stood.keys(), back):
            left = [s for s in branch.statements if not any(s.lineno in lines for lines in others_lines)]
            if left and not any(branch.node.lineno in lines for lines in others_lines):
                yield replace(branch, statements=left), branch.reason(stood, absent, rows)
        read = recording.environment
        asked = Asked(read.keys(), elsewhere=read.keys())
        for branch in branches(tree, asked, recording.ran, back=back):
            names = branch.among(read) or sorted(set(read.values()))
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            yield branch, f"the environment ({', '.join(names[:2])}{more}), which is not production's here"

    def before(self, branch: Branch, tree: ast.Module) -> Catalog | None:
        """The schema when the branch was come to: before what first ran in it or below it; None where nothing did."""
        first = self.first(branch, tree)
        return first.steps[0].before if first is not None and first.steps else None

    def begins(self, branch: Branch, tree: ast.Module) -> bool:
        """Whether the revision has only asked, and set what is of the session, when the branch is come to."""
        first = self.first(branch, tree)
        done = [s for s in self.recording.statements if s.certainty is Certainty.RAN]
        return all(
            isinstance(step.change, IDLE) for s in done[: done.index(first) if first else None] for step in s.steps
        )

    def first(self, branch: Branch, tree: ast.Module) -> Statement | None:
        """The statement that first ran in a branch or below it."""
        return self.first_from(branch.node.lineno, tree)

    def first_from(self, line: int, tree: ast.Module) -> Statement | None:
        """The statement that first ran in a line or below it, in the same function."""
        holders = [
            n
            for n in ast.walk(tree)
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.lineno <= line <= (n.end_lineno or line)
        ]
        last = min((n.end_lineno or line for n in holders), default=line)
        for statement, lines in zip(self.recording.statements, self.recording.stacks, strict=False):
            if statement.certainty is Certainty.RAN and any(line <= one <= last for one in lines):
                return statement
        return None

    def denied(self, branch: Branch) -> bool:
        """Whether a branch asked, or may have, for a table that no revision made."""
        last = branch.node.end_lineno or branch.node.lineno
        return any(
            g.name is not None and g.origin is not None and g.origin.line <= last for g in self.recording.guesses
        )

    def run(
        self, branch: Branch, start: Catalog | None, literal: Literal, *, asked: bool
    ) -> tuple[int, list[ast.stmt]]:
        """Run the statements of a side, from where the schema was then: how many operations, and what is unread.

        `asked` says that it depends on tables that no revision made: where it runs, the database has more of them.
        """
        state, back, main = self.database.fork(), self.fork(), self.database.catalog
        if start is not None and self.database.forks:
            self.database.catalog = start
        if asked and self.database.forks:
            self.database.catalog = with_others(self.database.catalog, main.beyond)
        self.database.catalog = with_oids_of(self.database.catalog, main)
        self.database.certainty = Certainty.OTHER_BRANCH
        first = len(self.recording.statements)
        count, left = literal.run(branch.statements, branch.held, self.turned_away)
        count = self.leave_out_done(first, count, main.beyond)
        if len(self.recording.statements) > first:
            self.trace.asides.append(Aside(first, len(self.recording.statements), self.database.catalog))
        taken = self.database.catalog
        met = others(taken, main) if asked else {}
        self.database.restore(state)
        kept = with_oids_of(self.database.catalog, taken) if met else self.database.catalog
        self.database.catalog = replace_in_catalog(kept, beyond=main.beyond.update(met))
        back()
        return count, left

    def leave_out_done(self, first: int, count: int, beyond: Mapping[Key, Table | None]) -> int:
        """Take away what a side does and an earlier one has done, on tables that no revision made: how many are left.

        A script that finds such a table asks for what it has before it makes more of it. `count` are the operations.
        """
        kept = self.recording
        done = [n for n, s in enumerate(kept.statements[first:], first) if done_before(s, beyond)]
        for place in reversed(done):
            kept.count -= 1
            kept.understood -= kept.statements[place].understood
            del kept.statements[place], kept.stacks[place]
        for place, statement in enumerate(kept.statements[first:], first):
            statement.index = place
        left = len(kept.statements) - first
        return min(count, left) if done else count

    def turned_away(self) -> Callable[[], bool]:
        """What says whether, from here on, questions were answered by a guess and nothing was done."""
        asked, sent = len(self.recording.guesses), len(self.recording.statements)
        return lambda: (
            len(self.recording.guesses) > asked
            and all(isinstance(step.change, IDLE) for one in self.recording.statements[sent:] for step in one.steps)
        )

    def elsewhere(self, told: set[int], tree: ast.Module) -> None:
        """Run the other sides of functions of other files whose work hangs on a guess, and note each line with calls.

        What they run stands in that line.
        """
        noted = len(self.recording.notes)
        placed: dict[int, list[Guess]] = {}
        for guess in self.recording.guesses:
            if guess.origin is not None and guess.origin.line not in told and guess.calls:
                placed.setdefault(guess.origin.line, []).append(guess)
        for line, guesses in placed.items():
            found = hanging((c for g in guesses for c in g.calls), self.recording.ran_elsewhere)
            if found:
                first = self.first_from(line, tree)
                start = first.steps[0].before if first is not None and first.steps else None
                self.called(found, guesses, start)
        self.recording.notes[noted:] = told_once(self.recording.notes[noted:])

    def called(self, found: list[Hanging], guesses: list[Guess], start: Catalog | None) -> None:
        """Run the other sides of functions that were called in one line, and note what came of it."""
        mark = self.mark()
        place, name = guesses[0].origin, found[-1].call.name
        absent = list(dict.fromkeys(asked for g in guesses if (asked := self.absent(g)) is not None))
        on = whether_there(absent) if absent else "rows, of which the replay has none"
        count, left = 0, list[tuple[str, ast.stmt]]()
        self.recording.placed = place
        try:
            for one in found:
                literal = self.literal.elsewhere(Path(one.call.file), one.names)
                for side in one.sides or ():
                    many, rest = self.run(side, start, literal, asked=bool(absent))
                    count += many
                    left += [(Path(one.call.file).name, s) for s in rest]
        finally:
            self.recording.placed = None
        unseen = any(one.sides is None for one in found)
        if not unseen and not left and (not count or self.answered(guesses, mark)):
            self.forget(mark)
            return
        what = "the other side was not seen" if unseen else what_came(count, [s for _, s in left], of_files(left))
        said = f"What {name}() does depends on {on}: {what}."
        subject = name if not count and (unseen or left) else ""
        cause = Cause.TABLE if all(g.absent is not None for g in guesses) else Cause.ROWS
        unread = bool(unseen or left)
        self.recording.notes.append(Note(NoteKind.BRANCH, place, subject, said, cause=cause, unread=unread))


def inside(node: ast.stmt, outer: Branch) -> bool:
    """Whether a branch stands inside another, or in what the other's other side does after it."""
    return within(node, outer.node) or any(node is one or within(node, one) for one in outer.statements)


def within(inner: ast.stmt, outer: ast.stmt) -> bool:
    """Whether a statement stands inside another."""
    return outer.lineno < inner.lineno and (inner.end_lineno or inner.lineno) <= (outer.end_lineno or outer.lineno)
