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


def collected() -> list[tuple[str, Rule, Example, int]]:
    found = []
    for rule in RULES.values():
        if rule.bad is not None:
            found.append((f"{rule.code}-bad", rule, rule.bad, rule.bad.hits))
        if rule.good is not None:
            found.append((f"{rule.code}-good", rule, rule.good, 0))
    for module in pkgutil.iter_modules(cases.__path__):
        rule = RULES[module.name]
        held = importlib.import_module(f"{cases.__name__}.{module.name}").CASES
        found += [(f"{rule.code}-{fact.replace(' ', '_')}", rule, one, one.hits) for fact, one in held.items()]
    return found


EXAMPLES = collected()


@pytest.mark.parametrize(("rule", "example", "hits"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_an_example_is_flagged_as_often_as_it_says(rule: Rule, example: Example, hits: int, tmp_path: Path) -> None:
    """A bad example is flagged (once, unless it says otherwise), a good one and a case of silence never."""
    checked = examples.check(example, rule.code, tmp_path, dialect(rule))
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
