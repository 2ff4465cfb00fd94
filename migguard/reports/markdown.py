"""Markdown, for a job's summary and a pull request's comment, within GitHub's limits.

What users wrote stays text: a table named `|`, `<script>` or `@everyone` ends no cell, runs nothing and calls nobody.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from migguard.findings import Finding, Severity
from migguard.report import Report, RevisionLine
from migguard.reports.places import in_repository, unicode_text

if TYPE_CHECKING:
    from migguard.sqlview import StatementView

COMMENT, SUMMARY = 65_536, 1_048_576
"""The bytes that GitHub takes for a comment and for a step's summary."""
SIGNS = {Severity.ERROR: "🛑", Severity.WARNING: "⚠️", Severity.NOTICE: "💡"}
WAITS = {"nothing": "nobody", "writes": "writes", "reads-and-writes": "reads and writes"}
SHOWN_STATEMENTS = 40
WORD_JOINER = "\u2060"
HISTORY = "MG1"


def render(report: Report, here: Path, limit: int = SUMMARY, environ: Mapping[str, str] = os.environ) -> str:
    """The report in at most `limit` bytes: what is least severe is folded into one line first, never cut in two."""
    link = address(environ)
    loud = sorted((f for f in report.findings if not f.suppressed), key=lambda f: -f.severity)
    for kept in fewer(len(loud)):
        text = whole(report, here, loud, kept, link)
        if len(text.encode()) <= limit:
            return text
    return verdict(report) + "\n\n" + plain(f"{len(loud)} findings: see the job's log.") + "\n"


def address(environ: Mapping[str, str]) -> str | None:
    """The address of the checkout's files up to their paths, where the environment tells; None elsewhere."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    commit = environ.get("MIGGUARD_COMMIT") or environ.get("GITHUB_SHA")
    return f"{server}/{repository}/blob/{commit}" if server and repository and commit else None


def fewer(count: int) -> Iterator[int]:
    """How many findings to show in full: all, then fewer and fewer."""
    while count > 0:
        yield count
        count = count * 3 // 4 if count > 4 else count - 1
    yield 0


def whole(report: Report, here: Path, loud: list[Finding], kept: int, link: str | None) -> str:
    """The report with that many findings in full, and the others counted."""
    shown, rest = loud[:kept], loud[kept:]
    parts = [verdict(report), *failures(report)]
    by_revision: dict[str | None, list[Finding]] = {}
    for finding in shown:
        by_revision.setdefault(finding.revision, []).append(finding)
    checked = [r for r in report.revisions if r.checked]
    for one in checked:
        statements = [v for v in report.views if v.revision == one.revision and v.direction == "upgrade"]
        found = by_revision.pop(one.revision, [])
        if found or (statements and len(checked) <= 10):
            parts += revision(one, statements, found, report, here, link)
    for found in by_revision.values():
        parts += [details(f, report, here, link) for f in found]
    if rest:
        counts = ", ".join(f"{n} {s.word}s" for s in SIGNS if (n := sum(1 for f in rest if f.severity is s)))
        parts.append(f"*{len(rest)} more findings ({counts}) do not fit here; they are in the job's log.*")
    if report.graph is not None and any(f.code.startswith(HISTORY) for f in loud):
        from migguard.reports.revision_graph import mermaid

        parts.append(
            f"<details><summary>The revision graph</summary>\n\n```mermaid\n{mermaid(report.graph)}```\n\n</details>"
        )
    parts.append(f"<sub>{plain(footer(report))}</sub>")
    return "\n\n".join(parts) + "\n"


def verdict(report: Report) -> str:
    """The first line."""
    counts = {s: report.count(s) for s in SIGNS}
    if report.failures:
        return f"## 🛑 migguard: {number(len(report.failures), 'thing')} could not be analysed"
    said = ", ".join(number(n, s.word) for s, n in counts.items() if n)
    if not said:
        return "## ✅ migguard: nothing to object to"
    fails = any(n for s, n in counts.items() if s >= report.fail_on)
    return f"## {'🛑' if fails else '⚠️'} migguard: {said}"


def failures(report: Report) -> Iterator[str]:
    """What could not be analysed."""
    if report.failures:
        yield "\n".join(
            f"- **Not analysed:** {plain(f.message)}{f' ({plain(f.hint)})' if f.hint else ''}" for f in report.failures
        )


def revision(
    one: RevisionLine,
    statements: list[StatementView],
    found: list[Finding],
    report: Report,
    here: Path,
    link: str | None,
) -> Iterator[str]:
    """A revision: its statements with their locks, and its findings."""
    message = f" {plain(one.message)}" if one.message else ""
    yield f"### {code(one.revision)}{message}"
    if statements:
        rows = ["| statement | lock | who waits | grows with the table | safe way |", "| --- | --- | --- | --- | --- |"]
        for view in statements[:SHOWN_STATEMENTS]:
            rows += [row(view, [f for f in found if f.sql is not None and f.sql == view.sql])]
        if len(statements) > SHOWN_STATEMENTS:
            rows.append(f"| *{len(statements) - SHOWN_STATEMENTS} more statements* | | | | |")
        yield "\n".join(rows)
    for finding in found:
        yield details(finding, report, here, link)


def row(view: StatementView, found: list[Finding]) -> str:
    """A statement in the table."""
    if not view.understood or not view.known:
        lock, waits, grows = "unknown", "unknown", "unknown"
    else:
        lock = "<br>".join(f"{plain(mode)} on {code(table)}" for table, mode in view.locks) or "none"
        waits = WAITS[view.blocks]
        grows = ", ".join(code(t) for t in dict.fromkeys((*view.rewrites, *view.scans))) or "no"
    safe = ", ".join(sorted({f.code for f in found if f.advice}))
    return f"| {code(shorten(view.sql))} | {lock} | {waits} | {grows} | {f'see {safe}' if safe else ''} |"


def details(finding: Finding, report: Report, here: Path, link: str | None) -> str:
    """A finding, folded: its sentence is seen, the rest opens."""
    head = f"{SIGNS.get(finding.severity, '')} <b>{finding.code}</b> {plain(finding.name)}: {plain(finding.message)}"
    body = [place(finding, here, link)] if finding.origin is not None else []
    if not finding.verified:
        body.append("*Unverified: it rests on a step that was assumed or not read.*")
    if finding.sql:
        body.append(fenced(finding.sql, "sql"))
    if finding.lock:
        body.append(f"**Lock:** {plain(finding.lock)}")
    if finding.advice:
        sentence, _, recipe = finding.advice.partition("\n")
        body.append(f"**Safe way:** {plain(sentence)}")
        if recipe:
            body.append(fenced(recipe_diff(finding, report, recipe), "diff"))
    if finding.probe:
        body.append("**Rows that stand in the way:**\n\n" + fenced(finding.probe, "sql"))
    return f"<details><summary>{head}</summary>\n\n" + "\n\n".join(body) + "\n\n</details>"


def recipe_diff(finding: Finding, report: Report, recipe: str) -> str:
    """The call as it stands and as it should be, as a diff."""
    script, origin = report.scripts.get(finding.revision or ""), finding.origin
    old: list[str] = []
    if script is not None and origin is not None and script.path == origin.path:
        old = [line.strip("\r\n") for line in script.lines[origin.line - 1 : origin.end_line or origin.line]]
        indent = min((len(line) - len(line.lstrip()) for line in old if line.strip()), default=0)
        old = [line[indent:] for line in old]
    made = difflib.unified_diff(old, recipe.splitlines(), lineterm="", n=1)
    return "\n".join(line for line in made if not line.startswith(("---", "+++", "@@")))


def place(finding: Finding, here: Path, link: str | None) -> str:
    """Where it stands, as a link where one can be made."""
    assert finding.origin is not None
    path = in_repository(finding.origin.path, here)
    text = code(f"{path}:{finding.origin.line}")
    if link is None:
        return text
    from urllib.parse import quote

    return f'<a href="{link}/{quote(path.encode(errors="surrogateescape"))}#L{finding.origin.line}">{text}</a>'


def footer(report: Report) -> str:
    """What was looked at."""
    checked = sum(1 for r in report.revisions if r.checked)
    words = [f"{report.scope} ({report.dialect} {report.server_version})."]
    if report.models:
        words.append(report.models)
    words.append(
        f"{number(len(report.revisions), 'revision')} replayed, {checked} checked, "
        f"{number(report.statements, 'statement')}, {report.understood} understood."
    )
    if report.suppressed:
        words.append(f"{report.suppressed} findings ignored.")
    return " ".join(words)


# --- text that stays text -----------------------------------------------------------------------------------------

SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#+!|~$&\"':=^-]")


def plain(text: str) -> str:
    """Text in Markdown and in HTML alike: special characters as entities, nobody mentioned, nothing referred to."""
    flat = " ".join(unicode_text(text).split())
    flat = re.sub(r"(?<=[@#])(?=\w)", WORD_JOINER, flat)
    flat = re.sub(r"(?<=\w)(?=://|@\w)|(?<=www)(?=\.)", WORD_JOINER, flat)
    return SPECIAL.sub(lambda m: f"&#{ord(m[0])};", flat)


def code(text: str) -> str:
    """Text in the type of code, on one line."""
    return f"<code>{plain(text)}</code>"


def fenced(text: str, language: str) -> str:
    """A block of code, with a fence that its text does not hold."""
    text = unicode_text(text).replace("\r", "")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def shorten(sql: str, limit: int = 200) -> str:
    """A statement on one line."""
    flat = " ".join(sql.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def number(count: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
