"""Every format is what its readers take, and no text of a user is anything but text in it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from migguard.findings import Finding, Severity
from migguard.report import Failure, Report
from migguard.reports import comment, markdown
from migguard.reports.console import console
from migguard.reports.formats import MODULES, render
from migguard.reports.places import INVISIBLE, encodable, readable, xml_text
from migguard.reports.text import render as render_text
from tests.reports import readers
from tests.reports.made import HERE, NASTY, ROOT, empty, everywhere, hostile, sample

MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FAILED = empty(failures=(Failure("r1 could not be loaded: it is no Python", "mend it"), Failure("r2 took too long")))
REPORTS = {"sample": (sample, ROOT), "nothing new": (empty, HERE), "failures only": (lambda: FAILED, HERE)}


def text_report(report: Report, here: Path, *, verbose: bool = False) -> str:
    """The report for a terminal, plain."""
    stream = io.StringIO()
    render_text(report, console(colour=False, file=stream), here, verbose=verbose)
    return stream.getvalue()


def read_all(report: Report, here: Path) -> None:
    """Read the report in every format as its readers do, and find what was said in it."""
    made = {name: render(name, report, here) for name in MODULES}
    shown, failures = readers.loud(report), report.failures
    for text in made.values():
        text.encode()

    document = json.loads(made["json"])
    assert [f["message"] for f in document["findings"]] == [encodable(f.message) for f in report.findings]
    assert [f["sql"] for f in document["findings"]] == [
        encodable(f.sql.strip() if f.sql else f.sql) for f in report.findings
    ]
    assert [f["message"] for f in document["failures"]] == [encodable(f.message) for f in failures]

    run = readers.sarif(made["sarif"])
    assert run["invocations"][0]["executionSuccessful"] is not bool(failures)
    for result, finding in zip(run["results"], report.findings, strict=True):
        assert result["message"]["text"].startswith(encodable(finding.message))
        assert ("suppressions" in result) is finding.suppressed
        if finding.origin is not None:
            assert here / readers.sarif_path(result) == finding.origin.path

    entries = readers.gitlab(made["gitlab"])
    assert [e["description"] for e in entries] == [encodable(f.message) for f in (*shown, *failures)]

    diagnostics = readers.rdjson(made["rdjson"])
    for one, finding in zip(diagnostics, (*shown, *failures), strict=True):
        assert one["message"].startswith(encodable(finding.message))

    suites = readers.junit(made["junit"])
    said = "".join(suites.itertext())
    for finding in (*shown, *failures):
        assert xml_text(finding.message) in said

    rows = readers.table(made["csv"])
    for row, finding in zip(rows, (*report.findings, *failures), strict=True):
        ended = encodable(finding.message).replace("\r\n", "\n").replace("\r", "\n")
        assert row["message"] == ended

    notes = readers.annotations(made["github"])
    assert [n.text.startswith(encodable(f.message)) for n, f in zip(notes, failures, strict=False)].count(False) == 0

    for name in ("markdown", "comment"):
        tree = readers.markdown(made[name])
        for finding in (*shown, *failures):
            assert readers.flat(readable(finding.message)) in tree.text

    page = readers.html(made["html"])
    for finding in (*report.findings, *failures):
        assert readers.flat(readable(finding.message)) in page.text

    for verbose in (False, True):
        plain = text_report(report, here, verbose=verbose)
        plain.encode()
        assert not INVISIBLE.search(plain.replace("\n", ""))
        for finding in (*(report.findings if verbose else shown), *failures):
            assert readers.flat(readable(finding.message)) in readers.flat(plain)


@pytest.mark.parametrize("name", REPORTS)
def test_every_format_is_what_its_readers_take(name: str) -> None:
    made, here = REPORTS[name]
    read_all(made(), here)


@pytest.mark.thorough
@pytest.mark.parametrize("one", NASTY, ids=ascii)
def test_each_hostile_text_stays_text_wherever_it_comes(one: str) -> None:
    for text in (one, f"{one}x{one}", f"a {one}b{one} c", f"{one}\n{one}{one}"):
        read_all(everywhere(text), HERE)


@pytest.mark.thorough
@given(hostile())
@MANY
def test_hostile_text_stays_text(report: Report) -> None:
    read_all(report, HERE)


@pytest.mark.parametrize("form", MODULES)
def test_nothing_new_is_said_in_words_or_is_an_empty_list(form: str) -> None:
    text = render(form, empty(), HERE)
    words = {
        "markdown": "nothing to object to",
        "comment": "nothing to object to",
        "html": "nothing to object to",
        "junit": 'name="the project"',
        "github": "",
        "gitlab": "[]",
        "rdjson": '"diagnostics": []',
        "sarif": '"results": []',
        "json": '"findings": []',
        "csv": "code,name,severity",
    }
    assert words[form] in text


def many(number: int, *, sql: str = "SELECT 1", severity: Severity = Severity.NOTICE) -> tuple[Finding, ...]:
    """Findings of one rule."""
    return tuple(
        Finding("MG505", "a-rule", severity, f"{severity.word} {i} says so.", "Do it.", sql=sql, fingerprint=str(i))
        for i in range(number)
    )


@pytest.mark.thorough
@pytest.mark.parametrize("number", [1, 100, 5_000])
def test_a_comment_fits_and_folds_the_least_severe(number: int) -> None:
    report = empty(findings=(*many(number), *many(3, severity=Severity.ERROR)))
    text = comment.render(report, HERE, {})
    assert len(text) <= markdown.COMMENT - comment.ROOM
    tree = readers.markdown(text)
    for i in range(3):
        assert f"error {i} says so." in tree.text
    if number > 1_000:
        shown = sum(1 for i in range(number) if f"notice {i} says so." in tree.text)
        assert shown > 100
        assert f"{number - shown} more findings without room here: 💡 MG505 ({number - shown} times)" in tree.text


def test_a_statement_too_long_for_a_comment_takes_no_other_finding_with_it() -> None:
    long = empty(findings=(*many(1, sql="SELECT " + "1, " * 100_000, severity=Severity.ERROR), *many(4)))
    text = comment.render(long, HERE, {})
    assert "300,007 characters" in text
    assert sum(f"notice {i} says so." in readers.markdown(text).text for i in range(4)) == 4


def test_failures_beyond_counting_fit_too() -> None:
    report = empty(failures=tuple(Failure(f"{i} " + "x" * 5_000) for i in range(100)))
    text = comment.render(report, HERE, {})
    assert len(text) <= markdown.COMMENT
    assert "100 things could not be analysed" in text


@pytest.mark.thorough
def test_a_summary_fits() -> None:
    report = empty(findings=many(20_000, sql="SELECT " + "1, " * 300))
    assert len(markdown.render(report, HERE, environ={}).encode()) <= markdown.SUMMARY


def test_history_findings_bring_the_graph() -> None:
    found = replace(many(1)[0], code="MG101")
    report = replace(sample(), findings=(found,))
    assert "```mermaid\nflowchart BT\n" in markdown.render(report, ROOT, environ={})
    assert "mermaid" not in markdown.render(replace(report, findings=many(1)), ROOT, environ={})


def test_a_diff_is_shown_where_the_recipe_stands_for_the_call_alone() -> None:
    text = markdown.render(sample(), ROOT, environ={})
    diffs = text.count("```diff\n")
    whole = [f for f in sample().findings if f.fixable and "..." not in f.recipe and not f.suppressed]
    assert 0 < diffs <= len(whole)
    assert '-op.create_index(op.f("ix_orders_placed_at"), "orders", ["placed_at"], unique=False)\n' in text
    assert "```python\nop.execute(\"SET LOCAL lock_timeout = '2s'\")\n```" in text


def test_columns_count_bytes_for_reviewdog_and_characters_elsewhere() -> None:
    from migguard.source import Origin, Script

    path = HERE / "r1.py"
    call = 'op.execute("é")'
    finding = replace(many(1)[0], revision="r1", origin=Origin(path, 1, 5, 1, 5 + len(call)))
    report = empty(findings=(finding,), scripts={"r1": Script(path, f"éé  {call}\n")})
    [one] = readers.rdjson(render("rdjson", report, HERE))
    assert one["location"]["range"] == {
        "start": {"line": 1, "column": 7},
        "end": {"line": 1, "column": 7 + len(call) + 1},
    }
    [result] = readers.sarif(render("sarif", report, HERE))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (5, 5 + len(call))


@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_the_text_says_what_stands_in_a_downgrade(direction: str) -> None:
    """One line of a helper may be told for both."""
    [finding] = many(1)
    text = text_report(empty(findings=(replace(finding, direction=direction),)), Path("/"))
    assert ("in downgrade()" in text) == (direction == "downgrade")
