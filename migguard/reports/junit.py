"""JUnit XML: one test case for each checked revision, and one for what concerns none of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.places import in_repository, xml_text


def render(report: Report, here: Path) -> str:
    """The report. Findings at or above the project's threshold are failures, others the case's output."""
    suite = ET.Element("testsuite", name="migguard")
    by_revision: dict[str | None, list[Finding]] = {}
    for finding in report.findings:
        if not finding.suppressed:
            by_revision.setdefault(finding.revision, []).append(finding)
    checked = [r for r in report.revisions if r.checked]
    known = {r.revision for r in checked}
    failed = 0
    for one in checked:
        name = f"{one.revision} {one.message}".strip()
        failed += case(suite, name, by_revision.get(one.revision, ()), report.fail_on, here)
    others = [f for revision, found in by_revision.items() if revision not in known for f in found]
    failed += case(suite, "the project", others, report.fail_on, here)
    for failure in report.failures:
        broken = ET.SubElement(suite, "testcase", classname="migguard", name="analysis")
        text = "\n".join(part for part in (failure.message, failure.hint) if part)
        ET.SubElement(broken, "error", type="not analysed", message=xml_text(failure.message)).text = xml_text(text)
    counts = {"tests": len(suite), "failures": failed, "errors": len(report.failures), "skipped": 0}
    suite.attrib.update({name: str(count) for name, count in counts.items()})
    suites = ET.Element("testsuites", {"name": "migguard", **{n: str(c) for n, c in counts.items() if n != "skipped"}})
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def case(suite: ET.Element, name: str, findings: Sequence[Finding], fail_on: Severity, here: Path) -> bool:
    """One test case; whether it fails."""
    made = ET.SubElement(suite, "testcase", classname="migguard", name=xml_text(name))
    loud = [f for f in findings if f.severity >= fail_on]
    if loud:
        headline = f"{len(loud)} finding{'s' if len(loud) > 1 else ''}: " + ", ".join(sorted({f.code for f in loud}))
        text = "\n\n".join(described(f, here) for f in loud)
        ET.SubElement(made, "failure", type=xml_text(loud[0].code), message=xml_text(headline)).text = xml_text(text)
    quiet = [f for f in findings if f.severity < fail_on]
    if quiet:
        ET.SubElement(made, "system-out").text = xml_text("\n\n".join(described(f, here) for f in quiet))
    return bool(loud)


def described(finding: Finding, here: Path) -> str:
    """A finding as text."""
    place = f"{in_repository(finding.origin.path, here)}:{finding.origin.line}: " if finding.origin else ""
    head = f"{place}{finding.severity.word} {finding.code} {finding.name}"
    return "\n".join(part for part in (head, finding.message, finding.sql, finding.lock, finding.safe_way) if part)
