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


def collected() -> dict[str, list[tuple[str, Example, int]]]:
    """The examples and cases of each rule, each with what it shows and how often the rule speaks."""
    found: dict[str, list[tuple[str, Example, int]]] = {name: [] for name in RULES}
    for name, rule in RULES.items():
        if rule.bad is not None:
            found[name].append(("bad", rule.bad, rule.bad.hits))
        if rule.good is not None:
            found[name].append(("good", rule.good, 0))
    for module in pkgutil.iter_modules(cases.__path__):
        held = importlib.import_module(f"{cases.__name__}.{module.name}").CASES
        found[module.name] += [(fact, one, one.hits) for fact, one in held.items()]
    return {name: held for name, held in found.items() if held}


EXAMPLES = collected()


@pytest.mark.parametrize("name", EXAMPLES, ids=lambda name: f"{RULES[name].code}-{name}")
def test_an_example_is_flagged_as_often_as_it_says(name: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """A bad example is flagged (once, unless it says otherwise), a good one and a case of silence never."""
    rule = RULES[name]
    for number, (fact, example, hits) in enumerate(EXAMPLES[name]):
        with subtests.test(fact):
            folder = tmp_path / str(number)
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
