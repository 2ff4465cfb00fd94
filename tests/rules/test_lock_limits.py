"""How the wait for a lock is limited outside a transaction, where SET LOCAL does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_own_transactions import BUILD, HANDED, ORDERS, found
from tests.shadow.project import PLAIN

pytestmark = pytest.mark.thorough

LIMITED_HERE = "op.execute(\"SET LOCAL lock_timeout = '2s'\")\n" + ORDERS
IN_BLOCK = "with op.get_context().autocommit_block():\n    " + ORDERS
BARE = 'op.create_index("ix", "parts", ["id"], postgresql_concurrently=True)'


@pytest.mark.parametrize(
    ("env", "upgrade", "of_session"),
    [
        (PLAIN, ORDERS, False),
        (PLAIN, ORDERS + BUILD, False),
        (PLAIN, IN_BLOCK, True),
        (PLAIN, ORDERS + BARE, True),
        (HANDED, ORDERS, True),
    ],
    ids=["in a transaction", "before a block", "in a block", "beside what cannot run in one", "handed in"],
)
def test_a_limit_for_a_statement_outside_a_transaction_is_of_the_session(
    tmp_path: Path, env: str, upgrade: str, of_session: bool
) -> None:
    """SET LOCAL does nothing there; and what is set for the session is reset, for a concurrent build needs longer."""
    [finding] = [f for f in found(tmp_path, env, upgrade) if f.code == "MG505"]
    recipe = finding.recipe or ""
    assert ("SET LOCAL lock_timeout = '2s'\")" in recipe) != of_session
    assert ("\"SET lock_timeout = '2s'\")" in recipe and "RESET lock_timeout" in recipe) == of_session


@pytest.mark.parametrize(
    ("env", "upgrade", "said"),
    [
        (HANDED, LIMITED_HERE, True),
        (HANDED, LIMITED_HERE.replace("SET LOCAL", "SET"), False),
        (HANDED, "op.execute(\"SET lock_timeout = '3s'\")\n" + LIMITED_HERE, False),
        (PLAIN, LIMITED_HERE, False),
    ],
    ids=["local", "of the session", "both", "in a transaction"],
)
def test_a_local_limit_is_perhaps_none_on_a_connection_of_the_program(
    tmp_path: Path, env: str, upgrade: str, said: bool
) -> None:
    about = [f for f in found(tmp_path, env, upgrade) if f.code in ("MG505", "MG506")]
    assert [(f.code, f.verified, "if the program hands env.py" in f.message) for f in about] == (
        [("MG506", False, True)] if said else []
    )


def test_a_local_limit_in_a_block_is_none_and_the_advice_is_of_the_session(tmp_path: Path) -> None:
    block = "with op.get_context().autocommit_block():\n" + "".join(f"    {s}\n" for s in LIMITED_HERE.splitlines())
    [finding] = [f for f in found(tmp_path, PLAIN, block) if f.code == "MG506"]
    assert "SET LOCAL" in finding.message
    assert "in the transaction" not in finding.advice
    assert "\"SET lock_timeout = '2s'\")" in (finding.recipe or "")
