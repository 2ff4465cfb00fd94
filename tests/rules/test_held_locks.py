"""What is said of a statement's lock where the transaction holds one on the same table already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.pipeline import run
from tests.shadow.project import PLAIN, Project

pytestmark = pytest.mark.thorough

TABLES = 'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, a int); CREATE TABLE parts (id bigint PRIMARY KEY)")'
COLUMN = 'op.add_column("orders", sa.Column("b", sa.Integer()))\n'
INDEX = 'op.create_index("ix_orders_a", "orders", ["a"])\n'
CHECK = "op.execute('ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID')\n"
VALID = "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT c')\n"


def found(root: Path, *upgrades: str, first: str = TABLES) -> list[Finding]:
    project = Project(root)
    released = project.revision(first)
    for upgrade in upgrades:
        project.revision(upgrade)
    return list(run(replace(project.request(), everything=False, since=released)).report.findings)


@pytest.mark.parametrize(
    ("upgrades", "lock"),
    [
        ((INDEX,), "SHARE lock on orders: reads go on, every INSERT, UPDATE and DELETE waits; the time grows with the "
         "table"),
        ((COLUMN + INDEX,), "ACCESS EXCLUSIVE lock on orders, held since line 9: every read and write waits; the time "
         "grows with the table"),
        ((COLUMN, INDEX), "ACCESS EXCLUSIVE lock on orders, held since line 9 of revision r2: every read and write "
         "waits; the time grows with the table"),
        ((COLUMN.replace("orders", "parts") + INDEX,), "SHARE lock on orders: reads go on, every INSERT, UPDATE and "
         "DELETE waits; the time grows with the table"),
    ],
    ids=["nothing held", "in the revision", "in an earlier one", "of another table"],
)  # fmt: skip
def test_reads_do_not_go_on_under_a_lock_that_is_held_already(
    tmp_path: Path, upgrades: tuple[str, ...], lock: str
) -> None:
    [finding] = [f for f in found(tmp_path, *upgrades) if f.code == "MG401"]
    assert finding.lock == lock
    assert ("every read and write of" in finding.message) == ("ACCESS EXCLUSIVE" in lock)


def test_a_lock_that_a_rollback_to_a_savepoint_gave_up_is_not_held(tmp_path: Path) -> None:
    nested = f"nested = op.get_bind().begin_nested()\n{COLUMN}nested.rollback()\n{INDEX}"
    [finding] = [f for f in found(tmp_path, nested) if f.code == "MG401"]
    assert finding.lock is not None
    assert finding.lock.startswith("SHARE lock on orders: reads go on")


def test_a_validation_under_the_lock_of_the_addition_names_that(tmp_path: Path) -> None:
    [finding] = [f for f in found(tmp_path, CHECK + VALID) if f.code == "MG502"]
    assert finding.lock is not None
    assert finding.lock.startswith("ACCESS EXCLUSIVE lock on orders, held since line 9: every read and write waits")
    assert finding.lock.endswith("the time grows with the table")


@pytest.mark.parametrize("nowait", [True, False])
def test_a_lock_that_is_not_waited_for_is_no_deadlock(tmp_path: Path, nowait: bool) -> None:
    taken = f'op.execute("LOCK TABLE parts IN ACCESS EXCLUSIVE MODE{" NOWAIT" if nowait else ""}")'
    assert [f.code for f in found(tmp_path, COLUMN + taken) if f.code == "MG504"] == ([] if nowait else ["MG504"])


LOCK = 'op.execute("LOCK TABLE orders IN {} MODE")\n'


@pytest.mark.parametrize(
    ("upgrades", "severity"),
    [
        ((LOCK.format("ACCESS EXCLUSIVE") + COLUMN,), Severity.NOTICE),
        ((LOCK.format("SHARE") + COLUMN,), Severity.NOTICE),
        ((LOCK.format("ACCESS EXCLUSIVE"), COLUMN), Severity.NOTICE),
        ((LOCK.format("ACCESS EXCLUSIVE") + INDEX,), Severity.WARNING),
        ((LOCK.format("ACCESS EXCLUSIVE") + COLUMN.replace("orders", "parts"),), Severity.WARNING),
        ((LOCK.format("SHARE") + 'op.execute("UPDATE parts SET id = id + 1")\n' + COLUMN,), Severity.WARNING),
        ((LOCK.format("SHARE") + 'op.execute("SELECT slowly()")\n' + COLUMN,), Severity.WARNING),
        ((LOCK.format("SHARE") + 'op.execute("SELECT 1")\n' + COLUMN,), Severity.NOTICE),
        ((COLUMN + LOCK.format("ACCESS EXCLUSIVE"),), Severity.WARNING),
        ((LOCK.format("ACCESS EXCLUSIVE") + "with op.get_context().autocommit_block():\n    " + COLUMN,),
         Severity.WARNING),
    ],
    ids=["the same lock", "a stronger one", "in a later revision", "a weaker one", "of another table",
         "after long work", "after a function", "after a question", "before it", "in another transaction"],
)  # fmt: skip
def test_a_lock_that_a_later_statement_takes_anyway_is_a_notice(
    tmp_path: Path, upgrades: tuple[str, ...], severity: Severity
) -> None:
    [finding] = [f for f in found(tmp_path, *upgrades) if f.code == "MG418"]
    assert finding.severity is severity
    assert ("in any case" in finding.message) == (severity is Severity.NOTICE)


NOTES = 'op.create_table("notes", sa.Column("id", sa.BigInteger(), sa.ForeignKey("orders.id")))\n'
ROWS = 'for row in op.get_bind().execute(sa.text("SELECT id FROM parts")): pass\n'
LOTS = (
    f"{TABLES}\nop.execute('CREATE TABLE lots (a bigint, b bigint, c bigint);"
    "CREATE INDEX ix_a ON lots (a); CREATE INDEX ix_b ON lots (b)')"
)
SIDES = 'op.execute("DELETE FROM lots WHERE a IS NULL OR b IS NULL")'
KEYED = 'for row in op.get_bind().execute(sa.text("SELECT id FROM parts WHERE id IN (1, 2)")):\n'
AFTER = {
    "nothing": ((NOTES,), "brief once it is granted"),
    "a brief change": ((NOTES + COLUMN,), "brief once it is granted"),
    "a query by key": (
        (NOTES + ROWS.replace('parts"', 'parts WHERE id = 1"'),), "brief once it is granted"
    ),
    "a loop over rows": (
        (NOTES + ROWS,), "held until the transaction ends: line 10 goes over all of parts"
    ),
    "a loop that writes row by row": (
        (NOTES + KEYED + "    op.execute(f'UPDATE parts SET id = id WHERE id = {row.id}')\n",),
        "held until the transaction ends: the loop in line 10 runs statements for each row",
    ),
    "such a loop before the lock": (
        (KEYED + "    op.execute(f'UPDATE parts SET id = id WHERE id = {row.id}')\n" + NOTES,),
        "brief once it is granted",
    ),
    "a loop that only prints": (
        (NOTES + KEYED + "    print(row)",), "brief once it is granted"
    ),
    "an index": (
        (NOTES + INDEX,), "held until the transaction ends: line 10 goes over all of orders"
    ),
    "rows that an index may find for each side of an OR": (
        (f"{NOTES}{SIDES}",), "held until the transaction ends: line 10 goes over what may be all of lots"
    ),
    "rows that an index may find for one side only": (
        (f"{NOTES}{SIDES.replace('b IS', 'c IS')}",), "held until the transaction ends: line 10 goes over all of lots"
    ),
    "what was not read": (
        (NOTES + "op.execute('SELECT slowly()')",), "held until the transaction ends: line 10 does what was not read"
    ),
    "a long one in a later revision": (
        (NOTES, ROWS), "held until the transaction ends: line 9 of revision r3 goes over all of parts"
    ),
    "a brief one in a later revision": (
        (NOTES, COLUMN), "held until the transaction ends, with revision r3"
    ),
    "a commit": ((NOTES + 'op.execute("COMMIT")\n' + ROWS,), "brief once it is granted"),
    "a block": (
        (NOTES + "with op.get_context().autocommit_block():\n    op.execute('UPDATE parts SET id = id')",),
        "brief once it is granted",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("upgrades", "until"), AFTER.values(), ids=AFTER)
def test_a_lock_that_is_brief_to_take_is_held_as_long_as_its_transaction_goes_on(
    tmp_path: Path, upgrades: tuple[str, ...], until: str
) -> None:
    [finding] = [f for f in found(tmp_path, *upgrades, first=LOTS) if f.code == "MG417"]
    assert finding.lock is not None
    assert finding.lock.endswith(f"; {until}")
    assert ("Keep it in a revision of its own" in finding.advice) == (until != "brief once it is granted")


KEYS = f"{TABLES}\nop.create_foreign_key('fk', 'parts', 'orders', ['id'], ['id'])"
UNKEYED = 'op.drop_constraint("fk", "parts")\n'


@pytest.mark.parametrize(
    ("upgrade", "words"),
    [
        (NOTES, "Do not let writes to orders queue"),
        (UNKEYED, "Do not let queries on orders queue"),
        (UNKEYED + INDEX, "Keep it, with what takes its place if anything does, in a revision of its own, with"),
    ],
    ids=["reads go on", "all wait", "a constraint that goes"],
)
def test_advice_on_a_second_table_fits_its_lock(tmp_path: Path, upgrade: str, words: str) -> None:
    [finding] = [f for f in found(tmp_path, upgrade, first=KEYS) if f.code == "MG417"]
    assert words in finding.advice


BOTH = NOTES.replace(")))\n", "), sa.ForeignKey('parts.id')))\n")


@pytest.mark.parametrize(
    ("settings", "tables"),
    [("", [["orders", "parts"]]), ("busy_tables = ['parts']", [["orders"], ["parts"]])],
    ids=["alike", "a busy one"],
)
def test_tables_that_one_statement_locks_alike_are_told_together(
    tmp_path: Path, settings: str, tables: list[list[str]]
) -> None:
    (tmp_path / "migguard.toml").write_text(settings)
    locked = [f for f in found(tmp_path, BOTH) if f.code == "MG417"]
    said = [f"Creating notes also locks {' and '.join(names)}, which" for names in tables]
    assert sorted(f.message.partition(" the statement")[0] for f in locked) == said
    [lock] = [f.lock for f in locked if f.severity is Severity.NOTICE]
    assert lock is not None
    assert f"lock on {' and '.join(tables[0])}: reads go on" in lock


CHANGED = 'op.execute("ALTER TABLE old ALTER COLUMN price TYPE numeric(11, 2)")\n'
NEVER = 'op.alter_column("old", "price", nullable=False)\n'
TYPE = "unless the type of price, which is not known here, holds the same values"
UNSURE = {
    "a type": (CHANGED, f"line 10 goes over all of old, {TYPE}"),
    "a NOT NULL": (NEVER, "line 10 goes over all of old, unless price is NOT NULL already, which is not known here"),
    "a sure one after it": (CHANGED + ROWS, "line 11 goes over all of parts"),
}
MET = '\nop.add_column("old", sa.Column("note", sa.Text()))'


@pytest.mark.parametrize(("after", "until"), UNSURE.values(), ids=UNSURE)
def test_what_a_later_statement_may_do_is_said_with_its_condition(tmp_path: Path, after: str, until: str) -> None:
    """No revision made that table: whether its rows are read rests on what it was."""
    [finding] = [f for f in found(tmp_path, NOTES + after, first=TABLES + MET) if f.code == "MG417"]
    assert finding.lock is not None
    assert finding.lock.endswith(f"; held until the transaction ends: {until}")


def test_work_under_a_lock_is_said_with_its_condition(tmp_path: Path) -> None:
    [finding] = [f for f in found(tmp_path, COLUMN + CHANGED, first=TABLES + MET) if f.code == "MG503"]
    assert f"the larger old is, {TYPE}, and every" in finding.message
    assert not finding.verified


@pytest.mark.parametrize(("after", "words"), [(NEVER, "1 more statement may work"), (ROWS, "1 more statement works")])
def test_more_work_that_is_not_sure_may_be_work(tmp_path: Path, after: str, words: str) -> None:
    [finding] = [f for f in found(tmp_path, COLUMN + CHANGED + after, first=TABLES + MET) if f.code == "MG503"]
    assert finding.message.endswith(f" {words} under such a lock.")


def test_the_indexes_of_a_table_are_dropped_concurrently_together(tmp_path: Path) -> None:
    """One lock of the transaction covers them all, so a recipe for the first alone would gain nothing."""
    project = Project(tmp_path)
    released = project.revision(
        TABLES + "".join(f"\nop.create_index('{n}', 'orders', ['a'])" for n in ("ix_a", "ix_b"))
    )
    project.revision('op.drop_index("ix_a", "orders")\nop.drop_index("ix_b", "orders")')
    report = run(replace(project.request(), everything=False, since=released)).report
    [finding] = [f for f in report.findings if f.code == "MG402"]
    assert "Dropping ix_a (and 1 more of its indexes after it)" in finding.message
    assert [line.count("postgresql_concurrently=True") for line in (finding.recipe or "").splitlines()] == [0, 1, 1]


def test_a_side_that_is_not_taken_is_judged_by_its_own_locks(tmp_path: Path) -> None:
    """What was found over the deployment without that side is not asked for the one with it."""
    asked = 'if op.get_bind().execute(sa.text("SELECT count(*) FROM parts")).scalar() > 3:\n    '
    rows = 'op.execute("UPDATE parts SET id = 2")\n'
    side = [f'{asked}op.execute("ALTER TABLE parts ADD COLUMN n{n} int")\n    {rows}{rows}' for n in range(2)]
    project = Project(tmp_path)
    released = project.revision(TABLES)
    for upgrade in (COLUMN, *side):
        project.revision(upgrade)
    report = run(replace(project.request(), everything=False, since=released)).report
    told = [f for f in report.findings if f.code == "MG503"]
    assert not report.failures
    assert [(f.revision, "of parts waits" in f.message) for f in told] == [("r3", False), ("r4", True)]


def test_all_that_goes_over_rows_under_a_lock_is_counted(tmp_path: Path) -> None:
    """Also what stops as much by a lock of its own, and the validation of which another rule speaks."""
    fill = 'op.execute("UPDATE orders SET b = a")\n'
    strict = 'op.alter_column("orders", "a", existing_type=sa.Integer(), nullable=False)\n'
    [told] = [f for f in found(tmp_path, COLUMN + fill + strict + INDEX + CHECK + VALID) if f.code == "MG503"]
    assert " 3 more statements work under such a lock." in told.message


RENAME = 'op.rename_table("orders", "sales")\n'
SALES = 'op.add_column("sales", sa.Column("b", sa.Integer()))\n'
KEY = 'op.create_table("lines", sa.Column("sale", sa.BigInteger(), sa.ForeignKey("sales.id")))\n'
MORE = 'op.add_column("parts", sa.Column("b", sa.Integer()))\n'
VIEW = 'op.execute("CREATE VIEW orders AS SELECT * FROM sales")\n'


@pytest.mark.parametrize(
    ("code", "upgrades", "said"),
    [
        ("MG505", (RENAME, SALES), True),
        ("MG505", (RENAME + VIEW, SALES), False),
        ("MG505", (RENAME, MORE), False),
        ("MG417", (RENAME, KEY), True),
        ("MG504", (RENAME, SALES + MORE), True),
        ("MG504", (RENAME + MORE,), False),
    ],
    ids=["renamed", "a view by its old name", "another table", "a second table", "two tables", "the rename's own lock"],
)
def test_who_comes_to_a_table_by_a_name_of_this_deployment_is_said(
    code: str, upgrades: tuple[str, ...], said: bool, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    project.env(PLAIN.replace("connection=connection", "connection=connection, transaction_per_migration=True"))
    released = project.revision(TABLES)
    for upgrade in upgrades:
        project.revision(upgrade)
    report = run(replace(project.request(), everything=False, since=released)).report
    last = [f for f in report.findings if f.code == code][-1]
    assert ("sales was orders before this deployment: only views, " in last.message) == said


SOUGHT = 'op.execute("UPDATE orders SET a = 0 WHERE a IS NULL")\n'
WHOLE = 'op.execute("UPDATE orders SET a = a + 1")\n'


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (COLUMN + SOUGHT, "This goes over what may be all rows of orders"),
        (COLUMN + WHOLE + SOUGHT, "This goes over all rows of orders"),
        (COLUMN + SOUGHT + WHOLE, "This and at least 1 more statement after it go over all rows of orders"),
        (SOUGHT + COLUMN, "This goes over what may be all rows of orders"),
    ],
)
def test_rows_that_an_index_finds_may_be_few(tmp_path: Path, code: str, words: str) -> None:
    [finding] = [f for f in found(tmp_path, code, first=f"{TABLES}\n{INDEX}") if f.code == "MG513"]
    assert finding.message.startswith(words)


NEVER_MADE = 'op.execute("ALTER TABLE rooms ADD COLUMN a int")'
DROP_UNSEEN = 'op.drop_index("ix_rooms_b", table_name="rooms"{})\n'
BUILD_ROOMS = 'op.create_index("ix_rooms_a", "rooms", ["a"])\n'
DROP_EACH = 'for name in ("ix_rooms_b", "ix_rooms_c"):\n    op.drop_index(name, table_name="rooms")\n'


@pytest.mark.parametrize(
    ("drop", "held"),
    [
        (DROP_UNSEEN.format(""), True),
        (DROP_EACH, True),
        (DROP_UNSEEN.format(", if_exists=True"), True),
        (DROP_UNSEEN.replace("rooms", "halls").format(""), False),
        ('op.drop_index("ix_rooms_b")\n', False),
    ],
    ids=["an index that nobody made", "in a loop", "if it is there", "of another table", "of no table"],
)
def test_an_unknown_index_that_is_dropped_locks_the_table_that_the_script_names(
    tmp_path: Path, drop: str, held: bool
) -> None:
    findings = found(tmp_path, drop + BUILD_ROOMS, first=NEVER_MADE)
    [built] = [f for f in findings if f.code == "MG401"]
    assert built.lock is not None
    assert built.lock.startswith("ACCESS EXCLUSIVE lock on rooms, held since line" if held else "SHARE lock on rooms")
    [waited] = [f for f in findings if f.code == "MG505"]
    assert waited.message.startswith(f"The first blocking lock of this revision, {'ACCESS EXCL' if held else 'SHARE'}")
    assert waited.origin is not None
    assert built.origin is not None
    assert (waited.origin.line < built.origin.line) == held
