"""Markdown, for a job's summary and a pull request's comment, within GitHub's limits."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from migguard.findings import Finding, Severity
from migguard.report import Report, RevisionLine
from migguard.reports.markdown_text import code, fenced, number, plain, shorten
from migguard.reports.places import in_repository, uri
from migguard.reports.recipe_diff import recipe_diff

if TYPE_CHECKING:
    from migguard.sqlview import StatementView

COMMENT, SUMMARY = 65_536, 1_048_576
"""What GitHub takes for a comment (characters) and for a step's summary (bytes)."""
SIGNS = {Severity.ERROR: "🛑", Severity.WARNING: "⚠️", Severity.NOTICE: "💡"}
WAITS = {"nothing": "nobody", "writes": "writes", "reads-and-writes": "reads and writes"}
SHOWN_STATEMENTS = 40
SHOWN_FAILURES = 20
LONGEST_CODE = 6_000
LONGEST_GRAPH = 40_000
HISTORY, MODELS = "MG1", "MG90"


def render(report: Report, here: Path, limit: int = SUMMARY, environ: Mapping[str, str] = os.environ) -> str:
    """The report in at most `limit` bytes: what is least severe is folded into one line first, never cut in two."""
    page = Page(report, here, address(environ))
    most = len(page.loud)
    for tables, graph in ((True, True), (False, True), (False, False)):
        text = page.text(most, tables=tables, graph=graph)
        if fits(text, limit):
            return text
        if not tables and fits(page.text(0, tables=tables, graph=graph), limit):
            low, high = 0, most
            while low < high:
                middle = (low + high + 1) // 2
                if fits(page.text(middle, tables=tables, graph=graph), limit):
                    low = middle
                else:
                    high = middle - 1
            return page.text(low, tables=tables, graph=graph)
    return f"{verdict(report)}\n\nThe report is too long for this place; the job's log and the other reports have it.\n"


def fits(text: str, limit: int) -> bool:
    """Whether a text is short enough."""
    return len(text.encode()) <= limit


def address(environ: Mapping[str, str]) -> str | None:
    """The address of the checkout's files up to their paths, where the environment tells; None elsewhere."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    commit = environ.get("MIGGUARD_COMMIT") or environ.get("GITHUB_SHA")
    return f"{server}/{quote(repository)}/blob/{quote(commit)}" if server and repository and commit else None


class Page:
    """The report's parts, each made once. `loud` are the findings to show, the most severe first."""

    def __init__(self, report: Report, here: Path, link: str | None) -> None:
        self.report, self.here, self.link = report, here, link
        self.loud = sorted((f for f in report.findings if not f.suppressed), key=lambda f: -f.severity)
        self._details: dict[int, str] = {}

    def text(self, kept: int, *, tables: bool, graph: bool) -> str:
        """The report with that many findings in full, and the others counted."""
        report = self.report
        parts = [verdict(report), *failures(report)]
        shown = self.loud[:kept]
        models = [f for f in shown if f.code.startswith(MODELS)]
        by_revision: dict[str | None, list[Finding]] = {}
        for finding in shown:
            if not finding.code.startswith(MODELS):
                by_revision.setdefault(finding.revision, []).append(finding)
        for one in report.revisions:
            found = by_revision.pop(one.revision, [])
            views = [v for v in report.views if v.revision == one.revision and v.direction == "upgrade"]
            table = statements(views, found) if views and one.checked and tables else ""
            if found or table:
                parts += [self.heading(one), *([table] if table else []), *map(self.details, found)]
        if rest := [f for found in by_revision.values() for f in found]:
            parts += ["### The project", *map(self.details, rest)]
        if models:
            parts += ["### Models and migrations", *map(self.details, models)]
        if self.loud[kept:]:
            parts.append(folded(self.loud[kept:]))
        if graph:
            parts += self.history()
        parts.append(f"<sub>{plain(footer(report))}</sub>")
        return "\n\n".join(parts) + "\n"

    def heading(self, one: RevisionLine) -> str:
        """A revision's heading, with its file."""
        message = f" {plain(one.message)}" if one.message else ""
        path = in_repository(Path(one.path), self.here)
        return f"### {code(one.revision)}{message}\n\n{self.linked(path, None)}"

    def history(self) -> Iterator[str]:
        """The revision graph, where there is something to say of it."""
        if self.report.graph is None or not any(f.code.startswith(HISTORY) for f in self.loud):
            return
        from migguard.reports.revision_graph import mermaid

        drawn = mermaid(self.report.graph)
        if len(drawn) <= LONGEST_GRAPH:
            yield f"<details><summary>The revision graph</summary>\n\n```mermaid\n{drawn}```\n\n</details>"

    def details(self, finding: Finding) -> str:
        """A finding, folded: its sentence is seen, the rest opens."""
        made = self._details.get(id(finding))
        if made is None:
            made = self._details[id(finding)] = self.opened(finding)
        return made

    def opened(self, finding: Finding) -> str:
        """A finding in full."""
        head = f"{SIGNS.get(finding.severity, '')} <b>{plain(finding.code)}</b> {plain(finding.name)}: "
        body = []
        if finding.origin is not None:
            body.append(self.linked(in_repository(finding.origin.path, self.here), finding.origin.line))
        if not finding.verified:
            body.append("*Unverified: it rests on a step that was assumed or not read.*")
        if finding.sql:
            body.append(block(finding.sql, "sql"))
        if finding.lock:
            body.append(f"**Lock:** {plain(finding.lock)}")
        if finding.advice:
            body.append(f"**Safe way:** {plain(finding.advice)}")
        if finding.recipe:
            changed = recipe_diff(finding, self.report)
            body.append(block("\n".join(changed), "diff") if changed else block(finding.recipe, "python"))
        if finding.probe:
            body.append("**Rows that stand in the way:**\n\n" + block(finding.probe, "sql"))
        inside = "\n\n".join(body)
        return f"<details><summary>{head}{plain(finding.message)}</summary>\n\n{inside}\n\n</details>"

    def linked(self, path: str, line: int | None) -> str:
        """A place in the repository, as a link where one can be made."""
        text = code(path if line is None else f"{path}:{line}")
        if self.link is None or path.startswith(".."):
            return text
        target = uri(path) + ("" if line is None else f"#L{line}")
        return f'<a href="{self.link}/{target}">{text}</a>'


def verdict(report: Report) -> str:
    """The first line."""
    counts = {s: report.count(s) for s in SIGNS}
    said = ", ".join(number(n, s.word) for s, n in counts.items() if n)
    if report.failures:
        said = f"{number(len(report.failures), 'thing')} could not be analysed{f'; {said}' if said else ''}"
    fails = report.failures or any(n for s, n in counts.items() if s >= report.fail_on)
    if not said:
        return "## ✅ migguard: nothing to object to"
    return f"## {'🛑' if fails else '⚠️'} migguard: {said}"


def failures(report: Report) -> Iterator[str]:
    """What could not be analysed."""
    lines = [
        f"- **Not analysed:** {plain(f.message)}{f' ({plain(f.hint)})' if f.hint else ''}"
        for f in report.failures[:SHOWN_FAILURES]
    ]
    if len(report.failures) > SHOWN_FAILURES:
        lines.append(f"- {len(report.failures) - SHOWN_FAILURES} more things could not be analysed.")
    if lines:
        yield "\n".join(lines)


def folded(findings: list[Finding]) -> str:
    """Findings that have no room, counted by their rules."""
    counts = Counter((-f.severity, f.code) for f in findings)
    said = ", ".join(
        f"{SIGNS.get(Severity(-severity), '')} {plain(code_)}{f' ({count} times)' if count > 1 else ''}"
        for (severity, code_), count in sorted(counts.items())
    )
    return f"*{number(len(findings), 'more finding')} without room here:* {said}. The job's log has them."


def statements(views: list[StatementView], found: list[Finding]) -> str:
    """The statements of a revision with their locks, as a table."""
    rows = ["| statement | lock | who waits | grows with the table | safe way |", "| --- | --- | --- | --- | --- |"]
    rows += [row(view, [f for f in found if f.sql == view.sql]) for view in views[:SHOWN_STATEMENTS]]
    if len(views) > SHOWN_STATEMENTS:
        rows.append(f"| *{number(len(views) - SHOWN_STATEMENTS, 'more statement')}* | | | | |")
    return "\n".join(rows)


def row(view: StatementView, found: list[Finding]) -> str:
    """A statement in the table."""
    if not view.understood or not view.known:
        lock, waits, grows = "unknown", "unknown", "unknown"
    else:
        lock = "<br>".join(f"{plain(mode)} on {code(table)}" for table, mode in view.locks) or "none"
        waits = WAITS[view.blocks]
        grows = ", ".join(code(t) for t in dict.fromkeys((*view.rewrites, *view.scans))) or "no"
    safe = ", ".join(sorted({plain(f.code) for f in found if f.advice}))
    return f"| {code(shorten(view.sql))} | {lock} | {waits} | {grows} | {f'see {safe}' if safe else ''} |"


def block(text: str, language: str) -> str:
    """Code; where it is very long, that it is and how it begins."""
    if len(text) <= LONGEST_CODE:
        return fenced(text, language)
    return f"{code(shorten(text))} ({len(text):,} characters; the job's log has them all)"


def footer(report: Report) -> str:
    """What was looked at."""
    checked = sum(1 for r in report.revisions if r.checked)
    words = [f"{report.scope} ({report.dialect} {report.server_version}, {report.config})."]
    if report.models:
        words.append(report.models)
    words.append(
        f"{number(len(report.revisions), 'revision')} replayed, {checked or 'no new revisions'} checked, "
        f"{number(report.statements, 'statement')}, {report.understood} understood."
    )
    if report.suppressed:
        words.append(f"{number(report.suppressed, 'finding')} ignored.")
    return " ".join(words)
