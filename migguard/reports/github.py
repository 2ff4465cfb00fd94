"""Annotations on a pull request, as GitHub's workflow commands on standard output.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from pathlib import Path

from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.places import in_repository, unicode_text

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}
KEPT = 10
"""GitHub shows that many of each level from one step, and drops the others without a word."""


def render(report: Report, here: Path) -> str:
    """One command a line, the most severe first; what GitHub would drop is said to be in the summary."""
    shown = sorted((f for f in report.findings if not f.suppressed), key=lambda f: -f.severity)
    lines = [command("error", f"migguard: {f.message}", title="could not be analysed") for f in report.failures[:KEPT]]
    left = 0
    for severity, level in LEVELS.items():
        mine = [f for f in shown if f.severity is severity]
        room = KEPT - (len(report.failures[:KEPT]) if severity is Severity.ERROR else severity is Severity.NOTICE)
        lines += [annotation(level, f, here) for f in mine[:room]]
        left += len(mine[room:])
    if left:
        lines.append(command("notice", f"{left} more findings are in the job's summary.", title="migguard"))
    return "".join(f"{line}\n" for line in lines)


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
