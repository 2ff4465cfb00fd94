"""One self-contained HTML file: findings, statements with their locks, the revision graph. It loads nothing."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from migguard.findings import Finding, Severity
from migguard.report import Report
from migguard.reports.markdown import HISTORY, footer
from migguard.reports.markdown_text import number
from migguard.reports.places import in_repository, readable
from migguard.reports.recipe_diff import recipe_diff
from migguard.reports.revision_graph_svg import drawing
from migguard.source import Origin


def render(report: Report, here: Path) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("migguard.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said = ", ".join(number(n, s.word) for s in reversed(Severity) if s and (n := report.count(s)))
    tone = "error" if report.failures or report.exit_code(report.fail_on) else "warning" if said else "ok"
    if report.failures:
        said = f"{number(len(report.failures), 'thing')} could not be analysed" + (f", {said}" if said else "")

    def path(origin: Origin) -> str:
        return in_repository(origin.path, here)

    def excerpt(finding: Finding) -> str:
        script, origin = report.scripts.get(finding.revision or ""), finding.origin
        if script is None or origin is None or script.path != origin.path:
            return ""
        return textwrap.dedent("\n".join(script.lines[origin.line - 1 : origin.end_line or origin.line]))

    page = environment.get_template("report.html.j2").render(
        report=report,
        verdict=said or "nothing to object to",
        tone=tone,
        footer=footer(report),
        sections=sections(report),
        drawing=Markup(drawing(report.graph)) if report.graph is not None and report.graph.rows else "",
        history=any(f.code.startswith(HISTORY) and not f.suppressed for f in report.findings),
        path=path,
        excerpt=excerpt,
        diff=lambda finding: recipe_diff(finding, report),
    )
    return readable(page)


def sections(report: Report) -> list[dict[str, Any]]:
    """The findings and statements by revision, those that concern the project first."""
    by_revision: dict[str | None, list[Finding]] = {}
    for finding in sorted(report.findings, key=lambda f: (f.suppressed, -f.severity)):
        by_revision.setdefault(finding.revision, []).append(finding)
    messages = {r.revision: r.message for r in report.revisions}
    made: list[dict[str, Any]] = []
    if None in by_revision:
        made.append({"revision": None, "message": "", "findings": by_revision.pop(None), "views": ()})
    order = [r.revision for r in report.revisions if r.checked or r.revision in by_revision]
    for name in dict.fromkeys([*order, *(r for r in by_revision if r is not None)]):
        views = tuple(v for v in report.views if v.revision == name and v.direction == "upgrade")
        found = by_revision.get(name, [])
        if views or found:
            made.append({"revision": name, "message": messages.get(name, ""), "findings": found, "views": views})
    return made
