"""SARIF 2.1.0, as code scanning takes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from migguard import __version__
from migguard.findings import Finding, Severity
from migguard.known_findings import REASON
from migguard.report import Report, RuleInfo
from migguard.reports.places import configuration, in_repository, json_text, uri

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note", Severity.OFF: "none"}


def render(report: Report, here: Path) -> str:
    """The report as a SARIF log with one run."""
    index = {rule.code: i for i, rule in enumerate(report.rules)}
    run = {
        "tool": {
            "driver": {
                "name": "migguard",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [descriptor(rule) for rule in report.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "the repository"}}},
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": said(f.message, f.hint)}} for f in report.failures
                ],
            }
        ],
        "results": list(results(report, index, here)),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log)


def descriptor(rule: RuleInfo) -> dict[str, Any]:
    """A rule as SARIF describes it."""
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.documentation or rule.summary, "markdown": rule.documentation or rule.summary},
        "defaultConfiguration": {"level": LEVELS[rule.severity], "enabled": rule.severity is not Severity.OFF},
        "properties": {
            "tags": ["migration", rule.family],
            "precision": "high",
            "problem.severity": PROBLEMS.get(rule.severity, "recommendation"),
        },
    }


def results(report: Report, index: dict[str, int], here: Path) -> Iterable[dict[str, Any]]:
    """The findings. One without a place stands at the configuration, because code scanning shows no other."""
    for finding in report.findings:
        made: dict[str, Any] = {
            "ruleId": finding.code,
            "level": LEVELS[finding.severity],
            "message": {"text": said(finding.message, finding.lock, finding.safe_way)},
            "locations": [{"physicalLocation": location(finding, report, here)}],
            "partialFingerprints": {"migguard/v1": finding.fingerprint},
        }
        if finding.code in index:
            made["ruleIndex"] = index[finding.code]
        if finding.suppressed:
            reason = {"justification": finding.reason} if finding.reason else {}
            made["suppressions"] = [{"kind": "external" if finding.reason == REASON else "inSource", **reason}]
        if not finding.verified:
            made["properties"] = {"verified": False}
        if finding.related:
            made["relatedLocations"] = [
                {
                    "physicalLocation": {
                        "artifactLocation": artifact(origin.path, here),
                        "region": {"startLine": origin.line},
                    }
                }
                for origin in finding.related
            ]
        yield made


def said(*parts: str | None) -> str:
    """Sentences on lines of their own."""
    return "\n".join(part for part in parts if part)


def artifact(path: Path, here: Path) -> dict[str, str]:
    """A file by its URI relative to the repository."""
    return {"uri": uri(in_repository(path, here)), "uriBaseId": ROOT}


def location(finding: Finding, report: Report, here: Path) -> dict[str, Any]:
    """Where a finding stands."""
    origin = finding.origin
    if origin is None:
        return {"artifactLocation": artifact(configuration(report, here), here), "region": {"startLine": 1}}
    region = {"startLine": origin.line, "startColumn": origin.column}
    if origin.end_line is not None:
        region["endLine"] = origin.end_line
    if origin.end_column is not None:
        region["endColumn"] = origin.end_column
    return {"artifactLocation": artifact(origin.path, here), "region": region}
