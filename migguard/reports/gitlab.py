"""GitLab's code quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from migguard.findings import Severity
from migguard.report import Report
from migguard.reports.places import in_repository, unicode_text

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTICE: "info"}


def render(report: Report, here: Path) -> str:
    """The unsuppressed findings, and as blockers what could not be analysed."""
    entries = [
        {
            "description": unicode_text(finding.message),
            "check_name": f"{finding.code} {finding.name}",
            "fingerprint": finding.fingerprint,
            "severity": SEVERITIES[finding.severity],
            "location": {
                "path": unicode_text(in_repository(finding.origin.path, here) if finding.origin else report.config),
                "lines": {"begin": finding.origin.line if finding.origin else 1},
            },
        }
        for finding in report.findings
        if not finding.suppressed and finding.severity in SEVERITIES
    ]
    entries += [
        {
            "description": unicode_text(failure.message),
            "check_name": "not analysed",
            "fingerprint": hashlib.sha256(failure.message.encode(errors="replace")).hexdigest()[:32],
            "severity": "blocker",
            "location": {"path": report.config, "lines": {"begin": 1}},
        }
        for failure in report.failures
    ]
    return msgspec.json.format(msgspec.json.encode(entries), indent=2).decode()
