"""Reviewdog's diagnostic format.

Source: https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.places import configuration, in_repository, json_text, line_of
from migguard.source import Origin

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTICE: "INFO"}


def render(report: Report, here: Path) -> str:
    """The unsuppressed findings, and as errors what could not be analysed."""
    found = [f for f in report.findings if not f.suppressed and f.severity in SEVERITIES]
    diagnostics = [diagnostic(f, report, here) for f in found]
    project = {"path": in_repository(configuration(report, here), here)}
    diagnostics += [
        {"message": "\n".join(p for p in (f.message, f.hint) if p), "location": project, "severity": "ERROR"}
        for f in report.failures
    ]
    return json_text({"source": {"name": "migguard"}, "diagnostics": diagnostics})


def diagnostic(finding: Finding, report: Report, here: Path) -> dict[str, Any]:
    """One finding."""
    origin = finding.origin
    place: dict[str, Any] = {"path": in_repository(origin.path if origin else configuration(report, here), here)}
    if origin is not None:
        place["range"] = span(finding, origin, report)
    return {
        "message": "\n".join(p for p in (finding.message, finding.lock, finding.safe_way) if p),
        "severity": SEVERITIES[finding.severity],
        "code": {"value": f"{finding.code} {finding.name}"},
        "location": place,
    }


def span(finding: Finding, origin: Origin, report: Report) -> dict[str, Any]:
    """The range of a call. Columns count bytes of UTF-8; without both of them lines are meant."""
    last = origin.end_line or origin.line
    if origin.end_column is None:
        return {"start": {"line": origin.line}, "end": {"line": last}}

    def column(line: int, characters: int) -> int:
        text = line_of(report, finding.revision, origin, line)
        return characters if text is None else len(text[: characters - 1].encode(errors="replace")) + 1

    return {
        "start": {"line": origin.line, "column": column(origin.line, origin.column)},
        "end": {"line": last, "column": column(last, origin.end_column)},
    }
