"""Models against migrations: replay the history through env.py, and let Alembic compare the result with the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import MigrationContext

from migguard.catalog.schema import Catalog
from migguard.differences import SchemaDifference
from migguard.drift.metadata import metadatas
from migguard.drift.models import Places
from migguard.drift.touched import Touched
from migguard.errors import UsageError
from migguard.models import ModelTable
from migguard.project.config import AlembicProject
from migguard.project.graph import Graph
from migguard.report import Failure
from migguard.settings import Settings, merged
from migguard.shadow.environment import Runner, reason
from migguard.shadow.session import Progress, Replay
from migguard.trace import Deployment, Outcome

if TYPE_CHECKING:
    from migguard.drift.details import Same
    from migguard.drift.modelled import Written
    from migguard.live.schema import LiveSchema


REFUSALS = 5
"""What of the models no server would take is told up to here: most of it follows from the first."""


@dataclass(slots=True)
class Drift:
    """What a comparison found.

    `tables` counts those of the models, `compared` the databases that have any; `models` are their descriptions where
    they were asked for; `missing` are modules that env.py and the models import and that are not installed: what
    stands in for them may be anything. `raised` are the project's own modules that raised when they were imported,
    each with what and where; `refused` is what a comparison itself raised.
    """

    differences: list[SchemaDifference] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    refused: list[Failure] = field(default_factory=list)
    revisions: int = 0
    tables: int = 0
    models: list[ModelTable] = field(default_factory=list)
    compared: int = 0

    @property
    def obstacle(self) -> str:
        """Why the models are not known, in words; empty where they are."""
        return (
            self.raised[0] if self.raised else f"{', '.join(self.missing)} not installed here" if self.missing else ""
        )

    @property
    def summary(self) -> str:
        """What was compared, and whether it agrees."""
        what = f"{self.tables} tables of the models against {self.revisions} revisions"
        if not self.differences:
            if self.refused:
                return f"{what}: no verdict ({self.refused[0].message})."
            return f"{what}: no difference." if not self.failures else f"{what}: no verdict."
        unverified = sum(1 for d in self.differences if not d.verified)
        rest = f", {unverified} of them unverified" if unverified else ""
        return f"{what}: {len(self.differences)} difference{'' if len(self.differences) == 1 else 's'}{rest}."


@dataclass(slots=True)
class Watch:
    """Follows the replays of one run, and compares at the end of each.

    `describing` also puts the models down; `strict` also compares what Alembic does not look at. `live` is a database
    that is compared in the place of the replayed schema; `same` asks it.
    """

    describing: bool = False
    strict: bool = False
    live: LiveSchema | None = None
    same: Same | None = None
    ran: dict[int, Written] = field(default_factory=dict)
    judged: list[tuple[MigrationContext, Replay, Touched, Catalog]] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    drift: Drift = field(default_factory=Drift)
    touched: dict[int, Touched] = field(default_factory=dict)

    def listening(self, context: MigrationContext, replay: Replay) -> Touched | None:
        """Note what each revision of a replay touches, where there are models."""
        if not metadatas(context.opts.get("target_metadata")) and self.live is None:
            return None
        raised = replay.own.raised if replay.own is not None else {}
        self.drift.raised = tuple(raised.values())
        self.drift.missing = tuple(sorted({m.partition(".")[0] for m in replay.stubs() - raised.keys()}))
        if self.strict:
            from migguard.drift.modelled import written

            self.ran[id(replay)] = written(metadatas(context.opts.get("target_metadata")), replay.database.server)
        wanted = frozenset(r for rows in self.live.versions.values() for r in rows) if self.live is not None else None
        touched = self.touched[id(replay)] = Touched(wanted=wanted or frozenset())
        return touched

    def replayed(self, context: MigrationContext, replay: Replay) -> None:
        """Compare, with the options that env.py gave and on the connection that it opened."""
        touched = self.touched.get(id(replay))
        if self.live is not None and touched is not None:
            self.judged.append((context, replay, touched, replay.database.catalog))
            replay.database.catalog = self.live.catalog
            touched = touched.of_database()
        models = metadatas(context.opts.get("target_metadata"))
        if not models or touched is None or self.drift.missing or self.drift.raised:
            return
        from migguard.drift.compare import Comparison
        from migguard.drift.unimported import pointed

        self.drift.compared += 1
        self.drift.tables += sum(len(m.tables) for m in models)
        if self.describing:
            from migguard.drift.describe import described

            self.drift.models += described(models, self.places, context.dialect, None)
        comparison = Comparison(context, replay.database, self.places, touched, ran=self.ran.get(id(replay)))
        comparison.live, comparison.same = self.live is not None, self.same
        try:
            found = comparison.differences(context.opts["target_metadata"], strict=self.strict)
        except Exception as error:  # noqa: BLE001 - hooks and plugins of the project may raise anything; it is reported
            self.drift.refused.append(Failure(f"Alembic could not compare the models: {reason(error)}"))
            return
        self.drift.differences += pointed(found, replay.project)
        self.drift.refused += [
            Failure(f"the models cannot be made on such a server: {why}") for why in comparison.refused[:REFUSALS]
        ]

    def finish(self, graph: Graph, deployments: list[Deployment]) -> Drift:
        """The outcome; what rests on a revision of which not everything was seen is unverified."""
        drift, doubts = self.drift, Touched()
        for deployment in deployments:
            for revision, summary in deployment.summaries.items():
                if summary.outcome is not Outcome.FULL or summary.understood < summary.statements:
                    path = graph.revisions[revision].path
                    doubts.doubt(path.read_text(encoding="utf-8", errors="replace"))
        for *_, touched, _ in self.judged:
            touched.doubted |= doubts.doubted
        if self.live is not None:
            doubts = Touched()  # the database is read, not replayed
        drift.revisions = len(graph.revisions)
        drift.differences = [
            one if doubts.verified(("", one.table)) else replace(one, verified=False) for one in drift.differences
        ]
        return drift


def compare(
    project: AlembicProject,
    graph: Graph,
    settings: Settings,
    progress: Progress | None = None,
    *,
    strict: bool = False,
    live: LiveSchema | None = None,
    same: Same | None = None,
) -> Drift:
    """Replay everything and compare it with the models that env.py names.

    With `live`, that database is compared with the models, and with what its own revision makes; `same` asks it.
    """
    watch, deployments = attempt(project, graph, settings, progress, Watch(strict=strict, live=live, same=same))
    drift = watch.finish(graph, deployments)
    drift.failures += failures(deployments, drift)
    drift.failures += [Failure(f"{one.path.name} could not be loaded: {one.reason}") for one in graph.broken]
    if graph.cycles or graph.missing:
        drift.failures.append(
            Failure("the revision graph is broken, so what it ends in is not known", "see `migguard check`")
        )
    if live is not None:
        of_database(watch, graph, live, lambda part: made_runner(project, part, settings))
    return drift


def attempt(
    project: AlembicProject, graph: Graph, settings: Settings, progress: Progress | None, watch: Watch
) -> tuple[Watch, list[Deployment]]:
    """Replay as Alembic itself would run here; with stand-ins for what is not installed only where that fails.

    An application may do without a library that it tries to import: only its own handling of that says what the models
    are then.
    """
    strict = merged(settings, {"stub_missing_imports": False})
    runner = watched(made_runner(project, graph, strict, progress, ThroughEnv), watch)
    with watch.places.noting():
        deployments = runner.run()
    if watch.drift.compared and whole(deployments):
        return watch, deployments
    if not settings.stub_missing_imports and deployments:
        return watch, deployments
    watch = Watch(strict=watch.strict, live=watch.live, same=watch.same)
    runner = watched(made_runner(project, graph, settings, progress), watch)
    with watch.places.noting():
        return watch, runner.run()


class ThroughEnv(Runner):
    """Runs nothing where env.py does not run."""

    def without_env(self, *_: Any) -> None:
        """There will be another attempt."""


def watched(runner: Runner, watch: Watch) -> Runner:
    """The run, followed by a watch."""
    runner.listening, runner.replayed = watch.listening, watch.replayed
    return runner


def whole(deployments: list[Deployment]) -> bool:
    """Whether everything was seen."""
    return bool(deployments) and all(
        d.environment.ran and not d.broken and all(s.outcome is Outcome.FULL for s in d.summaries.values())
        for d in deployments
    )


def made_runner(
    project: AlembicProject,
    graph: Graph,
    settings: Settings,
    progress: Progress | None = None,
    kind: type[Runner] = Runner,
) -> Runner:
    """A run over all revisions of a graph."""
    runner = kind(project, graph, frozenset(), settings, progress, downgrades=False)
    if settings.baseline is not None:
        from migguard.shadow.baseline import baseline

        runner.baseline = baseline(project.config_path.parent / settings.baseline)
    return runner


def of_database(watch: Watch, graph: Graph, live: LiveSchema, runner: Callable[[Graph], Runner]) -> None:
    """Hold a database against its own revision."""
    from migguard.drift.database import Drifted, behind, standing, unknown

    drift = watch.drift
    drift.failures += [Failure(f"a definition of the database was not understood: {one}") for one in live.unread]
    if len(watch.judged) != 1:
        if watch.judged:
            raise UsageError(
                f"env.py migrates {len(watch.judged)} databases; --url is for projects with one",
                hint="name a section of alembic.ini that has one (-n)",
            )
        return
    [(context, _, touched, final)] = watch.judged
    where = standing(live, context, graph)
    found = list(behind(where, graph))
    drift.failures += unknown(where)
    if where.has and not where.unknown:
        expected = final if where.has == set(graph.order) else touched.after(where.has, graph.order)
        if expected is None:
            part = Graph({r: one for r, one in graph.revisions.items() if r in where.has})
            expected = replayed_part(runner(part))
        if expected is not None:
            found += Drifted(live, expected, where, touched, context, watch.same or (lambda *_: None)).differences()
        else:
            drift.failures.append(Failure("the revisions that the database has could not be replayed by themselves"))
    drift.differences = [*found, *drift.differences]


def replayed_part(runner: Runner) -> Catalog | None:
    """The schema after a part of the history."""
    runner.run()
    return runner.replays[0][0].database.catalog if runner.replays else None


def failures(deployments: list[Deployment], drift: Drift) -> list[Failure]:
    """Why there is no verdict, where there is none."""
    found = [*drift.refused]
    for deployment in deployments:
        environment = deployment.environment
        if not environment.ran:
            found.append(
                Failure(f"env.py could not be run, so the models are not known: {environment.why}", "see MG010")
            )
        found += [Failure(f"{n.subject} could not be loaded: {n.detail}") for n in deployment.broken]
        lost = [r for r, s in deployment.summaries.items() if s.outcome is Outcome.FAILED]
        found += [Failure(f"nothing of {revision} could be replayed") for revision in lost]
    found += [Failure(f"the models could not be imported: {said}") for said in drift.raised]
    if drift.missing:
        names = ", ".join(drift.missing)
        found.append(
            Failure(
                f"env.py or the models import what is not installed here ({names}), so the models are not known",
                "run migguard in the application's environment",
            )
        )
    if not drift.compared and not found:
        found.append(
            Failure(
                "env.py gives no target_metadata to context.configure(), so there are no models to compare",
                "set target_metadata = Base.metadata in env.py",
            )
        )
    return found
