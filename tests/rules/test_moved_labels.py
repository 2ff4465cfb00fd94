"""MG309 is a notice where no row holds the values any more when the type is built again."""

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules.cases.drop_type_or_value import DANCE, GIVEN
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

MOVED = {
    "by what it is": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial'",
    "by what it is not": "UPDATE accounts SET plan = 'free' WHERE plan NOT IN ('free', 'paid')",
    "with another condition": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial' OR plan = 'paid'",
    "all rows": "UPDATE accounts SET plan = 'paid'",
    "deleted": "DELETE FROM accounts WHERE plan IN ('trial', 'paid')",
    "by a case for it": "UPDATE accounts SET plan = CASE plan WHEN 'trial' THEN 'free' ELSE plan END",
    "by a case that asks": "UPDATE accounts SET plan = CASE WHEN plan IN ('trial') THEN 'free'::plan ELSE plan END",
    "by a case that chooses by something else": "UPDATE accounts SET plan = "
    "CASE WHEN id > 5 THEN 'paid'::plan ELSE 'free'::plan END WHERE plan = 'trial'",
    "by a case that spares what is nothing": "UPDATE accounts SET plan = "
    "CASE WHEN plan IS NOT NULL THEN 'free' ELSE 'paid' END",
    "through text by a case": "ALTER TABLE accounts ALTER plan TYPE text; "
    "UPDATE accounts SET plan = CASE plan WHEN 'trial' THEN 'free' WHEN 'free' THEN 'paid' ELSE 'paid' END",
    "through text": "ALTER TABLE accounts ALTER plan TYPE text; UPDATE accounts SET plan = 'free' WHERE plan <> 'paid'",
}
LEFT = {
    "some": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial' AND id > 5",
    "others": "UPDATE accounts SET plan = 'free' WHERE plan = 'paid'",
    "by a case for another": "UPDATE accounts SET plan = CASE plan WHEN 'paid' THEN 'free' ELSE plan END",
    "by a case that gives it to others": "UPDATE accounts SET plan = "
    "CASE plan WHEN 'trial' THEN 'free' ELSE 'trial' END",
    "by a case, in some rows": "UPDATE accounts SET plan = "
    "CASE WHEN plan = 'trial' AND id > 5 THEN 'free' ELSE plan END",
    "by a case for some rows": "UPDATE accounts SET plan = "
    "CASE plan WHEN 'trial' THEN 'free' ELSE plan END WHERE id > 5",
    "by a case where there was nothing": "UPDATE accounts SET plan = "
    "CASE WHEN plan IS NULL THEN 'trial' ELSE 'free' END",
    "by a case as text": "ALTER TABLE accounts ALTER plan TYPE text; "
    "UPDATE accounts SET plan = CASE plan WHEN 'paid' THEN 'free' ELSE plan END",
    "by what is not read": "UPDATE accounts SET plan = nullif(plan, 'free')",
    "to the value itself": "UPDATE accounts SET plan = 'trial' WHERE plan <> 'free'",
    "there and back": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial'; UPDATE accounts SET plan = 'trial'",
}


@pytest.mark.parametrize(
    ("sql", "severity"),
    [(sql, Severity.NOTICE if held is MOVED else Severity.WARNING) for held in (MOVED, LEFT) for sql in held.values()],
    ids=[*MOVED, *LEFT],
)
def test_moved_rows_make_it_a_notice(sql: str, severity: Severity, tmp_path: Path) -> None:
    lines = "".join(f"op.execute({one.strip()!r})\n" for one in sql.split(";"))
    report = check(Example(lines + DANCE, given=GIVEN), "MG309", tmp_path, "postgresql").report
    assert [f.severity for f in report.findings if f.code == "MG309"] == [severity]


GROWS = DANCE.replace("'free', 'paid'", "'free', 'trial', 'paid', 'gift'")
SHRINKS = DANCE.replace("'free', 'paid'", "'free', 'trial', 'paid'")
MOVE = "op.execute(\"UPDATE accounts SET plan = 'free' WHERE plan = 'trial'\")\n"
GIVE = "op.execute(\"UPDATE accounts SET plan = 'gift' WHERE id < 9\")\n"
OTHER = "op.execute(\"UPDATE accounts SET plan = 'paid' WHERE plan = 'free'\")\n"
BY_TEXT = """
op.execute("ALTER TABLE accounts ALTER plan TYPE text")
{moved}
op.execute("CREATE TYPE tariff AS ENUM ('free', 'paid')")
op.execute("ALTER TABLE accounts ALTER plan TYPE tariff USING plan::tariff")
"""
TO_ENUM = """
op.execute("CREATE TYPE tariff AS ENUM ('free', 'paid')")
op.execute("ALTER TABLE accounts ALTER plan TYPE tariff USING plan::tariff")
"""
TEXT = "CREATE TABLE accounts (id bigint PRIMARY KEY, plan text)"
NOT_IN = "op.execute(\"DELETE FROM accounts WHERE plan NOT IN ('free', 'paid')\")\n"
FAILURES = ("MG307", "MG705")
HELD = {
    "a value of this deployment, by a type built again": (GIVEN, (GROWS,), SHRINKS, {}),
    "such a value, beside another write": (GIVEN, (GROWS + OTHER,), SHRINKS, {}),
    "such a value that is written": (GIVEN, (GROWS + GIVE,), SHRINKS, {"MG309": "warning", "MG307": "error"}),
    "such a value, written by a query": (
        GIVEN,
        (GROWS + 'op.execute("UPDATE accounts SET plan = (SELECT max(plan) FROM accounts)")\n',),
        SHRINKS,
        {"MG309": "warning", "MG307": "error"},
    ),
    "moved before the type is built again twice": (GIVEN, (MOVE + GROWS,), DANCE, {"MG309": "notice"}),
    "moved, and renamed": (
        GIVEN,
        (MOVE + "op.execute(\"ALTER TYPE plan RENAME VALUE 'trial' TO 'test'\")\n",),
        DANCE,
        {"MG309": "notice"},
    ),
    "moved in part": (
        GIVEN,
        (MOVE.replace("= 'trial'", "= 'trial' AND id < 5"),),
        DANCE,
        {"MG309": "warning", "MG307": "error"},
    ),
    "moved as text": (GIVEN, (), BY_TEXT.format(moved=MOVE), {"MG309": "notice"}),
    "not moved as text": (
        GIVEN, (), BY_TEXT.format(moved=""), {"MG309": "warning", "MG307": "error", "MG705": "warning"}
    ),
    "other text is deleted": (TEXT, (), NOT_IN + TO_ENUM, {}),
    "other text is forbidden": (TEXT[:-1] + ", CHECK (plan IN ('free', 'paid')))", (), TO_ENUM, {}),
    "other text stays": (TEXT, (), TO_ENUM, {"MG307": "error", "MG705": "warning"}),
    "other text is forbidden in new rows only": (
        TEXT + ";ALTER TABLE accounts ADD CHECK (plan IN ('free', 'paid')) NOT VALID",
        (),
        TO_ENUM,
        {"MG307": "error", "MG705": "warning"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "earlier", "code", "told"), HELD.values(), ids=list(HELD))
def test_only_values_that_rows_hold_can_fail(
    given: str, earlier: tuple[str, ...], code: str, told: dict[str, str], tmp_path: Path
) -> None:
    report = check(Example(code, given=given, earlier=earlier), "MG309", tmp_path, "postgresql").report
    found = {f.code: f.severity.name.lower() for f in report.findings if f.code in ("MG309", *FAILURES)}
    assert found == told
