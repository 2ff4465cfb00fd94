"""What is said of a loop over rows: which transaction holds its locks, and in which direction it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.pipeline import run
from migguard.rules.facts.advice.recipe_blocks import opens_block
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

TABLE = 'op.execute("CREATE TABLE people (id bigint PRIMARY KEY, slug text)")'
HEAD = "bind = op.get_bind()\nrows = bind.execute(sa.text('SELECT id FROM people'))\n"
WRITE = "bind.execute(sa.text('UPDATE people SET slug = :id'), {'id': row.id})\n"
LOOP = f"for row in rows:\n    {WRITE}"
BLOCK = "with op.get_context().autocommit_block():\n"
OTHER = "engine = sa.create_engine('postgresql+psycopg://')\n"
ADD = "op.add_column('people', sa.Column('name', sa.Text()))\n"
HELPER = "def fill(bind, rows):\n    for row in rows:\n        " + WRITE


def found(root: Path, upgrade: str, downgrade: str = "pass", top: str = "") -> list[Finding]:
    project = Project(root)
    released = project.revision(TABLE)
    project.revision(upgrade, downgrade, top=top)
    report = run(replace(project.request(), everything=False, since=released)).report
    return [f for f in report.findings if f.code == "MG804"]


def indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.splitlines())


@pytest.mark.parametrize(
    ("upgrade", "top", "said"),
    [
        (HEAD + LOOP, "", "while the transaction holds locks"),
        (HEAD + "# no autocommit_block() here\n" + LOOP, "", "while the transaction holds locks"),
        (HEAD + BLOCK + indented(LOOP), "", "each of them is a transaction of its own"),
        (HEAD + BLOCK + "    fill(bind, rows)\n", HELPER, "each of them is a transaction of its own"),
        (HEAD + BLOCK + "    fill(bind, rows)\nfill(bind, rows)\n", HELPER, "while the transaction holds locks"),
        (HEAD + BLOCK + "    pass\n" + LOOP, "", "while the transaction holds locks"),
        (HEAD + "with apart():\n" + indented(LOOP),
         "import contextlib\n@contextlib.contextmanager\ndef apart():\n" + indented(BLOCK + "    yield\n"),
         "each of them is a transaction of its own"),
        (HEAD + OTHER + "for row in rows:\n    with engine.begin() as own:\n        own.execute(sa.text('SELECT 1'))\n",
         "", "begins and commits a transaction for each row outside of Alembic's"),
        (HEAD + BLOCK + "    for row in rows:\n        with bind.begin():\n            " + WRITE, "",
         "begins and commits a transaction for each row:"),
    ],
    ids=["in the transaction", "a comment is no block", "in a block", "a helper in a block", "a helper in and out",
         "after a block", "in a context manager of its own", "the engine's begin", "the connection's begin"],
)  # fmt: skip
def test_whose_transaction_a_loop_works_in(tmp_path: Path, upgrade: str, top: str, said: str) -> None:
    [finding] = found(tmp_path, upgrade, top=top)
    assert said in finding.message


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "waits"),
    [
        (ADD + HEAD + LOOP, "pass", True),
        (ADD + BLOCK + "    op.execute('SELECT 1')\n" + HEAD + LOOP, "pass", False),
        (ADD + HEAD + BLOCK + "    op.execute('SELECT 1')\n" + LOOP, "pass", False),
        (ADD + HEAD + BLOCK + indented(LOOP), "pass", False),
        ("op.create_table('others', sa.Column('id', sa.Integer()))\n" + HEAD + LOOP, "pass", False),
        ("pass", ADD + HEAD + LOOP, False),
    ],
    ids=["held", "committed before", "committed in between", "each its own", "another's, new", "backwards"],
)
def test_who_waits_while_a_loop_works(tmp_path: Path, upgrade: str, downgrade: str, waits: bool) -> None:
    [finding] = found(tmp_path, upgrade, downgrade)
    said = "Every read and write of people waits meanwhile: the transaction holds ACCESS EXCLUSIVE on it since line "
    assert (said in finding.message) == (finding.lock is not None) == finding.grows == waits


@pytest.mark.parametrize("calls", [False, True], ids=["downgrade alone", "both"])
def test_a_helper_that_only_the_downgrade_reaches_is_its_own(tmp_path: Path, calls: bool) -> None:
    call = HEAD + "fill(bind, rows)"
    [finding] = found(tmp_path, call if calls else "pass", call, HELPER)
    assert finding.direction == ("upgrade" if calls else "downgrade")


@pytest.mark.parametrize(
    ("recipe", "opens"),
    [("with op.get_context().autocommit_block():\n    pass", True), ("# no autocommit_block()\npass", False)],
)
def test_a_comment_opens_no_block(recipe: str, opens: bool) -> None:
    assert opens_block(recipe) == opens
