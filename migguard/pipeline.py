"""The whole pipeline, top to bottom: the first file to read.

Settings and project are read, the graph is built, what is new is found, everything is replayed, the rules look at what
is new, comments silence what they name, and the outcome is a report and an exit code.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from migguard import judged_before
from migguard.findings import Finding, Safe, Severity
from migguard.history import Broken, Changed, History, HistoryRevision, Late, Missing
from migguard.judged_together import shared, sharing_of
from migguard.known_findings import KnownFindings, accepted, read_known, unused
from migguard.models import Models, ModelTable
from migguard.project.config import AlembicProject, find_project
from migguard.project.graph import Graph, read_graph
from migguard.project.later_names import later_names
from migguard.project.offline_runs import for_offline
from migguard.project.other_servers import for_mysql, for_sqlite
from migguard.project.scope import Scope, Wish, find_scope
from migguard.project.server_names import server_names
from migguard.records import dataclass
from migguard.report import Failure, Report, RevisionLine, RuleInfo
from migguard.rules import run as rules
from migguard.rules.frame import Context
from migguard.rules.registry import Selection, all_rules, select
from migguard.rules.suppression import Suppression, suppress, suppressions
from migguard.settings import Settings, load_settings, merged
from migguard.source import Origin, Script
from migguard.trace import Deployment, NoteKind, Outcome

if TYPE_CHECKING:
    from migguard.drift.replayed import Drift
    from migguard.graphview import GraphView
    from migguard.running.load import Loading, Running
    from migguard.shadow.ending import Ending
    from migguard.shadow.sharing import Sharing
    from migguard.sqlview import StatementView
    from migguard.statistics import Statistics

Progress = Callable[[int, int, str], None]
Placed = TypeVar("Placed", Finding, Safe)


PHASES = ("MG112", "MG113")
"""The rules that `phases = true` turns on."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. `overrides` are settings given as options, None where not given.

    `pictures` asks for every statement with its lock, and for the revision graph, which some reports show. `known` says
    that the findings in the project's baseline are silenced. `running` are the running code's models, where the caller
    has them; else they are loaded. `processes` is how many may share the work; by default as many as are worth it.
    """

    config: Path | None = None
    section: str = "alembic"
    revisions: tuple[str, ...] = ()
    base: str | None = None
    since: str | None = None
    everything: bool = False
    cache: bool = True
    processes: int | None = None
    pictures: bool = False
    known: bool = True
    running: Running | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    here: Path = field(default_factory=Path.cwd)


@dataclass(slots=True)
class Traced:
    """The replayed project, before any rule has looked at it."""

    project: AlembicProject
    settings: Settings
    graph: Graph
    new: Scope
    deployments: list[Deployment]
    failures: list[Failure]
    drift: Drift | None = None
    running: Running | None = None
    known: KnownFindings | None = None
    endings: list[Ending | None] = field(default_factory=list)

    @property
    def scope(self) -> str:
        """What was taken as new, in words."""
        return self.new.description


@dataclass(frozen=True, slots=True)
class Checked:
    """A report, and what the process returns."""

    report: Report
    exit_code: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules found, what they found safe, and what could not be analysed."""

    findings: list[Finding]
    safe: list[Safe]
    failures: list[Failure]


def run(request: Request, progress: Progress | None = None) -> Checked:
    """Check a project. Raises MigguardError for a mistake of the user's that lets nothing be checked."""
    settings, selection = chosen(request)
    with sharing_of(settings, selection, 1 if request.pictures else request.processes) as sharing:
        return checked(request, progress, settings, selection, sharing)


def checked(
    request: Request, progress: Progress | None, settings: Settings, selection: Selection, sharing: Sharing
) -> Checked:
    """Check a project with the settings and rules that were chosen."""
    conventions = any(ModelTable in r.takes for r in selection.rules if selection.active(r))
    ahead = settings.deploy == "code-first"

    def replayed(*, judgements: bool) -> tuple[Traced, History]:
        describing = conventions or ahead
        traced = trace(request, progress, settings, describing=describing, sharing=sharing, judgements=judgements)
        if ahead and request.running is None:
            from migguard.running.new_code import new_code

            traced.running = new_code(traced.drift, request.here)
        return traced, history_of(traced)

    traced, history = replayed(judgements=not request.pictures and judged_before.possible(selection))
    if not judged_before.hold(traced.endings, traced.deployments, history, models_of(traced)):
        sharing.clear()
        traced, history = replayed(judgements=False)
    scripts = scripts_of(traced)
    judgement = judged(traced, selection, history, scripts, sharing)
    report = Report(
        config=shown(traced.project.config_path, request.here),
        dialect=str(traced.deployments[0].released.server.engine) if traced.deployments else settings.dialect or "",
        server_version=rules.server_label(traced.deployments[0].released.server) if traced.deployments else "",
        scope=traced.scope,
        revisions=tuple(revision_lines(traced)),
        findings=tuple(in_characters(f, scripts) for f in judgement.findings),
        statements=sum(s.statements for d in traced.deployments for s in d.summaries.values()),
        understood=sum(s.understood for d in traced.deployments for s in d.summaries.values()),
        failures=tuple(judgement.failures),
        scripts={r: s for r, s in scripts.items() if r in traced.new.new},
        printed=tuple(line for d in traced.deployments for line in d.printed),
        safe=tuple(in_characters(s, scripts) for s in judgement.safe),
        models=models_line(traced),
        compared=traced.drift is not None and traced.drift.compared > 0 and not traced.drift.refused,
        rules=tuple(spoken(selection, judgement.findings)),
        views=pictured(traced) if request.pictures else (),
        graph=drawn(traced) if request.pictures else None,
        fail_on=Severity.parse(settings.fail_on),
    )
    return Checked(report, report.exit_code(Severity.parse(settings.fail_on)))


def in_characters(said: Placed, scripts: dict[str, Script]) -> Placed:
    """What was said, its place told in characters."""
    script = scripts.get(said.revision or "")
    if script is None or said.origin is None:
        return said
    return replace(said, origin=script.in_characters(said.origin))


def chosen(request: Request) -> tuple[Settings, Selection]:
    """The settings that hold, and the rules that they select."""
    loaded = load_settings(request.here, request.config)
    settings = merged(loaded.settings, request.overrides)
    selection = select(
        all_rules(settings.plugins),
        settings.select,
        (*settings.extend_select, *(PHASES if settings.phases else ())),
        settings.ignore,
        settings.severity,
    )
    if "MG007" in selection.chosen:  # which is off unless a project asks for it
        settings = merged(settings, {"require_reason": True})
    return settings, selection


def trace(
    request: Request,
    progress: Progress | None = None,
    settings: Settings | None = None,
    *,
    describing: bool = False,
    sharing: Sharing | None = None,
    judgements: bool = False,
) -> Traced:
    """Find what is new and replay everything. `describing` also puts the models of the working tree down.

    With `judgements` a replay whose findings an earlier run knows may be passed over: its statements are missing then.
    """
    project = find_project(request.here, request.config, request.section)
    if settings is None:
        settings = merged(load_settings(request.here, project.config_path).settings, request.overrides)
    from migguard.shadow.memory import Memory

    memory = Memory(project, settings, request.here, judgements=judgements) if request.cache else None
    graph = read_graph(project, memory.headers() if memory is not None else None)
    if graph.unread:
        from migguard.shadow.headers import run_headers

        run_headers(project, graph, settings)
    wish = Wish(request.revisions, request.since, request.base, request.everything)
    scope = find_scope(project, graph, wish, settings.base)
    from migguard.shadow.environment import Runner

    runner = Runner(project, graph, scope.new, settings, progress)
    watch = None
    if settings.drift != "off":
        from migguard.drift.replayed import Watch

        watch = Watch(describing=describing)
        runner.listening, runner.replayed = watch.listening, watch.replayed
    if settings.baseline is not None:
        from migguard.shadow.baseline import baseline

        runner.baseline = baseline(request.here / settings.baseline, project.config_path.parent / settings.baseline)
    loading = loading_base(project, scope, settings, cache=request.cache) if request.running is None else None
    try:
        with watch.places.noting() if watch is not None else contextlib.nullcontext():
            runner.memory, runner.sharing = memory, sharing
            deployments = runner.run()
        running = loading.finish(waiting(progress)) if loading is not None else request.running
    finally:
        if loading is not None:
            loading.stop()
    if memory is not None:
        memory.close()
    drift = watch.finish(graph, deployments) if watch is not None else None
    failures = [Failure(f"{one.path.name} could not be loaded: {one.reason}") for one in graph.broken]
    for deployment in deployments:
        failures += failures_of(deployment, scope)
    failures += left_out(deployments, graph, scope)
    if graph.cycles or graph.missing:
        failures.append(
            Failure("the revision graph is broken, so the order of the revisions is a guess", "see MG103 and MG105")
        )
    if settings.drift == "required":
        from migguard.drift.replayed import failures as without_verdict

        failures += without_verdict(deployments, drift) if drift is not None else []
    known = read_known(project.config_path.parent) if request.known else None
    endings = [replay.ending for replay, _ in runner.replays]
    return Traced(project, settings, graph, scope, deployments, failures, drift, running, known, endings)


def loading_base(project: AlembicProject, scope: Scope, settings: Settings, *, cache: bool) -> Loading | None:
    """Begin to load the models of the merge base, where something is new since it."""
    if scope.base_commit is None or not scope.new or settings.deploy == "code-first":
        return None
    from migguard.project.git import repository
    from migguard.running.load import Loading

    git = repository(project.config_path.parent)
    return Loading(project, git, scope.base_commit, settings, cache=cache) if git is not None else None


def waiting(progress: Progress | None) -> Callable[[float], None] | None:
    """What to tell of each second that the models take."""
    if progress is None:
        return None
    return lambda passed: progress(0, 0, f"loading the running code's models ({passed:.0f} s)")


def failures_of(deployment: Deployment, scope: Scope) -> list[Failure]:
    """What could not be analysed: files that do not load, checked revisions of which nothing was seen, time limits."""
    found = [
        Failure(f"{note.origin.path.name if note.origin else note.subject} could not be loaded: {note.detail}")
        for note in deployment.broken
    ]
    loaded = {note.subject for note in deployment.broken}
    slow = {one.revision for one in deployment.upgrades if any(n.kind is NoteKind.TOO_SLOW for n in one.notes)}
    for revision, summary in deployment.summaries.items():
        if revision in slow:
            found.append(Failure(f"{revision} did not finish within the time limit of a replay"))
        elif revision in scope.new and summary.outcome is Outcome.FAILED and revision not in loaded:
            found.append(Failure(f"nothing of {revision} could be replayed"))
    return found


def left_out(deployments: list[Deployment], graph: Graph, scope: Scope) -> list[Failure]:
    """The checked revisions of which no replay says what became of them: none may be taken for a harmless one."""
    seen = {name for d in deployments for name in d.summaries} | {n.subject for d in deployments for n in d.broken}
    return [Failure(f"{name} was not replayed") for name in graph.order if name in scope.new and name not in seen]


# --- the graph as rules see it ------------------------------------------------------------------------------------


def history_of(traced: Traced) -> History:
    """The graph, what is wrong with it, and what the base branch knows, as plain values."""
    graph, scope = traced.graph, traced.new
    named = all(d.environment.naming_convention for d in traced.deployments)
    revisions = {}
    for one in graph.revisions.values():
        lines = one.header.lines
        revisions[one.id] = HistoryRevision(
            one.id,
            tuple(p for p in (graph.meant(p) for p in one.parents) if p is not None),
            graph.dependencies(one.id),
            one.header.branch_labels,
            Origin(one.path, lines[0] or 1),
            Origin(one.path, lines[1] or lines[0] or 1),
            Origin(one.path, lines[2] or lines[0] or 1),
            one.header.message,
            one.location,
            one.id in scope.new,
            tuple(sorted(graph.labels(one.id))) if one.id in scope.new else (),
        )
    broken = [Broken(Origin(b.path, b.line, b.column), b.reason) for b in graph.broken]
    for deployment in traced.deployments:
        broken += [Broken(n.origin, n.detail, n.subject) for n in deployment.broken if n.origin is not None]
    return History(
        revisions=revisions,
        heads=heads_by_label(graph),
        bases=tuple(graph.bases),
        duplicates={
            r: tuple(Origin(o.path, o.header.lines[0] or 1) for o in (graph.revisions[r], *others))
            for r, others in graph.duplicates.items()
        },
        missing=tuple(missing(graph)),
        cycles=tuple(graph.cycles),
        broken=tuple(dict.fromkeys(broken)),
        base_heads=scope.base_heads,
        base_revisions=scope.base_revisions,
        changed=tuple(Changed(c.revision, c.kind, Origin(c.path, c.line), c.before or "") for c in scope.changed),
        untracked=scope.untracked,
        ignored=scope.ignored,
        code=scope.code,
        server_names=Late() if named else server_names(graph.revisions.values()),
        taken_later=later_names(graph, scope.new),
        sqlite=for_sqlite(traced.project, graph.revisions.values()),
        mysql=for_mysql(traced.project, graph.revisions.values()),
        offline=for_offline(graph.revisions.values()),
    )


def missing(graph: Graph) -> list[Missing]:
    """Parents and dependencies that no file defines."""
    import difflib

    found = []
    for child, name, attribute in graph.missing:
        one = graph.revisions[child]
        line = one.header.lines[1 if attribute == "down_revision" else 2]
        near = difflib.get_close_matches(name, [r for r in graph.revisions if r != child], 1)
        found.append(Missing(child, name, attribute, Origin(one.path, line or 1), near[0] if near else None))
    return found


def heads_by_label(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The heads, grouped by what they compete for: their branch labels; those without any compete with each other.

    Heads that another revision depends on still are heads of their branch.
    """
    groups: dict[str, list[str]] = {}
    for head in graph.heads:
        labels = sorted(graph.labels(head))
        groups.setdefault(labels[0] if labels else "", []).append(head)
    return {label: tuple(heads) for label, heads in groups.items()}


def scripts_of(traced: Traced) -> dict[str, Script]:
    """The sources of the checked revisions, and of every file that a finding may point at."""
    found = {}
    for revision in traced.new.new:
        one = traced.graph.revisions.get(revision)
        if one is not None:
            found[revision] = Script(one.path, one.path.read_text(encoding="utf-8", errors="replace"))
    return found


# --- judging ------------------------------------------------------------------------------------------------------


def judged(
    traced: Traced, selection: Selection, history: History, scripts: dict[str, Script], sharing: Sharing
) -> Judgement:
    """The findings, weighed, silenced and in order; and what could not be judged."""
    settings, failures = traced.settings, list(traced.failures)
    statistics = statistics_of(traced)
    running = models_of(traced)
    found, safe = rules.over_history(selection, history, settings), list[Safe]()
    for number, deployment in enumerate(traced.deployments):
        ending = traced.endings[number]
        said = judged_before.said(ending, deployment, history, running)
        if said is None:
            said = shared(
                rules.judge_of(selection, deployment, settings, scripts, history, running), sharing.of(number)
            )
            judged_before.keep(ending, deployment, history, running, said)
        found += said.findings
        safe += said.safe
        failures += [Failure(e.message, e.hint) for e in said.failed]
    if traced.drift is not None:
        found += rules.over_values(selection, [*traced.drift.differences, *traced.drift.models], settings)
    comments = [c for s in scripts.values() for c in suppressions(s)]
    weighed = [rules.weigh(f, selection, settings, statistics) for f in rules.once(found)]
    silenced = suppress(weighed, comments, datetime.date.today())
    silenced += about_comments(comments, selection, settings)
    order = {r: i for i, r in enumerate(traced.graph.order)}
    findings = rules.fingerprinted(rules.in_order(silenced, order))
    if statistics is not None:
        findings = [rules.sized(f, statistics) for f in findings]
    if traced.known is not None:
        findings = with_known(traced, traced.known, findings, selection)
    return Judgement(findings, safe, failures)


def models_of(traced: Traced) -> Models | None:
    """The running code's models, where they are known."""
    return traced.running.models if traced.running is not None else None


def with_known(traced: Traced, known: KnownFindings, findings: list[Finding], selection: Selection) -> list[Finding]:
    """The findings, those in the project's baseline suppressed, and what the rules say of entries without use."""
    settings = traced.settings
    stale = unused(findings, known, traced.new.new)
    off = {r.code for r in selection.rules if not selection.active(r)}
    said = rules.over_values(selection, [one for one in stale if one.code not in off], settings)
    more = rules.fingerprinted(rules.weigh(f, selection, settings) for f in said)
    return [*accepted(findings, known), *more]


def models_line(traced: Traced) -> str:
    """What is known of the models, in words; empty where nobody asked for it or there are none."""
    said = []
    drift, running = traced.drift, traced.running
    if drift is not None and drift.obstacle:
        said.append(f"Models not compared: {drift.obstacle}.")
    elif drift is not None and drift.compared:
        said.append(drift.summary)
    if running is not None and running.models is None:
        said.append(f"The models of the running code are not known ({running.why}), so MG6 falls back to defaults.")
    elif running is not None and running.models is not None and running.models.tables:
        which = running.models.commit[:8] or "working tree"
        said.append(f"{len(running.models.tables)} tables of the running code's models ({which}).")
    return " ".join(said)


def statistics_of(traced: Traced) -> Statistics | None:
    """The sizes of production's tables, where the settings name a file of them."""
    if traced.settings.statistics is None:
        return None
    from migguard.statistics import read_statistics

    return read_statistics(Path(traced.settings.statistics), traced.project.config_path.parent)


def about_comments(comments: list[Suppression], selection: Selection, settings: Settings) -> list[Finding]:
    """What the rules over ignore comments say."""
    found: list[Finding] = []
    off = {r.code for r in selection.rules if not selection.active(r)}
    for rule in selection.rules:
        wanted = selection.active(rule) or rule.code == "MG007"
        if not wanted or Suppression not in rule.takes:
            continue
        for comment in comments:
            patterns = tuple(p for p in comment.patterns if p.upper() not in off)
            if not patterns and rule.code == "MG006":
                continue
            found += rules.speak(rule, comment, Context(rule, settings))
    return [rules.weigh(f, selection, settings) if f.code != "MG007" else f for f in found]


def spoken(selection: Selection, findings: list[Finding]) -> Iterator[RuleInfo]:
    """The rules that have something to say."""
    codes = {f.code for f in findings}
    for rule in selection.rules:
        if rule.code in codes:
            own = selection.severity(rule)
            severity = rule.severity if own is None else own
            yield RuleInfo(rule.code, rule.name, severity, rule.summary, rule.documentation)


def pictured(traced: Traced) -> tuple[StatementView, ...]:
    """What the checked revisions run."""
    from migguard.sqlview import views

    return tuple(one for deployment in traced.deployments for one in views(deployment))


def drawn(traced: Traced) -> GraphView:
    """The revision graph."""
    from migguard.graphview import view

    return view(traced.graph, traced.new)


# --- the report ---------------------------------------------------------------------------------------------------


def revision_lines(traced: Traced) -> list[RevisionLine]:
    """One line for each revision, in the order they run."""
    lines = []
    for name in traced.graph.order:
        one = traced.graph.revisions[name]
        summaries = [d.summaries[name] for d in traced.deployments if name in d.summaries]
        worst = max((s.outcome for s in summaries), key=list(Outcome).index, default=Outcome.FAILED)
        lines.append(
            RevisionLine(
                name,
                one.parents,
                str(one.path),
                name in traced.new.new,
                worst.value,
                sum(s.statements for s in summaries),
                one.header.message,
            )
        )
    return lines


def shown(path: Path, here: Path) -> str:
    """A path for the report."""
    try:
        return path.relative_to(here.resolve()).as_posix()
    except ValueError:
        return str(path)
