"""Reviewdog's diagnostic format.

Source: https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.places import in_repository, unicode_text

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTICE: "INFO"}


def render(report: Report, here: Path) -> str:
    """The unsuppressed findings, and as errors what could not be analysed."""
    found = [f for f in report.findings if not f.suppressed and f.severity in SEVERITIES]
    diagnostics = [diagnostic(f, report, here) for f in found]
    diagnostics += [
        {"message": unicode_text(f.message), "location": {"path": report.config}, "severity": "ERROR"}
        for f in report.failures
    ]
    document = {"source": {"name": "migguard"}, "diagnostics": diagnostics}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def diagnostic(finding: Finding, report: Report, here: Path) -> dict[str, Any]:
    """One finding."""
    text = "\n".join(p for p in (finding.message, finding.lock, finding.safe_way) if p)
    made: dict[str, Any] = {
        "message": unicode_text(text),
        "severity": SEVERITIES[finding.severity],
        "code": {"value": f"{finding.code} {finding.name}"},
        "location": {"path": report.config},
    }
    origin = finding.origin
    if origin is not None:
        start = {"line": origin.line, "column": origin.column}
        end = {"line": origin.end_line or origin.line}
        if origin.end_column is not None:
            end["column"] = origin.end_column
        path = unicode_text(in_repository(origin.path, here))
        made["location"] = {"path": path, "range": {"start": start, "end": end}}
    return made
