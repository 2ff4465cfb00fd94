"""What stood in a table that no revision made shows in what a revision drops, and in its way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

UNIQUE = 'op.create_unique_constraint("uq_wide", "orders", ["shop", "code", "kind"])'
INDEX = 'op.create_index("ix_orders_key", "orders", ["shop", "code"], unique=True)'
PARTIAL = INDEX[:-1] + ', postgresql_where=sa.text("live"))'
CHECK = 'op.create_check_constraint("valid", "orders", "total > 0 AND total < 100")'
DROP = 'op.drop_constraint("{}", "orders")'
OLD_INDEX = 'op.drop_index("ix_orders_old")'
UNDONE = {"ix_orders_key": 'op.drop_index("ix_orders_key")', "valid": DROP.format("valid")}
CASES = {
    "dropped after it": ((UNIQUE, DROP.format("uq_orders_shop_code")), "pass", False),
    "dropped before it": ((DROP.format("uq_orders_shop_code"), UNIQUE), "pass", False),
    "the server's name": ((UNIQUE, DROP.format("orders_shop_code_key")), "pass", False),
    "over another column": ((UNIQUE, DROP.format("uq_orders_shop_total")), "pass", True),
    "another kind": ((UNIQUE, DROP.format("ck_orders_shop_code")), "pass", True),
    "of another table": ((UNIQUE, 'op.drop_constraint("uq_orders_shop_code", "others")'), "pass", True),
    "nothing is dropped": ((UNIQUE,), INDEX, True),
    "made again by the way back": ((OLD_INDEX, PARTIAL), INDEX, False),
    "made again as a partial one": ((OLD_INDEX, INDEX), PARTIAL, True),
    "made again and not unique": ((OLD_INDEX, INDEX), INDEX.replace(", unique=True", ""), True),
    "a check as strict": (
        (DROP.format("ck_orders_valid"), CHECK),
        'op.create_check_constraint("valid", "orders", "total > 0 AND total < 100")',
        False,
    ),
    "a check less strict": (
        (DROP.format("ck_orders_valid"), CHECK), 'op.create_check_constraint("valid", "orders", "total > 0")', True
    ),
    "a check that was never dropped": ((CHECK,), CHECK.replace("valid", "other"), True),
}  # fmt: skip


@pytest.mark.parametrize(("code", "back", "told"), CASES.values(), ids=list(CASES))
def test_what_was_there_is_not_new(code: tuple[str, ...], back: str, told: bool, tmp_path: Path) -> None:
    gone = "\n".join(line for name, line in UNDONE.items() if f'"{name}"' in code[-1])
    example = Example("\n".join(code), downgrade=f"{gone}\n{back}")
    found = [f.code for f in check(example, "MG610", tmp_path, "postgresql").report.findings]
    assert ("MG610" in found) is told
    assert CHECK in code or ("MG703" in found) is told


@pytest.mark.parametrize(("code", "told"), [("uq_orders_shop_code", True), ("uq_orders_code", True)])
def test_of_a_table_that_revisions_made_all_is_known(code: str, told: bool, tmp_path: Path) -> None:
    given = "CREATE TABLE orders (id bigint PRIMARY KEY, shop int, code int, kind int)"
    example = Example(f"{UNIQUE}\n{DROP.format(code)}", given=given)
    found = [f.code for f in check(example, "MG703", tmp_path, "postgresql").report.findings]
    assert ("MG703" in found) is told


WIDER = "CREATE TABLE orders (id bigint PRIMARY KEY, kind int CONSTRAINT valid CHECK (kind IN (1, 2, 3, 4)))"
PUT = 'op.create_check_constraint("valid", "orders", "kind IN ({})")\n'
AGAIN = DROP.format("valid") + "\n" + PUT


@pytest.mark.parametrize(
    ("code", "back", "sure"),
    [
        (AGAIN.format("1, 2, 3"), AGAIN.format("1, 2"), False),
        (AGAIN.format("1, 2, 3"), AGAIN.format("1, 2, 3, 4"), True),
        (AGAIN.format("1, 2, 3"), DROP.format("valid"), True),
        (PUT.format("1, 2, 3").replace("valid", "more"), AGAIN.format("1, 2").replace("valid", "more"), True),
    ],
)
def test_what_the_way_back_tells_of_a_check_is_weighed_against_the_replay(
    code: str, back: str, sure: bool, tmp_path: Path
) -> None:
    example = Example(code, given=WIDER, downgrade=back)
    found = {f.code: f for f in check(example, "MG610", tmp_path, "postgresql").report.findings}
    for one in (found["MG610"], found["MG704"]):
        assert ("unless the valid that is dropped before" in one.message) is not sure
        assert one.verified is sure
    assert (found["MG610"].severity is Severity.WARNING) is sure
