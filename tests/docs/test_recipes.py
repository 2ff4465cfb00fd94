"""The recipes of the documentation give no error, in one deployment and one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.report import Report
from migguard.rules.frame import Example
from tests.docs.pages import DOCS, blocks, sections
from tests.rules import examples

SETTINGS = 'lock_timeout_set_elsewhere = true\nserver_version = "14"\nfail_on = "warning"\n'
"""env.py sets the timeout, as the page says."""


def recipes() -> dict[str, tuple[str, list[str]]]:
    """The schema and the revisions of each recipe, by its heading."""
    found = {}
    for heading, text in sections((DOCS / "guide" / "recipes.md").read_text(encoding="utf-8")):
        given = [b.text for b in blocks(text) if b.language == "sql"]
        assert len(given) == 1, heading
        found[heading] = (given[0], [b.text for b in blocks(text) if b.language == "python"])
    return found


RECIPES = recipes()
REVISIONS = [(name, number) for name, (_, revisions) in RECIPES.items() for number in range(len(revisions))]


def check(given: str, released: list[str], new: list[str], root: Path) -> Report:
    example = Example(
        new[-1], given=given, released=tuple(released), earlier=tuple(new[:-1]), env=("transaction_per_migration",),
        settings=SETTINGS,
    )  # fmt: skip
    return examples.check(example, "MG001", root, "postgresql").report


def assert_no_error(report: Report) -> None:
    assert not report.failures
    assert [r.replay for r in report.revisions] == ["full"] * len(report.revisions)
    assert report.statements == report.understood
    said = [f"{f.revision} {f.code}: {f.message}" for f in report.findings if not f.suppressed]
    assert not [f for f in report.findings if f.severity is Severity.ERROR and not f.suppressed], said


def test_there_is_a_recipe_for_each_common_change() -> None:
    assert list(RECIPES) == [
        "NOT NULL in four steps",
        "A unique constraint",
        "A foreign key",
        "Renaming a column",
        "Another type",
        "A value for an enum",
    ]
    assert all(revisions for _, revisions in RECIPES.values())


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_gives_no_error_in_one_deployment(name: str, tmp_path: Path) -> None:
    given, revisions = RECIPES[name]
    report = check(given, [], revisions, tmp_path)
    assert sum(r.checked for r in report.revisions) == len(revisions)
    assert_no_error(report)


@pytest.mark.parametrize(("name", "number"), REVISIONS, ids=lambda value: str(value).replace(" ", "-"))
def test_a_revision_of_a_recipe_gives_no_error_alone(name: str, number: int, tmp_path: Path) -> None:
    given, revisions = RECIPES[name]
    report = check(given, revisions[:number], [revisions[number]], tmp_path)
    assert sum(r.checked for r in report.revisions) == 1
    assert_no_error(report)
