"""The report for a person at a terminal: grouped by revision, the call underlined, the lock, the safe way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from migguard.findings import Finding, Safe, Severity
from migguard.report import Report
from migguard.reports.console import show
from migguard.reports.json_report import relative
from migguard.reports.places import readable, readable_fields
from migguard.source import Origin, Script

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTICE: "bold cyan"}
INDENT = 4
LONGEST_CALL = 6


def render(report: Report, console: Console, here: Path, *, verbose: bool = False, quiet: bool = False) -> None:
    """Print the report. `quiet` leaves only errors; `verbose` adds suppressed findings and what is proven safe."""
    report = readable_report(report)
    shown = [f for f in report.findings if wanted(f, verbose=verbose, quiet=quiet)]
    names = {r.revision: r for r in report.revisions}
    for revision, findings in groupby(shown, key=lambda f: f.revision):
        line = names.get(revision or "")
        heading = Text(revision or "project", style="bold")
        if line is not None:
            heading.append(f"  {relative(Path(line.path), here)}", style="default not bold dim")
            if line.message:
                heading.append(f"  {line.message}", style="default not bold")
        console.print(heading)
        for finding in findings:
            show(Padding(block(finding, report, here, carets=console.no_color), (0, 0, 1, 2)), console)
    if verbose:
        for safe in report.safe:
            show(Padding(proven(safe, here), (0, 0, 1, 0)), console)
    for failure in report.failures:
        console.print(Text.assemble(("not analysed  ", "bold red"), failure.message))
        if failure.hint:
            console.print(Padding(Text(failure.hint), (0, 0, 0, INDENT)))
    for sentence in summary(report):
        console.print(sentence)


def readable_report(report: Report) -> Report:
    """The report without characters that a terminal would act upon."""
    return replace(
        report,
        findings=tuple(map(readable_fields, report.findings)),
        failures=tuple(map(readable_fields, report.failures)),
        revisions=tuple(map(readable_fields, report.revisions)),
        safe=tuple(map(readable_fields, report.safe)),
        config=readable(report.config),
        scope=readable(report.scope),
        models=readable(report.models),
    )


def wanted(finding: Finding, *, verbose: bool, quiet: bool) -> bool:
    """Whether a finding is printed."""
    if finding.suppressed:
        return verbose
    return finding.severity is Severity.ERROR or not quiet


def block(finding: Finding, report: Report, here: Path, *, carets: bool) -> RenderableType:
    """One finding: head, source, SQL, lock, safe way. `carets` underline the call where nothing else can."""
    head = Text()
    head.append(finding.severity.word, style=STYLES.get(finding.severity, ""))
    head.append(f" {finding.code} ", style="bold")
    head.append(finding.name, style="dim")
    if finding.origin is not None:
        head.append(f"  {place(finding.origin, here)}", style="dim")
    if finding.direction == "downgrade" and "downgrade()" not in finding.message:
        head.append("  in downgrade()", style="dim")
    if finding.suppressed:
        head.append(f"  ignored{f': {finding.reason}' if finding.reason else ''}", style="italic dim")
    elif not finding.verified:
        head.append("  unverified: it rests on a step that was assumed or not read", style="italic dim")
    parts: list[RenderableType] = [head, Padding(Text(finding.message), (0, 0, 0, 2))]
    script = report.scripts.get(finding.revision or "")
    if finding.origin is not None and script is not None and script.path == finding.origin.path:
        parts.append(Padding(Text("\n").join(excerpt(script, finding.origin, carets=carets)), (0, 0, 0, INDENT)))
    if finding.sql:
        parts.append(labelled("SQL", Text(shorten(finding.sql), style="magenta")))
    if finding.lock:
        parts.append(labelled("lock", Text(finding.lock)))
    if finding.advice:
        parts.append(labelled("safe way", safe_way(finding)))
    if finding.probe:
        parts.append(labelled("probe", Text(finding.probe, style="magenta")))
    return Group(*parts)


def proven(safe: Safe, here: Path) -> RenderableType:
    """What looks dangerous and is not: the place, the SQL, and why."""
    head = Text.assemble(("fine ", "bold green"), (f"{safe.code} ", "bold"), (safe.name, "dim"))
    if safe.origin is not None:
        head.append(f"  {place(safe.origin, here)}", style="dim")
    parts: list[RenderableType] = [head, Padding(Text(safe.message), (0, 0, 0, 2))]
    if safe.sql:
        parts.append(labelled("SQL", Text(shorten(safe.sql), style="magenta")))
    return Group(*parts)


def place(origin: Origin, here: Path) -> str:
    """Where something stands: file, line, column."""
    return f"{readable(relative(origin.path, here))}:{origin.line}:{origin.column}"


def labelled(label: str, content: RenderableType) -> RenderableType:
    """A part of a finding under its label."""
    if isinstance(content, Text):
        return Padding(Text.assemble((f"{label}: ", "dim"), content), (0, 0, 0, 2))
    return Padding(Group(Text(f"{label}:", style="dim"), Padding(content, (0, 0, 0, 2))), (0, 0, 0, 2))


def safe_way(finding: Finding) -> RenderableType:
    """The advice, and below it its recipe."""
    if not finding.recipe:
        return Text(finding.advice)
    code = Syntax(finding.recipe, "python", background_color="default", word_wrap=True)
    return Group(Text(finding.advice), code)


def excerpt(script: Script, origin: Origin, *, carets: bool) -> Iterator[Text]:
    """The lines of the call, the first of them underlined where the call stands."""
    lines = script.lines
    last = min(origin.end_line or origin.line, len(lines))
    width = len(str(last))
    for number in range(origin.line, min(last, origin.line + LONGEST_CALL - 1) + 1):
        if number > len(lines):
            return
        source = lines[number - 1]
        line = Text(f"{number:>{width}} │ ", style="dim")
        start = origin.column - 1 if number == origin.line else len(source) - len(source.lstrip())
        end = (origin.end_column or len(source) + 1) - 1 if number == last else len(source)
        body = Text(readable(source.expandtabs(1)))
        body.stylize("underline", start, max(end, start + 1))
        yield line + body
        if carets and number == origin.line:
            yield Text(f"{'':>{width}} │ {' ' * start}{'^' * max(end - start, 1)}", style="dim")
    if last >= origin.line + LONGEST_CALL:
        yield Text(f"{'':>{width}} │ …", style="dim")


def shorten(sql: str, limit: int = 400) -> str:
    """A statement on one line, cut where it is long."""
    flat = " ".join(sql.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def summary(report: Report) -> Iterable[Text]:
    """The last lines: what was found, what was looked at."""
    counts = [
        (report.count(Severity.ERROR), "error", STYLES[Severity.ERROR]),
        (report.count(Severity.WARNING), "warning", STYLES[Severity.WARNING]),
        (report.count(Severity.NOTICE), "notice", STYLES[Severity.NOTICE]),
    ]
    line = Text()
    for number, word, style in counts:
        if number:
            line.append(f"{number} {word}{'s' if number != 1 else ''}", style=style)
            line.append(", ")
    if line.plain:
        line.right_crop(2)
    else:
        line.append("No findings" if not report.failures else "Not everything could be analysed", style="bold")
    if report.suppressed:
        line.append(f" ({report.suppressed} ignored)")
    line.append(".")
    yield line
    if report.models:
        yield Text(report.models, style="dim")
    checked = sum(1 for r in report.revisions if r.checked)
    yield Text(f"Scope: {report.scope} ({report.dialect} {report.server_version}, {report.config}).", style="dim")
    replayed = sum(1 for r in report.revisions if r.replay != "failed")
    of_all = "" if replayed == len(report.revisions) else f"{replayed} of "
    yield Text(
        f"{of_all}{number_of(len(report.revisions), 'revision')} replayed, {checked or 'no new revisions'} checked, "
        f"{number_of(report.statements, 'statement')}, {report.understood} understood.",
        style="dim",
    )


def number_of(count: int, word: str) -> str:
    """`1 revision`, `3 revisions`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
