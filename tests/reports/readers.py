"""Readers of reports: what the programs behind the formats make of them. Each fails where a report is malformed."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import xmlschema
from markdown_it import MarkdownIt

from migguard.report import Report
from tests.github.runner import KEPT, Annotation, annotation, commanded

SCHEMAS = Path(__file__).parents[1] / "schemas"
VOID = frozenset({"meta", "br", "hr", "path", "circle"})
OWN_MARKDOWN = {
    "h2", "h3", "p", "ul", "li", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details",
    "summary", "b", "a", "sub", "br",
}  # fmt: skip
OWN_HTML = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "details", "summary", "b", "code",
    "pre", "dl", "dt", "dd", "div", "table", "thead", "tbody", "tr", "th", "td", "br", "span", "svg", "path",
    "circle", "text",
}  # fmt: skip
LINKED = re.compile(r"https?://|www\.\w|\w@\w|(?<!\w)@\w|(?<!\w)#\d|GH-\d|:[\w+-]+:(?=\S|$)", re.IGNORECASE)
"""What GitHub makes a link, a mention, a reference or an emoji of, in text that is not code."""


@cache
def validator(name: str) -> Any:
    """A schema, ready to validate."""
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


@cache
def junit_schema() -> xmlschema.XMLSchema:
    """The schema of JUnit's reports."""
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


class Tree(HTMLParser):
    """The elements, the text and the attributes of a page; every element must be closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.pieces: list[tuple[tuple[str, ...], str]] = []
        self.rows: list[int] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1:] == [tag], (self.open, tag)
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.pieces.append((tuple(self.open), data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")

    @property
    def text(self) -> str:
        """All the text, on one line."""
        return flat("".join(data for within, data in self.pieces if "style" not in within))

    def outside_code(self) -> Iterator[str]:
        """The text that is not code."""
        for within, data in self.pieces:
            if not {"code", "pre", "style"} & set(within):
                yield data


def flat(text: str) -> str:
    """Text on one line."""
    return " ".join(text.replace("\u2060", "").split())


def markdown(text: str) -> Tree:
    """Markdown as GitHub renders it, and nothing in it but what the report itself put there."""
    rendered = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    tree = Tree(rendered)
    assert tree.tags <= OWN_MARKDOWN, tree.tags - OWN_MARKDOWN
    assert set(tree.rows) <= {5}, tree.rows
    for name, value in tree.attributes:
        assert name in ("href", "class"), (name, value)
    for piece in tree.outside_code():
        assert not LINKED.search(piece), piece
    return tree


def html(text: str) -> Tree:
    """A page that runs nothing and loads nothing."""
    tree = Tree(text.removeprefix("<!doctype html>"))
    assert tree.tags <= OWN_HTML, tree.tags - OWN_HTML
    for name, value in tree.attributes:
        assert not name.startswith("on"), (name, value)
        assert name not in ("src", "href", "style", "action"), (name, value)
    assert "url(" not in "".join(data for within, data in tree.pieces if "style" in within)
    return tree


def sarif(text: str) -> dict[str, Any]:
    """A SARIF log as code scanning takes it: its limits, and what it cannot do without."""
    log = json.loads(text)
    validator("sarif-2.1.0.json").validate(log)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert result["message"]["text"]
        assert result["partialFingerprints"]
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    return run  # type: ignore[no-any-return]


def sarif_path(result: dict[str, Any]) -> str:
    """The file of a result."""
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return unquote(uri, errors="surrogateescape")


def junit(text: str) -> ET.Element:
    """JUnit XML."""
    junit_schema().validate(text)
    root = ET.fromstring(text)
    [suite] = root
    for name, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        assert suite.get(name) == root.get(name) == str(len(suite.findall(tag)))
    return root


def gitlab(text: str) -> list[dict[str, Any]]:
    """A code quality report. GitLab keeps one entry of each fingerprint."""
    entries = json.loads(text)
    validator("gitlab-code-quality.json").validate(entries)
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    return entries  # type: ignore[no-any-return]


def rdjson(text: str) -> list[dict[str, Any]]:
    """Reviewdog's diagnostics."""
    result = json.loads(text)
    validator("reviewdog.json").validate(result)
    return result["diagnostics"]  # type: ignore[no-any-return]


def annotations(text: str) -> list[Annotation]:
    """GitHub's annotations: each line is one, and none would be dropped."""
    found = []
    for line, taken in commanded(text.removesuffix("\n")) if text else ():
        assert taken, line
        made = annotation(line)
        assert made is not None, line
        found.append(made)
    for level in ("error", "warning", "notice"):
        assert sum(1 for a in found if a.level == level) <= KEPT
    return found


def table(text: str) -> list[dict[str, str]]:
    """Comma-separated values, none of which a spreadsheet runs."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    for row in rows[1:]:
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def loud(report: Report) -> list[Any]:
    """The findings that count."""
    return [f for f in report.findings if not f.suppressed]
