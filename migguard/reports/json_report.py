"""The JSON report: schema_version 1, the contract with other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migguard import __version__
from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.places import json_text
from migguard.sqlview import StatementView

SCHEMA_VERSION = 1


def render(report: Report, here: Path) -> str:
    """The report as JSON text; paths are relative to `here`."""
    return json_text(document(report, here))


def document(report: Report, here: Path) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "migguard", "version": __version__},
        "project": {
            "config": report.config,
            "dialect": report.dialect,
            "server_version": report.server_version,
            "scope": report.scope,
        },
        "revisions": [
            {
                "revision": r.revision,
                "down_revision": list(r.down_revision),
                "path": relative(Path(r.path), here),
                "checked": r.checked,
                "replay": r.replay,
                "statements": r.statements,
            }
            for r in report.revisions
        ],
        "findings": [finding_document(f, here) for f in report.findings],
        "failures": [{"message": f.message, "hint": f.hint} for f in report.failures],
        "summary": {
            "error": report.count(Severity.ERROR),
            "warning": report.count(Severity.WARNING),
            "notice": report.count(Severity.NOTICE),
            "suppressed": report.suppressed,
            "statements": report.statements,
            "understood": report.understood,
        },
    }


def finding_document(finding: Finding, here: Path) -> dict[str, Any]:
    """One finding as plain values."""
    origin = finding.origin
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.word,
        "message": finding.message,
        "advice": finding.safe_way,
        "lock": finding.lock,
        "revision": finding.revision,
        "direction": finding.direction,
        "path": relative(origin.path, here) if origin else None,
        "line": origin.line if origin else None,
        "column": origin.column if origin else None,
        "end_line": (origin.end_line or origin.line) if origin else None,
        "end_column": origin.end_column if origin else None,
        "sql": finding.sql.strip() if finding.sql else finding.sql,
        "table": finding.table,
        "verified": finding.verified,
        "suppressed": finding.suppressed,
        "reason": finding.reason,
        "fingerprint": finding.fingerprint,
        "fixable": finding.fixable,
        "probe": finding.probe,
    }


def render_statements(views: list[StatementView], here: Path) -> str:
    """What `migguard sql` found, as JSON text."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "statements": [
            {
                "revision": v.revision,
                "direction": v.direction,
                "path": relative(Path(v.path), here) if v.path else None,
                "line": v.line,
                "sql": v.sql,
                "transaction": v.transaction,
                "understood": v.understood and v.known,
                "locks": [{"table": t, "mode": m} for t, m in v.locks],
                "blocks": v.blocks,
                "rewrites": list(v.rewrites),
                "scans": list(v.scans),
                "builds": list(v.builds),
                "algorithm": v.algorithm,
                "lock": v.lock,
            }
            for v in views
        ],
    }
    return json_text(document)


def relative(path: Path, here: Path) -> str:
    """A path relative to the current directory, with forward slashes, where it is below or beside it."""
    import os

    text, folder = str(path), f"{here}{os.sep}"
    if text.startswith(folder) and f"{os.sep}." not in text:  # nearly always, and a tenth of the time
        return text[len(folder) :].replace(os.sep, "/")
    try:
        return Path(os.path.relpath(path, here)).as_posix() if path.is_absolute() else path.as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()
