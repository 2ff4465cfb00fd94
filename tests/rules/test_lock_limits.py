"""How the wait for a lock is limited outside a transaction, where SET LOCAL does nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import TABLES, told
from tests.rules.test_own_transactions import BUILD, HANDED, ORDERS, PARTS, found
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


def applied(finding: Finding, lines: list[str]) -> str:
    """The recipe with those lines of the script, the first of which is the finding's, in the place of its dots."""
    assert finding.origin is not None
    first, out = finding.origin.line, []
    left = list(lines)
    for line in (finding.recipe or "").splitlines():
        if not line.startswith("..."):
            out.append(line)
            continue
        last = re.search(r"line (\d+)$", line)
        taken = int(last[1]) - first + 1 - (len(lines) - len(left)) if last else 1
        out += left[:taken]
        del left[:taken]
    return "".join(f"    {line}\n" for line in (*out, *left))


@pytest.mark.parametrize(
    "lines",
    [
        [ORDERS],
        [ORDERS, PARTS],
        [ORDERS, BARE, PARTS],
        [ORDERS, PARTS, BARE],
        [ORDERS, BARE, PARTS, BARE.replace("ix", "iy"), PARTS.replace("b", "c")],
    ],
)
@pytest.mark.parametrize("code", ["MG505", "MG506"])
def test_the_advice_applied_leaves_nothing_to_say_of_limits(tmp_path: Path, lines: list[str], code: str) -> None:
    block, lines = "with op.get_context().autocommit_block():\n", [line.strip() for line in lines]
    before = ["op.execute('SET LOCAL lock_timeout = 1')"] if code == "MG506" else []
    bad = block + "".join(f"    {line}\n" for line in (*before, *lines))
    finding = next(f for f in found(tmp_path / "bad", PLAIN, bad) if f.code == code)
    origin = finding.related[0] if code == "MG506" else finding.origin
    good = block + applied(replace(finding, origin=origin), lines)
    said = {f.code: f.message for f in found(tmp_path / "good", PLAIN, good)}
    assert not {"MG505", "MG506", "MG507"} & said.keys(), (good, said)


def test_a_lock_that_is_held_already_is_not_counted_as_the_first(tmp_path: Path) -> None:
    limited = "op.execute(\"SET LOCAL lock_timeout = '2s'\")\n" + ORDERS + "op.execute('RESET lock_timeout')"
    again = ORDERS.replace('"b"', '"c"')
    messages = [
        [f.message for f in found(tmp_path / str(n), PLAIN, *given) if f.code == "MG505"][-1]
        for n, given in enumerate([[ORDERS], [limited, again + PARTS]])
    ]
    assert "The first blocking lock of this revision, " in messages[0]
    assert "The first blocking lock of this revision that is not held already, " in messages[1]


@pytest.mark.parametrize(("held", "said"), [("SHARE", False), ("ACCESS EXCLUSIVE", True)])
def test_only_reads_that_wait_now_are_promised(tmp_path: Path, held: str, said: bool) -> None:
    key = 'op.create_foreign_key("fk", "parts", "orders", ["id"], ["id"])'
    script = f'op.execute("LOCK TABLE parts IN {held} MODE")\n{key}'
    [finding] = [f for f in found(tmp_path, PLAIN, script) if f.code == "MG504"]
    assert ("parts can be read while it waits" in finding.advice) == said


def test_a_later_lock_is_not_called_the_first_of_its_revision(tmp_path: Path) -> None:
    """The limit goes with the savepoint in which it was set: the first lock was waited for with it."""
    code = (
        "nested = op.get_bind().begin_nested()\n"
        "op.execute(\"SET LOCAL lock_timeout = '2s'\")\n"
        'op.add_column("orders", sa.Column("a", sa.Text()))\n'
        "nested.rollback()\n"
        'op.add_column("people", sa.Column("b", sa.Text()))'
    )
    assert told("MG505", Example(code, given=TABLES), tmp_path).message.startswith("A blocking lock of this revision, ")


@pytest.mark.parametrize(("after", "said"), [(PARTS, True), (f"    {PARTS}", False)], ids=["after it", "in it"])
def test_a_limit_that_outlasts_a_condition_is_lifted_for_the_same_engine(
    tmp_path: Path, after: str, said: bool
) -> None:
    """Where the last statement is one of every engine, the RESET behind it must not be."""
    code = f'if op.get_bind().dialect.name != "sqlite":\n    {ORDERS}{after}'
    [finding] = [f for f in found(tmp_path, HANDED, code) if f.code == "MG505"]
    assert ("# both ends outside of what asks for the dialect here" in (finding.recipe or "")) == said


@pytest.mark.parametrize(
    "code",
    [
        'op.drop_constraint(next(n for n in ()), "orders")\nop.add_column("orders", sa.Column("a", sa.Text()))',
        "from house_database import models\ndef upgrade():\n    try:\n        assert models.names is None\n"
        '        op.drop_column("people", "age")\n    except Exception:\n        pass\n'
        '    op.add_column("orders", sa.Column("a", sa.Text()))\ndef downgrade():\n    pass',
    ],
    ids=["after an exception", "after what a handler caught"],
)
def test_what_was_not_seen_may_lock_before_the_first_lock_that_was(code: str, tmp_path: Path) -> None:
    assert told("MG505", Example(code, given=TABLES), tmp_path).message.startswith("A blocking lock of this revision, ")


@pytest.mark.parametrize(
    ("loop", "said"),
    [("while True:\n    rows = {}\n    if not rows:\n        break", True), ("rows = {}", False)],
    ids=["in rounds", "at once"],
)
def test_it_is_the_loop_that_takes_longer_where_each_round_reads_a_page(loop: str, said: bool, tmp_path: Path) -> None:
    page = 'op.get_bind().execute(sa.text("SELECT id FROM orders ORDER BY id LIMIT 100")).all()'
    code = f'op.add_column("orders", sa.Column("note", sa.Text()))\n{loop.format(page)}'
    found = told("MG503", Example(code, given=TABLES), tmp_path)
    assert found.message.startswith("The loop that runs SELECT id FROM orders ") == said
    assert ("look again for rows that came meanwhile" in found.advice) == said
