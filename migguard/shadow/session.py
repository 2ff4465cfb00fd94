"""Replay a project's revisions, one after the other, on a shadow database."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import field
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from migguard.catalog.copying import replace
from migguard.catalog.schema import Catalog
from migguard.project.config import AlembicProject
from migguard.project.graph import Graph, Revision
from migguard.records import dataclass
from migguard.settings import Settings
from migguard.shadow import guard, loader, raised, script, wrappers
from migguard.shadow.caught import got_over
from migguard.shadow.circumstances import Circumstances, Heard, as_old
from migguard.shadow.database import Database, State
from migguard.shadow.ending import Ending
from migguard.shadow.given_back import take_back
from migguard.shadow.imports import application_imports, notable
from migguard.shadow.memory import Stretch
from migguard.shadow.missing_modules import listening
from migguard.shadow.origin import place_of
from migguard.shadow.own_constants import constants, takes_some
from migguard.shadow.own_modules import OwnFinder, because_of, go_on, short
from migguard.shadow.pending_rows import told_of_pending
from migguard.shadow.recording import Recording
from migguard.shadow.resume import Resumed, spans
from migguard.shadow.sharing import Later
from migguard.shadow.sides.literal import Literal
from migguard.shadow.sides.untaken import Untaken
from migguard.shadow.timelimit import TimeUp, limited
from migguard.shadow.unknown_operations import stood_in
from migguard.source import Origin
from migguard.trace import (
    OLD_SQLALCHEMY,
    Cause,
    Certainty,
    Deployment,
    Direction,
    Environment,
    Note,
    NoteKind,
    Outcome,
    RevisionTrace,
    Summary,
)

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of running one revision. `seen` orders attempts by how much they saw."""

    upgrade: RevisionTrace
    summary: Summary
    downgrade: RevisionTrace | None = None
    broken: list[Note] = field(default_factory=list)

    @property
    def seen(self) -> tuple[int, int]:
        """The more, the better."""
        rank = {Outcome.FULL: 2, Outcome.PARTIAL: 1, Outcome.FAILED: 0}[self.upgrade.outcome]
        return rank, self.summary.statements

    @property
    def wanting(self) -> bool:
        """Whether something of it was not seen that could be seen otherwise: not where only time was lacking."""
        slow = any(n.kind is NoteKind.TOO_SLOW for n in self.upgrade.notes)
        return self.upgrade.outcome is not Outcome.FULL and not slow


class Listener(Protocol):
    """Is told of each revision. What it knows then is kept, and taken by another where revisions are passed over."""

    def note(self, revision: str, before: Catalog, after: Catalog) -> None:
        """A revision was run."""

    def kept(self) -> tuple[object, ...]:
        """What it knows."""

    def take(self, kept: tuple[Any, ...]) -> None:
        """Know that."""


@dataclass(slots=True)
class Replay:
    """One run over all revisions on one database."""

    project: AlembicProject
    graph: Graph
    new: frozenset[str]
    settings: Settings
    database: Database
    watch: guard.Watch
    stubs: Callable[[], set[str]]
    own: OwnFinder | None = None
    progress: Progress | None = None
    skip: frozenset[str] = frozenset()
    downgrades: bool = True
    listener: Listener | None = None
    memory: Callable[[Replay, dict[str, Any], bool], Stretch] | None = None
    ending: Ending | None = None
    interrupted: bool = False  # a time limit ended something
    released: Catalog | None = None
    complete: bool = False
    start: Catalog | None = None
    ready: Callable[[], None] | None = None  # has the connection open, and in Alembic's transaction
    query: tuple[Origin | None] | None = None  # set where a statement of env.py had begun the transaction: its place
    memo: dict[Any, Any] = field(default_factory=dict)
    later: Later | None = None
    _circumstances: Circumstances | None = None
    _upgrades: list[RevisionTrace] = field(default_factory=list)
    _downgrades: dict[str, RevisionTrace] = field(default_factory=dict)
    _summaries: dict[str, Summary] = field(default_factory=dict)
    _broken: list[Note] = field(default_factory=list)
    _tree: tuple[Path, ast.Module] | None = None

    def run(self, *, per_migration: bool, connection: Callable[[], None] | None = None, **arguments: Any) -> None:
        """Run every revision in order. `arguments` are what env.py hands to `run_migrations`."""
        order = [r for r in self.graph.deployed(self.new) if r not in self.skip]
        boundaries = per_migration or not self.database.transactional_ddl
        self.start = start = self.database.catalog
        released = list(takewhile(lambda r: r not in self.new, order))
        stretch = self.memory(self, arguments, per_migration) if self.memory is not None else None
        self.ending = stretch.ending(order) if stretch is not None else None
        if self.ending is not None and self.ending.recall():
            self.released = self.ending.released
            self.database.pending = self.complete = True
            return
        passed = stretch.recall(released) if stretch is not None else 0
        for number, name in enumerate(order, 1):
            if number <= passed:
                continue
            if stretch is not None and number > len(released):
                stretch.keep(released)
                stretch = None
            if self.progress is not None:
                self.progress(number, len(order), name)
            self.ready = connection
            if name in self.new and self.released is None:
                self.database.deploy(start)
                self.recall({})  # the deployment is a run of its own: SQLAlchemy makes a type again there
                self.released = self.database.catalog
            elif boundaries:
                self.database.boundary()
            before = self.database.catalog
            self.revision(self.graph.revisions[name], arguments)
            self.database.at_version(name)
            if self.listener is not None:
                self.listener.note(name, before, self.database.catalog)
        if stretch is not None:
            stretch.keep(released)
        if self.later is not None:
            self.take_downgrades(self.later.share(self, [one.revision for one in self._upgrades]))
        if self.ending is not None:
            self.ending.reached()
        self.database.pending = True
        self.complete = True

    def finish(self, environment: Environment, printed: list[str]) -> Deployment:
        """What was seen."""
        final = self.database.catalog
        return Deployment(
            released=self.released if self.released is not None else final,
            upgrades=self._upgrades,
            downgrades=self._downgrades,
            environment=environment,
            replayed=len(self._summaries),
            transactional_ddl=self.database.transactional_ddl,
            summaries=self._summaries,
            broken=self._broken,
            printed=printed,
            final=final,
        )

    def take_downgrades(self, found: dict[str, RevisionTrace]) -> None:
        """Take over downgrades that were not run behind their upgrades."""
        every = self._downgrades | found
        self._downgrades = {one.revision: every[one.revision] for one in self._upgrades if one.revision in every}

    @property
    def lost(self) -> bool:
        """Whether the revisions ran in a transaction that somebody else had begun and nobody has committed."""
        return self.query is not None and self.database.pending

    @property
    def summaries(self) -> dict[str, Summary]:
        """How each revision that was replayed fared."""
        return self._summaries

    @property
    def broken(self) -> list[Note]:
        """What could not be loaded."""
        return self._broken

    def remember(self, summaries: Iterable[tuple[str, Summary]], broken: Iterable[Note]) -> None:
        """Take over what another replay saw of revisions that this one passes over."""
        self._summaries.update(summaries)
        self._broken += broken

    # --- one revision ---

    @property
    def circumstances(self) -> Circumstances:
        """In what else a revision may be run."""
        if self._circumstances is None:
            self._circumstances = Circumstances(self.project, self.own)
        return self._circumstances

    def revision(self, revision: Revision, arguments: dict[str, Any]) -> None:
        """Run a revision; where it fails, once more in each of the other circumstances, until it does not."""
        before, memo = self.database.fork(), dict(self.memo)
        chosen = self.attempt(revision, arguments, self.later)
        if chosen.wanting:
            plain = list(chosen.upgrade.notes)
            for block, missing in self.circumstances.others(revision, self.stubs()):
                after, kept = self.database.fork(), dict(self.memo)
                self.database.restore(before)
                self.recall(memo)
                with block:
                    other = self.attempt(revision, arguments)
                plain = plain if missing else list(other.upgrade.notes)
                if other.seen <= chosen.seen:
                    self.database.restore(after)
                    self.recall(kept)
                    continue
                if missing and revision.id in self.new:
                    other.upgrade.notes.append(as_old(revision.path, plain))
                chosen = other
                if not chosen.wanting:
                    break
        self._summaries[revision.id] = chosen.summary
        self._broken += chosen.broken
        if revision.id in self.new:
            self._upgrades.append(chosen.upgrade)
            if chosen.downgrade is not None:
                self._downgrades[revision.id] = chosen.downgrade

    def recall(self, memo: dict[Any, Any]) -> None:
        """Put back what SQLAlchemy notes on Alembic's implementation: the types it has made in this run."""
        self.memo.clear()
        self.memo.update(memo)

    def fork_memo(self) -> Callable[[], None]:
        """What puts back what is noted now."""
        kept = dict(self.memo)
        return lambda: self.recall(kept)

    def attempt(self, revision: Revision, arguments: dict[str, Any], later: Later | None = None) -> Attempt:
        """Load a revision, run its upgrade and, where it is checked, its downgrade, which `later` may take."""
        checked = revision.id in self.new
        self.database.released = not checked
        recording = Recording(revision.path, checked)
        before = self.database.catalog
        module = self.load(revision, recording)
        if module is None:
            trace = RevisionTrace(revision.id, Direction.UPGRADE, before, before, [], recording.notes, Outcome.FAILED)
            trace.unseen = "Nothing of it was seen."
            broken = [n for n in recording.notes if n.kind is NoteKind.NOT_LOADED]
            return Attempt(trace, Summary(Outcome.FAILED, 0, 0), broken=broken)
        waits = False
        state = self.database.fork()
        try:
            trace = self.direction(revision, module, recording, Direction.UPGRADE, arguments)
            met = any(one.name is not None for one in recording.guesses)
            if met and not checked and self.database.forks and not self.database.unsettled:
                self.look_beyond(revision, module, arguments, state)
            if checked and takes_some(revision.path) and (tree := self.tree(revision)) is not None:
                trace.notes += constants(revision.path, tree, self.project)
            summary = Summary(trace.outcome, recording.count, recording.understood)
            down = checked and self.downgrades
            waits = down and later is not None and later.takes(self, revision, module, arguments, trace)
            return Attempt(
                trace, summary, self.back(revision, module, arguments, trace) if down and not waits else None
            )
        finally:
            if not waits:
                loader.unload(module)

    def look_beyond(self, revision: Revision, module: ModuleType, arguments: dict[str, Any], state: State) -> None:
        """Run a released upgrade as a checked one, for what it does where a table is that no revision makes."""
        after, memo, interrupted = self.database.fork(), self.fork_memo(), self.interrupted
        rows, last, dirty = self.database.counted
        self.database.restore(state)
        self.direction(revision, module, Recording(revision.path, checked=True), Direction.UPGRADE, arguments)
        seen = self.database.catalog
        self.database.restore(after)
        self.database.resume(rows, last, dirty=dirty)
        self.database.catalog = replace(self.database.catalog, beyond=seen.beyond, next_oid=seen.next_oid)
        memo()
        self.interrupted = interrupted

    def load(self, revision: Revision, recording: Recording) -> ModuleType | None:
        """The revision's module; None, and a note, where it cannot be loaded."""
        self.watch.path, self.watch.at_import = revision.path, True
        self.watch.note = recording.notes.append if recording.checked else None
        try:
            with limited(self.settings.replay_timeout):
                module = loader.load(
                    revision.path, compiled=revision.code, goes_on=lambda m, error: self.goes_on(recording, m, error)
                )
                wrappers.replace_in(module)
        except TimeUp as error:
            self.too_slow(revision, recording, "to be imported", error)
            return None
        except (Exception, SystemExit, guard.Exiting) as error:  # noqa: BLE001  # a script may raise anything
            failure = loader.failure(revision.path, error)
            place = Origin(revision.path, failure.line, failure.column)
            refused = raised.by_sqlalchemy(error, revision.path)
            recording.notes.append(
                Note(NoteKind.NOT_LOADED, place, revision.id, failure.reason, at_import=True, refused=refused)
            )
            return None
        finally:
            self.watch.path, self.watch.at_import = None, False
        if recording.checked:
            stubs = self.stubs()
            tree = self.tree(revision) if notable(revision.path, self.project, stubs) else None
            if tree is not None:
                recording.notes += application_imports(revision.path, tree, self.project, stubs)
            Heard(revision.path, self.stubs(), recording.notes).scan(module)
        return module

    def goes_on(self, recording: Recording, module: ModuleType, error: Exception) -> bool:
        """Load what stands below a statement that only failed because it was given a stand-in."""
        found = because_of(module, error)
        if found is None:
            return False
        go_on(module, error)
        line, path = found
        said = (
            f"Line {line} could not be run when the script was loaded ({short(error)}): {path} is not installed here."
        )
        place = Origin(recording.path, line)
        recording.notes.append(Note(NoteKind.STUBBED, place, path, said, at_import=True, cause=Cause.MISSING))
        return True

    def too_slow(self, revision: Revision, recording: Recording, what: str, error: TimeUp) -> None:
        """Note that the time was up, and where the script was then."""
        self.interrupted = True
        seconds = f"{self.settings.replay_timeout:g} s"
        place = place_of(error, revision.path) or Origin(revision.path, 1)
        recording.notes.append(
            Note(NoteKind.TOO_SLOW, place, revision.id, f"The script took more than {seconds} {what}")
        )

    def direction(
        self,
        revision: Revision,
        module: ModuleType,
        recording: Recording,
        direction: Direction,
        arguments: dict[str, Any],
    ) -> RevisionTrace:
        """Run upgrade() or downgrade()."""
        database = self.database
        trace = RevisionTrace(
            revision.id, direction, database.catalog, database.catalog, recording.statements, recording.notes
        )
        function = getattr(module, direction.value, None)
        if not callable(function):
            trace.missing = True
            if direction is Direction.UPGRADE:
                trace.outcome = Outcome.FAILED
                place, why = Origin(revision.path, 1), f"there is no {direction.value}()"
                recording.notes.append(Note(NoteKind.NO_FUNCTION, place, direction.value, why))
            return trace
        if self.ready is not None:
            self.ready()
        self.watch.path = revision.path
        self.watch.note = recording.notes.append if recording.checked else None
        database.recorder, database.certainty = recording, Certainty.RAN
        database.absent = recording.absent
        database.ready, database.raised = recording.ready, []
        failure: BaseException | None = None
        try:
            recording.heard = heard = Heard(revision.path, self.stubs(), recording.notes)
            with (
                limited(self.settings.replay_timeout),
                listening(heard),
                stood_in(self.stubs()),
                told_of_pending(recording.pending),
            ):
                function(**arguments)
            if heard.unseen and direction is Direction.UPGRADE:
                trace.outcome, trace.unseen = Outcome.PARTIAL, heard.what_was_not_seen()
        except TimeUp as error:
            failure = error
            self.too_slow(revision, recording, "to run", error)
        except (SystemExit, guard.Exiting, KeyboardInterrupt) as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failure = error
            recording.notes.append(
                Note(NoteKind.EXIT, place_of(error, revision.path), "", "it tries to end the process")
            )
        except guard.Refused as error:
            failure = error
            recording.notes.append(raised.note(error, recording, str(error)))
        except Exception as error:  # noqa: BLE001 - the script is the user's and may raise anything; it is reported
            failure = error
            recording.notes.append(raised.note(error, recording))
        finally:
            database.savepoints.clear()
            trace.after = database.catalog
        got_over(database.raised, failure)
        if recording.checked or failure is not None:
            self.look_further(revision, module, recording, trace, failure)
        database.recorder = database.absent = database.ready = None
        self.watch.path = None
        return trace

    def look_further(
        self,
        revision: Revision,
        module: ModuleType,
        recording: Recording,
        trace: RevisionTrace,
        failure: BaseException | None,
    ) -> None:
        """Read from the syntax tree what the replay did not see."""
        needed = (
            failure is not None
            or recording.guesses
            or (recording.heard is not None and recording.heard.lines)
            or recording.environment
            or not recording.statements
        )
        tree = self.tree(revision) if needed else None
        if tree is None:
            return
        known = script.functions(tree)
        function = known.get(trace.direction.value)
        if function is not None:
            back = trace.direction is Direction.DOWNGRADE
            trace.trivial = script.trivial(function) or (back and not trace.statements and script.tells_only(function))
            trace.explicit_irreversible = back and script.irreversible(function)
        if trace.direction is Direction.DOWNGRADE:
            if failure is not None:
                trace.outcome = Outcome.PARTIAL
            elif recording.checked:
                literal = Literal(revision.path, vars(module), self.database.server.engine)
                Untaken(self.database, recording, trace, literal, self.fork_memo).look_back(tree)
            return
        literal = Literal(revision.path, vars(module), self.database.server.engine)
        if failure is not None:
            left = self.resume(revision, module, tree, failure)
            trace.outcome = Outcome.PARTIAL if recording.count else Outcome.FAILED
            where = spans(left, tree)
            trace.unseen = f"Not seen: {where}." if where else "What follows was read from the source."
            trace.after = self.database.catalog
            if not left and not recording.count:
                trace.unseen = "Nothing of it was seen."
        if recording.checked:
            Untaken(self.database, recording, trace, literal, self.fork_memo).look(tree)

    def resume(
        self, revision: Revision, module: ModuleType, tree: ast.Module, failure: BaseException
    ) -> list[ast.stmt]:
        """Run what comes after an exception as far as it goes; the statements that were not seen."""
        self.database.certainty = Certainty.READ
        rest = Resumed(revision.path, self.database.server.engine)
        try:
            with limited(self.settings.replay_timeout):
                rest.after(tree, module, failure)
        except (TimeUp, guard.Exiting):
            function = script.functions(tree).get(Direction.UPGRADE.value)
            return [*rest.left, *(function.body[-1:] if function is not None else [])]
        finally:
            self.database.savepoints.clear()
        return rest.left

    def tree(self, revision: Revision) -> ast.Module | None:
        """The revision's syntax tree. The last one is kept, since several ask for it in turn."""
        if self._tree is None or self._tree[0] != revision.path:
            try:
                self._tree = revision.path, ast.parse(revision.path.read_bytes())
            except (SyntaxError, ValueError):
                return None  # it could not have been loaded either
        return self._tree[1]

    def back(
        self, revision: Revision, module: ModuleType, arguments: dict[str, Any], upgrade: RevisionTrace
    ) -> RevisionTrace:
        """Run downgrade() from where the upgrade left the schema, and come back.

        Where it fails it is run once more as SQLAlchemy 1.4 would have, if the project may have that.
        """
        trace = self.backwards(revision, module, arguments, upgrade)
        if trace.outcome is Outcome.FULL or trace.explicit_irreversible:
            return trace
        if any(n.kind is NoteKind.TOO_SLOW for n in trace.notes) or not self.circumstances.old(self.stubs()):
            return trace
        from migguard.shadow.legacy import legacy

        with legacy():
            other = self.backwards(revision, module, arguments, upgrade)
        if other.outcome is not Outcome.FULL:
            return trace
        if all(n.subject != OLD_SQLALCHEMY for n in upgrade.notes):
            upgrade.notes.append(as_old(revision.path, trace.notes))
        return other

    def backwards(
        self, revision: Revision, module: ModuleType, arguments: dict[str, Any], upgrade: RevisionTrace
    ) -> RevisionTrace:
        """Run downgrade() once."""
        state, memo, counted = self.database.fork(), dict(self.memo), self.database.counted
        self.database.boundary()
        self.memo.clear()
        recording = Recording(revision.path, checked=True)
        trace = self.direction(revision, module, recording, Direction.DOWNGRADE, arguments)
        self.database.restore(state)
        self.database.resume(counted[0], counted[1], dirty=False)
        self.recall(memo)
        take_back(upgrade, trace)
        return trace
