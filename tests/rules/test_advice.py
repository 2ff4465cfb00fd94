"""The recipe of a finding runs, and the finding is gone where it runs in the place of what it is about."""

import ast
import re
from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.facts.advice.recipe_blocks import BEFORE
from migguard.rules.frame import Example, Rule
from tests.live.servers import PostgresServer
from tests.rules.examples import check, project
from tests.rules.test_examples import EVERY, RULES, dialect

RECIPES = {
    "MG401", "MG402", "MG403", "MG404", "MG405", "MG406", "MG407", "MG409", "MG411", "MG412", "MG413", "MG414", "MG415",
    "MG416", "MG421",
}  # fmt: skip
"""The rules whose advice is a recipe: run in the place of the example's code, it leaves nothing to say."""

BROKEN = {"MG002", "MG003", "MG501", "MG502", "MG509", "MG515", "MG706"}

FLAGGED = [
    (f"{RULES[name].code}-{fact.replace(' ', '_')}", RULES[name], one)
    for name, held in EVERY.items()
    for fact, one, hits in held
    if hits and RULES[name].code[:3] in ("MG3", "MG4")
]
POSTGRESQL = [
    (n, r, e) for n, r, e in FLAGGED if r.code in RECIPES and not e.server.startswith(("mysql", "maria", "sqlite"))
]


def instead(example: Example, recipe: str) -> Example:
    """The example with the recipe in the place of its code; a default that is to be filled in is none."""
    recipe = recipe.replace("server_default=...", "server_default=None")
    earlier = example.earlier
    if BEFORE in recipe:
        first, block, rest = recipe.partition("with op.get_context().autocommit_block():")
        earlier, recipe = (*earlier, first), block + rest
    else:
        parts = [p for p in re.split(r"^(?=#.*\brevision\b)", recipe, flags=re.MULTILINE) if ast.parse(p).body]
        earlier, recipe = (*earlier, *parts[:-1]), parts[-1]
    env = tuple(dict.fromkeys((*example.env, "transaction_per_migration")))
    return Example(recipe, example.given, example.released, earlier, env, example.settings, server=example.server)


def alone(rule: Rule, example: Example, root: Path) -> Finding | None:
    """The finding, where it is the only one and its statement all that the example does: the advice can replace it."""
    report = check(example, rule.code, root, dialect(rule)).report
    findings = [f for f in report.findings if f.code == rule.code]
    whole = len(findings) == 1 and report.revisions[-1].statements == 1 and findings[0].recipe
    return findings[0] if whole else None


@pytest.mark.thorough
@pytest.mark.parametrize(("rule", "example"), [e[1:] for e in POSTGRESQL], ids=[e[0] for e in POSTGRESQL])
def test_the_finding_is_gone_where_its_advice_is_taken(rule: Rule, example: Example, tmp_path: Path) -> None:
    finding = alone(rule, example, tmp_path / "bad")
    if finding is None:
        pytest.skip("its advice is about a part of the example, or no code")
    taken = instead(example, finding.recipe)
    report = check(taken, rule.code, tmp_path / "good", dialect(rule)).report
    assert not report.failures
    said = {f.code: f.message for f in report.findings}
    assert rule.code not in said, finding.recipe
    assert not BROKEN & set(said), (finding.recipe, said)


LIVE = [(n, r, e) for n, r, e in POSTGRESQL if e.runs and not e.server.endswith((" 11", " 12", " 13", " 14"))]


@pytest.mark.live
@pytest.mark.parametrize(("rule", "example"), [e[1:] for e in LIVE], ids=[e[0] for e in LIVE])
def test_a_server_takes_the_advice(rule: Rule, example: Example, server: PostgresServer, tmp_path: Path) -> None:
    if example.server and int(example.server.split()[-1]) > server.version:
        pytest.skip("the example is about a newer server")
    finding = alone(rule, example, tmp_path / "bad")
    if finding is None:
        pytest.skip("its advice is about a part of the example, or no code")
    from alembic import command
    from alembic.config import Config

    name = server.create_database()
    try:
        root = tmp_path / "good"
        url = f"postgresql+psycopg://postgres@/{name}?host={server.directory}"
        project(instead(example, finding.recipe), root, "postgresql", url)
        config = Config(root / "alembic.ini")
        config.set_main_option("script_location", str(root / "migrations"))
        command.upgrade(config, "head")
    finally:
        server.drop_database(name)
