"""Run the selected rules over a deployment, its scripts and its history, and collect what they say."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

from migguard.catalog.schema import Server
from migguard.dialect_sides import run_elsewhere
from migguard.differences import SchemaDifference
from migguard.effects.dispatch import effect_of_statement, effect_of_step
from migguard.errors import AnalysisError
from migguard.findings import Finding, Safe, Severity
from migguard.history import History
from migguard.known_findings import Known
from migguard.models import Models, ModelTable
from migguard.records import dataclass
from migguard.rules.asides import places, taken
from migguard.rules.facts.rows.empty_tables import since_emptied
from migguard.rules.frame import Context, Lookup, RevisionScript, Rule, StepContext
from migguard.rules.registry import Selection
from migguard.settings import Settings
from migguard.source import Script
from migguard.trace import Deployment, Direction, RevisionTrace, Step

if TYPE_CHECKING:
    from migguard.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules said of one deployment, and which of them failed on it."""

    findings: list[Finding]
    safe: list[Safe]
    failed: list[AnalysisError]


def said(rule: Rule, subject: object, context: Context) -> Iterator[Finding | Safe]:
    """What one rule says about one subject. Raises AnalysisError where the rule fails."""
    try:
        yield from rule.function(subject, context)
    except Exception as error:
        where = f" on {context.trace.revision}" if context.trace else ""
        raise AnalysisError(
            f"the rule {rule.code} failed{where}: {type(error).__name__}: {error}",
            hint=f"this is a defect of migguard; --ignore {rule.code} goes on without it",
        ) from error


def speak(rule: Rule, subject: object, context: Context) -> Iterator[Finding]:
    """What one rule finds in one subject.

    What it finds safe, and that it failed, goes to the notes of the deployment: the other rules go on, and a failure is
    reported as one, never taken for an all-clear.
    """
    notes = context.lookup
    try:
        for one in said(rule, subject, context):
            if isinstance(one, Finding):
                yield one
            elif notes is not None:
                notes.safe.append(one)
    except AnalysisError as error:
        if notes is None:
            raise
        notes.failed.append(error)


def over_history(selection: Selection, history: History, settings: Settings) -> list[Finding]:
    """Findings about the graph."""
    found: list[Finding] = []
    for rule in selection.rules:
        if selection.active(rule) and History in rule.takes:
            found += speak(rule, history, Context(rule, settings, history=history))
    return found


def over_values(
    selection: Selection, values: Iterable[SchemaDifference | ModelTable | Known], settings: Settings
) -> list[Finding]:
    """Findings about what belongs to no deployment: models, differences from them, entries of the baseline."""
    active = [r for r in selection.rules if selection.active(r)]
    return [f for one in values for r in active if type(one) in r.takes for f in speak(r, one, Context(r, settings))]


def over_deployment(
    selection: Selection,
    deployment: Deployment,
    settings: Settings,
    scripts: dict[str, Script],
    history: History | None = None,
    running: Models | None = None,
) -> Said:
    """What the rules say of the checked range: its steps, its revisions, its scripts and all of it together."""
    judge = judge_of(selection, deployment, settings, scripts, history, running)
    return collected([judge.part(None)], judge.whole())


@dataclass(slots=True)
class Part:
    """What the rules say of some of the revisions."""

    upgrades: list[Finding] = field(default_factory=list)
    downgrades: list[Finding] = field(default_factory=list)
    safe: list[Safe] = field(default_factory=list)
    failed: list[AnalysisError] = field(default_factory=list)
    failed_downgrades: list[AnalysisError] = field(default_factory=list)


def collected(parts: Sequence[Part], whole: Part) -> Said:
    """What was said, in the order in which one process says it."""
    found = [f for part in parts for f in part.upgrades] + [f for part in parts for f in part.downgrades]
    failed = [e for part in parts for e in part.failed] + [e for part in parts for e in part.failed_downgrades]
    safe = dict.fromkeys(s for part in (*parts, whole) for s in part.safe)
    return Said(found + whole.upgrades, list(safe), failed + whole.failed)


def judge_of(
    selection: Selection,
    deployment: Deployment,
    settings: Settings,
    scripts: dict[str, Script],
    history: History | None = None,
    running: Models | None = None,
) -> Judge:
    """The rules that are on for a deployment, and what they share."""
    server = deployment.released.server
    lookup = Lookup(deployment, settings, server, scripts, effect_of_step, effect_of_statement, running)
    by_change: dict[type, list[Rule]] = defaultdict(list)
    for rule in selection.rules:
        if selection.active(rule) and server.engine in rule.engines:
            for kind in rule.takes:
                by_change[kind].append(rule)
    return Judge(selection, lookup, by_change, history)


@dataclass(slots=True, eq=False)
class Judge:
    """The rules over one deployment, a part of the revisions at a time."""

    selection: Selection
    lookup: Lookup
    by_change: Mapping[type, list[Rule]]
    history: History | None

    def part(self, revisions: Container[str] | None) -> Part:
        """What the rules over steps, revisions and scripts say of these revisions; of all, where it is None."""
        lookup, history, by_change = self.lookup, self.history, self.by_change
        deployment, made = lookup.deployment, Part()
        lookup.safe, lookup.failed = made.safe, made.failed
        for trace in deployment.upgrades:
            if revisions is None or trace.revision in revisions:
                found = [
                    *over_steps(by_change, ran(trace), trace, lookup, history),
                    *over_revision(by_change, trace, lookup, history),
                ]
                made.upgrades += found
                if trace.asides:
                    made.upgrades += over_asides(by_change, trace, lookup, history, found)
                if trace.revision in lookup.scripts:
                    lookup.scripts[trace.revision].forget()
        lookup.failed = made.failed_downgrades
        if lookup.settings.check_downgrades:
            for trace in deployment.downgrades.values():
                if revisions is None or trace.revision in revisions:
                    made.downgrades += unsafe_downgrades(self.selection, by_change, trace, deployment, lookup, history)
        return made

    def whole(self) -> Part:
        """What the rules over the deployment as a whole say."""
        lookup, made = self.lookup, Part()
        lookup.safe, lookup.failed = made.safe, made.failed
        for rule in self.by_change.get(Deployment, ()):
            context = Context(rule, lookup.settings, lookup.server, lookup, history=self.history)
            made.upgrades += speak(rule, lookup.deployment, context)
        return made


def over_steps(
    by_change: Mapping[type, list[Rule]],
    steps: Iterable[Step],
    trace: RevisionTrace,
    lookup: Lookup,
    history: History | None,
) -> Iterator[Finding]:
    """What the rules over steps say about some of a revision."""
    for step in steps:
        for rule in (*by_change.get(type(step.change), ()), *by_change.get(Step, ())):
            context = StepContext(rule, lookup.settings, lookup.server, lookup, trace, history, step)
            for finding in speak(rule, step if Step in rule.takes else step.change, context):
                upward = trace.direction is Direction.UPGRADE
                left = since_emptied(finding, step, lookup) if upward else finding
                if left is not None:
                    yield left


def ran(trace: RevisionTrace) -> Iterator[Step]:
    """The steps of a revision without those of the sides of branches that were not taken."""
    beside = {place for aside in trace.asides for place in range(aside.first, aside.end)}
    for place, statement in enumerate(trace.statements):
        if place not in beside:
            yield from statement.steps


def over_asides(
    by_change: Mapping[type, list[Rule]],
    trace: RevisionTrace,
    lookup: Lookup,
    history: History | None,
    found: Iterable[Finding],
) -> Iterator[Finding]:
    """What the rules say about the sides of a revision's branches that were not taken, each as if it had been.

    What was `found` in the revision itself is not said again, of the same table; what is said of a revision as a whole
    is said once.
    """
    told: set[object] = {(f.code, f.origin, f.table) for f in found} | {f.code for f in found}
    for aside in trace.asides:
        deployment, one = taken(lookup.deployment, trace, aside)
        inner = replace(lookup, deployment=deployment, kept={}, _transactions=None)
        there = places(trace, aside)
        steps = (step for statement in one.statements[aside.first - aside.end :] for step in statement.steps)
        said: list[tuple[object, Finding]] = [
            ((f.code, f.origin, f.table), f) for f in over_steps(by_change, steps, one, inner, history)
        ]
        said += [(f.code, f) for f in over_revision(by_change, one, inner, history)]
        for rule in by_change.get(Deployment, ()):
            context = Context(rule, inner.settings, inner.server, inner, history=history)
            said += [(f.code, f) for f in speak(rule, deployment, context)]
        for key, finding in said:
            if finding.origin in there and key not in told:
                told.add(key)
                yield finding


def over_revision(
    by_change: Mapping[type, list[Rule]], trace: RevisionTrace, lookup: Lookup, history: History | None
) -> Iterator[Finding]:
    """What the rules over revisions and scripts say about one revision."""
    for rule in by_change.get(RevisionTrace, ()):
        yield from speak(rule, trace, Context(rule, lookup.settings, lookup.server, lookup, trace, history))
    script = lookup.scripts.get(trace.revision)
    if script is not None:
        subject = RevisionScript(script, trace, lookup.deployment.downgrades.get(trace.revision))
        for rule in by_change.get(RevisionScript, ()):
            context = Context(rule, lookup.settings, lookup.server, lookup, trace, history)
            spoken = speak(rule, subject, context)
            yield from (f for f in spoken if not run_elsewhere(f.origin, script, lookup.server.engine))


DOWNGRADE_FAMILIES = ("MG3", "MG4", "MG5", "MG6", "MG7")


def unsafe_downgrades(
    selection: Selection,
    by_change: Mapping[type, list[Rule]],
    trace: RevisionTrace,
    deployment: Deployment,
    lookup: Lookup,
    history: History | None,
) -> Iterator[Finding]:
    """The rules of MG3 to MG7 over a downgrade's own statements, each reported as MG205.

    The downgrade is taken as a deployment of its own: what stands before it is existing.
    """
    unsafe = next((r for r in selection.rules if r.code == "MG205"), None)
    if unsafe is None or lookup.settings.downgrade == "never" or selection.severity(unsafe) is Severity.OFF:
        return
    if unsafe.code in selection.ignored and not selection.active(unsafe):
        return
    alone = Deployment(
        trace.before, [trace], {}, deployment.environment, transactional_ddl=deployment.transactional_ddl
    )
    inner = Lookup(alone, lookup.settings, lookup.server, lookup.scripts, effect_of_step, effect_of_statement)
    rules = {k: [r for r in v if r.code[:3] in DOWNGRADE_FAMILIES] for k, v in by_change.items()}
    found = list(over_steps(rules, trace.steps(), trace, inner, history))
    for kind, subject in ((RevisionTrace, trace), (Deployment, alone)):
        for rule in rules.get(kind, ()):
            found += speak(rule, subject, Context(rule, lookup.settings, lookup.server, inner, trace, history))
    lookup.failed += inner.failed
    for finding in found:
        inside = next((r for r in selection.rules if r.code == finding.code), None)
        own = selection.severity(inside) if inside else None
        yield replace(
            finding,
            code=unsafe.code,
            name=unsafe.name,
            severity=finding.severity if own is None else own,
            message=f"In the downgrade ({finding.code}): {finding.message}",
            direction=Direction.DOWNGRADE.value,
        )


def weigh(finding: Finding, selection: Selection, settings: Settings, statistics: Statistics | None = None) -> Finding:
    """The finding with the severity that this project gives it.

    A project's own severity wins; else what grows with a table that is small (listed so, or by the statistics) falls to
    a notice, and a warning about what grows with a large one rises to an error.
    """
    rule = next((r for r in selection.rules if r.code == finding.code), None)
    own = selection.severity(rule) if rule else None
    if own is not None:
        return replace(finding, severity=own)
    severity = finding.severity
    if severity is Severity.OFF:
        severity = Severity.WARNING
    if finding.grows and finding.table is not None:
        known = statistics.of(finding.relation) if statistics and finding.relation else None
        names = {finding.table, ".".join(finding.relation or ())}
        if names & set(settings.small_tables) or (known is not None and known.small):
            severity = min(severity, Severity.NOTICE)
        elif known is not None and known.large and severity is Severity.WARNING:
            severity = Severity.ERROR
    return finding if severity is finding.severity else replace(finding, severity=severity)


def fingerprinted(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with fingerprints that survive moved lines; equal ones are told apart by their order."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        parts = (finding.code, finding.revision, finding.direction, finding.table, finding.sql or finding.message)
        base = hashlib.sha256("\0".join(str(p) for p in parts).encode(errors="surrogatepass")).hexdigest()
        seen[base] += 1
        text = base if seen[base] == 1 else hashlib.sha256(f"{base}{seen[base]}".encode()).hexdigest()
        result.append(replace(finding, fingerprint=text[:32]))
    return result


def sized(finding: Finding, statistics: Statistics) -> Finding:
    """The finding with the size of its table, where the time grows with it and the statistics know it."""
    known = statistics.of(finding.relation) if finding.grows and finding.relation else None
    if known is None or not known.words:
        return finding
    message = finding.message.rstrip()
    return replace(finding, message=f"{message} {finding.table} has {known.words} ({statistics.taken_at[:10]}).")


def once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without repetitions: a line that is run several times is told once for all that is said alike."""
    told = dict[tuple[object, ...], Finding]()
    for finding in findings:
        key = (finding.code, finding.revision, finding.direction, finding.origin, finding.message)
        told.setdefault(key if finding.origin is not None else (*key, finding.sql), finding)
    return list(told.values())


def in_order(findings: Iterable[Finding], order: Mapping[str, int]) -> list[Finding]:
    """The findings by revision in the order they run, then by place, then by code."""

    def place(finding: Finding) -> tuple[object, ...]:
        origin = finding.origin
        return (
            order.get(finding.revision or "", -1),
            str(origin.path) if origin else "",
            origin.line if origin else 0,
            origin.column if origin else 0,
            finding.code,
            finding.message,
        )

    return sorted(findings, key=place)


def server_label(server: Server) -> str:
    """The server's version as users write it: `16`, `8.0.36`."""
    return ".".join(str(part) for part in server.version)
