"""Every rule's examples, and every case of `cases/`, say what they are meant to say."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

from migguard.changes import Engine
from migguard.findings import Severity
from migguard.rules.frame import MYSQL_FAMILY, SQLITE, Example, Rule
from migguard.rules.registry import builtin_rules
from tests.rules import cases, examples

RULES = {rule.name.replace("-", "_"): rule for rule in builtin_rules()}


def dialect(rule: Rule) -> str:
    """The engine that a rule's examples are written for."""
    if Engine.POSTGRESQL in rule.engines:
        return "postgresql"
    if rule.engines <= MYSQL_FAMILY:
        return "mysql" if Engine.MYSQL in rule.engines else "mariadb"
    if rule.engines == SQLITE:
        return "sqlite"
    return str(sorted(rule.engines)[0])


def own() -> dict[str, list[tuple[str, Example, int]]]:
    """The two examples of each rule, each with what it shows and how often the rule speaks."""
    found: dict[str, list[tuple[str, Example, int]]] = {}
    for name, rule in RULES.items():
        shown = [("bad", rule.bad, rule.bad.hits)] if rule.bad is not None else []
        found[name] = [*shown, ("good", rule.good, 0)] if rule.good is not None else shown
    return {name: held for name, held in found.items() if held}


def collected() -> dict[str, list[tuple[str, Example, int]]]:
    """The cases of each rule."""
    found: dict[str, list[tuple[str, Example, int]]] = {}
    for module in pkgutil.iter_modules(cases.__path__):
        held = importlib.import_module(f"{cases.__name__}.{module.name}").CASES
        found[module.name] = [(fact, one, one.hits) for fact, one in held.items()]
    return found


EXAMPLES, CASES = own(), collected()
EVERY = {name: [*EXAMPLES.get(name, ()), *CASES.get(name, ())] for name in RULES}


@pytest.mark.parametrize("name", EXAMPLES, ids=lambda name: f"{RULES[name].code}-{name}")
def test_an_example_is_flagged_as_often_as_it_says(name: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """A bad example is flagged (once, unless it says otherwise), a good one never."""
    flagged_as_often_as_they_say(RULES[name], EXAMPLES[name], tmp_path, subtests)


@pytest.mark.thorough
@pytest.mark.parametrize("name", CASES, ids=lambda name: f"{RULES[name].code}-{name}")
def test_a_case_is_flagged_as_often_as_it_says(name: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """A case of silence is never flagged."""
    flagged_as_often_as_they_say(RULES[name], CASES[name], tmp_path, subtests)


def flagged_as_often_as_they_say(
    rule: Rule, held: list[tuple[str, Example, int]], root: Path, subtests: pytest.Subtests
) -> None:
    """Check each, and hold its findings to the form that reports rely on."""
    for number, (fact, example, hits) in enumerate(held):
        with subtests.test(fact):
            folder = root / str(number)
            folder.mkdir()
            checked = examples.check(example, rule.code, folder, dialect(rule))
            found = [f for f in checked.report.findings if f.code == rule.code]
            assert len(found) == hits, [(f.code, f.message) for f in checked.report.findings] + [
                f.message for f in checked.report.failures
            ]
            for finding in found:
                assert finding.message.endswith((".", "?"))
                assert finding.severity is not Severity.OFF
                ast.parse(finding.recipe)
                assert "\n" not in finding.advice
                assert finding.advice or not finding.recipe
