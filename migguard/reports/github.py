"""Annotations on a pull request, as GitHub's workflow commands on standard output.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from pathlib import Path

from migguard.findings import Finding, Severity
from migguard.report import Failure, Report
from migguard.reports.places import in_repository, unicode_text

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}
KEPT = 10
"""GitHub shows that many of each level from one step, and drops the others without a word."""


def render(report: Report, here: Path) -> str:
    """One command a line, the most severe first; what GitHub would drop is said to be in the summary."""
    shown = sorted((f for f in report.findings if not f.suppressed), key=lambda f: -f.severity)
    commands: dict[str, list[str]] = {level: [] for level in LEVELS.values()}
    commands["error"] += [failed(failure) for failure in report.failures]
    for finding in shown:
        if finding.severity in LEVELS:
            commands[LEVELS[finding.severity]].append(annotation(LEVELS[finding.severity], finding, here))
    left = sum(len(lines[KEPT:]) for lines in commands.values())
    if left and len(commands["notice"]) >= KEPT:  # the last word is a notice, and takes the place of one
        left += len(commands["notice"][KEPT - 1 : KEPT])
        del commands["notice"][KEPT - 1 :]
    lines = [line for level in commands.values() for line in level[:KEPT]]
    if left:
        said = f"{left} more {'is' if left == 1 else 'are'} not shown here, because GitHub keeps {KEPT} of each level; "
        lines.append(command("notice", f"{said}the job's summary has them.", title="migguard"))
    return "".join(f"{line}\n" for line in lines)


def failed(failure: Failure) -> str:
    """Something that could not be analysed."""
    text = "\n".join(part for part in (failure.message, failure.hint) if part)
    return command("error", text, title="migguard: not analysed")


def annotation(level: str, finding: Finding, here: Path) -> str:
    """One finding at its call. Columns count only within one line."""
    text = "\n".join(p for p in (finding.message, finding.lock, finding.safe_way) if p)
    place: dict[str, object] = {}
    if finding.origin is not None:
        origin = finding.origin
        last = origin.end_line or origin.line
        place = {"file": in_repository(origin.path, here), "line": origin.line, "endLine": last}
        if last == origin.line:
            place |= {"col": origin.column} | ({"endColumn": origin.end_column} if origin.end_column else {})
    return command(level, text, **place, title=f"{finding.code} {finding.name}")


def command(level: str, text: str, **properties: object) -> str:
    """A workflow command; nothing in it can end it or start another."""
    given = ",".join(f"{name}={escaped_property(str(value))}" for name, value in properties.items())
    return f"::{level} {given}::{escaped(text)}"


def escaped(text: str) -> str:
    """A command's text on one line."""
    return unicode_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """A property's value, which ends at a comma or colon."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
