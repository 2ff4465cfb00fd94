"""Reports made up for tests: of the sample, empty ones, and ones in which every text is hostile."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from migguard.findings import Finding, Severity
from migguard.graphview import GraphView, Node, Row
from migguard.pipeline import Request, run
from migguard.report import Failure, Report, RevisionLine, RuleInfo
from migguard.source import Origin, Script
from migguard.sqlview import StatementView

ROOT = Path(__file__).parents[2]
HERE = Path("/work tree")
RELEASED = "5d2e9a41c7f0"
NASTY = (
    "|", "\\|", "`", "```", "~~~", "~~a~~", "<script>alert(1)</script>", "<!--", "-->", "</details>", "</code>",
    "@everyone", "#12", "GH-1", "acme/shop#3", "https://example.org", "www.example.org", "who@example.org", ":bug:",
    "__init__", "*a*", "[a](b)", "![a](b)", "\n", "\r", "\r\n", "\n\n", "\n# a", "\n- a", "\n| - |", "\n```\n",
    "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffe", "\ud800", "\udc80", "\U0001f600",
    "::error::", "::", "%", "%0A", ",", ":", "##[error]", "=1+1", "{{ 1 }}", "{% raw %}", "'", '"', "é", "a_b", "    ",
    "]]>", "$x$", "&amp;", "\t",
)  # fmt: skip
TEXT = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=()), max_size=4), st.just("x")),
    max_size=5,
).map("".join)
NAME = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(max_size=3), st.just("x")).map(
        lambda s: "".join(c for c in s if c not in "/\0" and not "\ud800" <= c < "\udc80")
    ),
    min_size=1,
    max_size=3,
).map(lambda parts: "".join(parts).strip(".") or "x")
NOTHING = re.compile("[/\0\ud800-\udbff]|^[.]+$")
"""What no file is called."""
CODE = st.sampled_from(("MG101", "MG401", "MG505", "MG901"))


@cache
def sample() -> Report:
    """The report of the sample's new revisions, with statements and graph."""
    config = ROOT / "sample_migrations" / "alembic.ini"
    return run(Request(config=config, since=RELEASED, here=ROOT, pictures=True, cache=False)).report


def empty(**given: object) -> Report:
    """A report in which there is nothing new."""
    parts: dict[str, object] = {
        "config": "alembic.ini",
        "dialect": "postgresql",
        "server_version": "16",
        "scope": "since main: no new revisions",
        "revisions": (),
        "findings": (),
        "statements": 0,
        "understood": 0,
    }
    return Report(**(parts | given))  # type: ignore[arg-type]


@st.composite
def findings(draw: st.DrawFn, path: Path, number: int) -> Finding:
    """A finding in a file."""
    end, last = draw(st.sampled_from((None, 3))), draw(st.sampled_from((None, 12)))
    origin = Origin(path, draw(st.integers(1, 3)), draw(st.integers(1, 9)), end, last)
    return Finding(
        code=draw(CODE),
        name="a-rule",
        severity=draw(st.sampled_from((Severity.ERROR, Severity.WARNING, Severity.NOTICE))),
        message=f"x{draw(TEXT)}.",
        advice=draw(TEXT).replace("\n", " "),
        recipe=draw(TEXT),
        revision=draw(st.sampled_from(("r1", "r2", None))),
        direction="upgrade",
        origin=draw(st.sampled_from((None, origin))),
        sql=draw(st.one_of(st.none(), TEXT)),
        table=draw(TEXT),
        lock=draw(st.one_of(st.none(), TEXT)),
        probe=draw(st.one_of(st.none(), TEXT)),
        verified=draw(st.booleans()),
        suppressed=draw(st.booleans()),
        reason=draw(st.one_of(st.none(), TEXT)),
        fingerprint=f"{number:032x}",
        fixable=draw(st.booleans()),
    )


@st.composite
def hostile(draw: st.DrawFn) -> Report:
    """A report in which every text is hostile."""
    path = HERE / draw(NAME) / f"{draw(NAME)}.py"
    found = tuple(draw(findings(path, i)) for i in range(draw(st.integers(0, 3))))
    view = StatementView(
        "r1", "upgrade", str(path), 1, draw(TEXT), 1, draw(st.booleans()), ((draw(TEXT), "SHARE"),), "writes",
        (draw(TEXT),), (draw(TEXT),), (), None, None,
    )  # fmt: skip
    rows = (Row(Node("r2", ("r1",), (), draw(TEXT), (draw(TEXT),), new=True), 0, (True,)), Row(Node("r1"), 0, (True,)))
    return Report(
        config=draw(NAME),
        dialect="postgresql",
        server_version="16",
        scope=draw(TEXT),
        revisions=(
            RevisionLine("r1", (), str(path), True, "full", 1, draw(TEXT)),
            RevisionLine("r2", ("r1",), str(path), True, "full", 1, draw(TEXT)),
        ),
        findings=found,
        statements=1,
        understood=1,
        failures=tuple(
            Failure(f"y{draw(TEXT)}", draw(st.one_of(st.none(), TEXT))) for _ in range(draw(st.integers(0, 2)))
        ),
        scripts={"r1": Script(path, draw(TEXT))},
        models=draw(TEXT),
        rules=(RuleInfo("MG401", "a-rule", Severity.ERROR, "It blocks.", draw(TEXT)),),
        views=(view,),
        graph=GraphView(rows, draw(TEXT), ("r2",), 2, 1),
    )


def everywhere(text: str) -> Report:
    """A report that has the text in every place that a user's text comes to."""
    path = HERE / "versions" / "r1.py"
    found = tuple(
        Finding(
            code="MG401",
            name="a-rule",
            severity=Severity.ERROR,
            message=f"x {text}",
            advice=text.replace("\n", " "),
            recipe=text,
            revision="r1",
            origin=Origin(path, 1),
            sql=text,
            table=text,
            lock=text,
            probe=text,
            verified=verified,
            suppressed=suppressed,
            reason=text,
            fingerprint=str(i),
        )
        for i, (verified, suppressed) in enumerate(((True, False), (False, False), (True, True)))
    )
    view = StatementView(
        "r1", "upgrade", str(path), 1, text, 1, True, ((text, "SHARE"),), "writes", (text,), (text,), (), None, None
    )
    return empty(
        config=NOTHING.sub("", text) or "x",
        scope=text,
        revisions=(RevisionLine("r1", (), str(path), True, "full", 1, text),),
        findings=found,
        failures=(Failure(f"y {text}", text),),
        scripts={"r1": Script(path, text)},
        models=text,
        rules=(RuleInfo("MG401", "a-rule", Severity.ERROR, text, text),),
        views=(view,),
        graph=GraphView((Row(Node("r1", (), (), text, (text,)), 0, (True,)),), text, ("r1",), 1, 1),
    )
