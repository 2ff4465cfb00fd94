"""Every rule keeps to the frame: one file of its name, a code of its family, sections in order, examples that bite."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from migguard.rules.frame import Rule
from migguard.rules.registry import builtin_rules

RULES = builtin_rules()
FAMILIES = {
    "honesty": "MG0",
    "history": "MG1",
    "downgrade": "MG2",
    "data_loss": "MG3",
    "blocking": "MG4",
    "transactions": "MG5",
    "compatibility": "MG6",
    "failures": "MG7",
    "scripts": "MG8",
    "schema": "MG9",
}
NOT_ONE_SCRIPT = {
    "MG001": "a file that does not load is no example that runs",
    "MG005": "depends on what is not installed",
    "MG006": "is about ignore comments",
    "MG007": "is about ignore comments",
    "MG009": "would have to run for long",
    "MG010": "is about env.py",
    "MG111": "is about a merge, which takes three scripts",
    "MG113": "is about a change set",
    "MG516": "is about env.py",
    "MG802": "depends on the project's packages",
    "MG803": "would have to reach outside",
    "MG809": "is about env.py",
}
"""Rules that no script alone shows; those on the history, on models and on live databases are none either."""
LONGEST = 120


def subject(rule: Rule) -> tuple[str, str]:
    """The folder and the file of a rule."""
    *_, folder, file = rule.module.split(".")
    return folder, file


def shown_by_a_script(rule: Rule) -> bool:
    """Whether a script alone shows the rule."""
    given = {t.__name__ for t in rule.takes}
    return rule.code not in NOT_ONE_SCRIPT and not given & {"History", "SchemaDifference", "ModelTable"}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_rule_is_one_file_of_its_name_in_the_folder_of_its_family(rule: Rule) -> None:
    """Whoever knows the name or the code finds the file, and the file holds nothing else that long."""
    folder, file = subject(rule)
    assert file == rule.name.replace("-", "_")
    assert rule.code.startswith(FAMILIES[folder])
    source = importlib.import_module(rule.module).__file__
    assert source is not None
    assert len(Path(source).read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_rule_says_why_and_what_is_let_through(rule: Rule) -> None:
    """In two sections, in that order, each with a text; the summary is one sentence."""
    parts = re.split(r"^## (.+)$", rule.documentation, flags=re.MULTILINE)
    assert parts[1::2] == ["Why it matters", "What is let through"]
    assert all(len(text.split()) >= 4 for text in parts[2::2])
    assert re.fullmatch(r"\S.*[.]", rule.summary, re.DOTALL)


@pytest.mark.parametrize("rule", [r for r in RULES if shown_by_a_script(r)], ids=lambda r: r.code)
def test_a_rule_that_a_script_shows_has_a_bad_example_that_is_flagged_once_and_a_good_one(rule: Rule) -> None:
    """They are the page, `migguard explain` and tests/rules/test_examples.py."""
    assert rule.bad is not None
    assert rule.bad.hits == 1
    assert rule.good is not None


def test_the_walls_between_rules_name_every_family() -> None:
    """What rules ask lies beside the families, so that the contracts cannot mean all folders."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    contracts = {one["name"]: one for one in project["tool"]["importlinter"]["contracts"]}
    assert contracts["No rule knows another rule"]["modules"] == [f"migguard.rules.{f}.*" for f in sorted(FAMILIES)]
    closed = contracts["What rules ask knows no rule"]["forbidden_modules"]
    assert closed == [f"migguard.rules.{f}" for f in sorted(FAMILIES)]
    assert {rule.module.split(".")[2] for rule in RULES} == set(FAMILIES)


def test_codes_and_names_are_used_once() -> None:
    """They stand in users' comments and settings."""
    assert len({r.code for r in RULES}) == len(RULES)
    assert len({r.name for r in RULES}) == len(RULES)
    assert all(re.fullmatch(r"MG\d{3}", r.code) and re.fullmatch(r"[a-z]+(-[a-z]+)*", r.name) for r in RULES)
