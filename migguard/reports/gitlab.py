"""GitLab's code quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.places import configuration, in_repository, json_text

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTICE: "info"}


def render(report: Report, here: Path) -> str:
    """The unsuppressed findings, and as blockers what could not be analysed."""
    found = [f for f in report.findings if not f.suppressed and f.severity in SEVERITIES]
    entries = [entry(finding, report, here) for finding in found]
    for number, failure in enumerate(report.failures):
        mark = hashlib.sha256(f"{number} {failure.message}".encode(errors="replace")).hexdigest()[:32]
        place = {"path": in_repository(configuration(report, here), here), "lines": {"begin": 1}}
        entries.append(
            {
                "description": failure.message,
                "check_name": "not analysed",
                "fingerprint": mark,
                "severity": "blocker",
                "location": place,
            }
        )
    return json_text(entries)


def entry(finding: Finding, report: Report, here: Path) -> dict[str, Any]:
    """One finding."""
    origin = finding.origin
    path = origin.path if origin is not None else configuration(report, here)
    lines = {"begin": origin.line, "end": origin.end_line or origin.line} if origin is not None else {"begin": 1}
    return {
        "description": finding.message,
        "check_name": f"{finding.code} {finding.name}",
        "fingerprint": finding.fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": in_repository(path, here), "lines": lines},
    }
