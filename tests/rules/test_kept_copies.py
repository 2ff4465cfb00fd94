"""What takes rows or values away says what was copied before."""

from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.rules.frame import Example
from tests.rules import examples
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE notes (id bigint PRIMARY KEY, body text, author text);"
    "CREATE TABLE archive (id bigint, body text);CREATE TABLE people (id bigint PRIMARY KEY, name text)"
)
COPY = 'op.execute("INSERT INTO archive (id, body) SELECT id, body FROM notes")'
LOOP = """
for row in op.get_bind().execute(sa.text("SELECT id, body FROM notes")):
    op.execute(sa.text("INSERT INTO archive (id, body) VALUES (:i, :b)").bindparams(i=row.id, b=row.body))
"""
DROP, DELETE = 'op.drop_table("notes")', 'op.execute("DELETE FROM notes")'
BODY, AUTHOR = 'op.drop_column("notes", "body")', 'op.drop_column("notes", "author")'
KEPT = "What was copied to archive (id, body) before is kept."
READ = "A loop of the script reads it and puts rows in: what that copied is kept while its table is."
CASES = {
    "rows that are dropped": ("MG301", [COPY, DROP], KEPT),
    "rows that are deleted": ("MG305", [COPY, DELETE], KEPT),
    "a column": ("MG302", [COPY, BODY], KEPT),
    "a column that only chooses the rows": (
        "MG302",
        ["op.execute(\"INSERT INTO archive (id) SELECT n.id FROM notes n WHERE n.author = 'a'\")", AUTHOR],
        "",
    ),
    "a column that only chooses the value": (
        "MG302",
        [
            'op.add_column("people", sa.Column("note_id", sa.BigInteger()))',
            'op.execute("UPDATE people SET note_id = (SELECT id FROM notes n WHERE n.author = people.name LIMIT 1)")',
            "op.execute(\"UPDATE people SET name = CASE WHEN n.author = 'a' THEN 'b' END FROM notes n\")",
            AUTHOR,
        ],
        "",
    ),
    "a column of a query in FROM": (
        "MG302",
        ['op.execute("INSERT INTO archive SELECT s.id, s.b FROM (SELECT id, upper(body) AS b FROM notes) s")', BODY],
        "What was copied to archive before is kept.",
    ),
    "a column that such a query has for its own": (
        "MG302",
        ["op.execute(\"INSERT INTO archive SELECT s.id, 'x' FROM (SELECT id, body AS b FROM notes) s\")", BODY],
        "",
    ),
    "a column by a subquery": (
        "MG302",
        ['op.execute("UPDATE people SET name = (SELECT n.author FROM notes n WHERE n.id = people.id)")', AUTHOR],
        "What was copied to people.name before is kept.",
    ),
    "a column that is none of the copied": ("MG302", [COPY, AUTHOR], ""),
    "to another column": (
        "MG302",
        ['op.add_column("notes", sa.Column("text", sa.Text()))', 'op.execute("UPDATE notes SET text = body")', BODY],
        "What was copied to notes.text before is kept.",
    ),
    "to another table's column": (
        "MG302",
        ['op.execute("UPDATE archive SET body = author FROM notes WHERE notes.id = archive.id")', AUTHOR],
        "What was copied to archive.body before is kept.",
    ),
    "from another table's column of that name": (
        "MG302",
        [
            'op.add_column("notes", sa.Column("text", sa.Text()))',
            'op.execute("UPDATE notes SET text = a.body FROM archive a WHERE a.id = notes.id")',
            BODY,
        ],
        "",
    ),
    "some rows": (
        "MG301",
        ['op.execute("INSERT INTO archive SELECT id, body FROM notes WHERE id > 5")', DROP],
        "What was copied to archive (some of the rows) before is kept.",
    ),
    "a table made of it": (
        "MG301",
        ['op.execute("CREATE TABLE old_notes AS SELECT * FROM notes")', DROP],
        "What was copied to old_notes before is kept.",
    ),
    "a copy that goes too": ("MG301", [COPY, DROP, 'op.drop_table("archive")'], ""),
    "a copy afterwards": ("MG305", [DELETE, COPY], ""),
    "rows of another table": ("MG301", ['op.execute("INSERT INTO archive SELECT id, name FROM people")', DROP], ""),
    "in a loop": ("MG301", [LOOP, DROP], READ),
    "in a list that is sent": (
        "MG305",
        [
            'rows = op.get_bind().execute(sa.text("SELECT id, body FROM notes")).all()\n'
            "made = [dict(id=row.id, body=row.body) for row in rows]\n"
            "sa.orm.Session(op.get_bind()).bulk_save_objects(made)",
            DELETE,
        ],
        READ,
    ),
    "in a loop over a class of the script's own": (
        "MG301",
        [
            "Base = sa.orm.declarative_base()\n"
            'class Note(Base):\n    __tablename__ = "notes"\n    id = sa.Column(sa.Integer, primary_key=True)\n'
            "session = sa.orm.Session(op.get_bind())\n"
            "for row in session.query(Note):\n    session.add(dict(id=row.id))",
            DROP,
        ],
        READ,
    ),
    "in a loop over another table that only has a word in common": (
        "MG301",
        [
            "session = sa.orm.Session(op.get_bind())\n"
            'people = sa.table("people", sa.column("id"), sa.column("name"))\n'
            'for row in session.execute(sa.select(people.c.id, people.c.name.label("notes"))):\n'
            "    session.add(dict(id=row.id))",
            DROP,
        ],
        "",
    ),
    "by a session": (
        "MG301",
        [
            "session = sa.orm.Session(op.get_bind())\n"
            'for row in session.execute(sa.text("SELECT id, body FROM notes")):\n    session.add(dict(id=row.id))',
            DROP,
        ],
        READ,
    ),
    "to a set of the script's own, beside an UPDATE": (
        "MG301",
        [
            "seen = set()\n"
            'for row in op.get_bind().execute(sa.text("SELECT id, body FROM notes")):\n    seen.add(row.id)\n'
            '    op.execute("UPDATE people SET name = NULL WHERE id = 1")',
            DROP,
        ],
        "",
    ),
    "a loop that only deletes": (
        "MG301",
        [LOOP.replace("INSERT INTO archive (id, body) VALUES", "DELETE FROM"), DROP],
        "",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_kept_is_said(case: str, tmp_path: Path) -> None:
    """The copies that are left at the end are named, and no others."""
    code, lines, words = CASES[case]
    checked = examples.check(Example("\n".join(lines), given=GIVEN), code, tmp_path, "postgresql")
    finding = next(f for f in checked.report.findings if f.code == code and f.table == "notes")
    assert words in finding.message
    assert words or "kept" not in finding.message


WHOLE = 'op.execute("CREATE TABLE old_notes AS SELECT * FROM notes")'
NAMED = 'op.execute("CREATE TABLE old_notes AS SELECT id, body, author FROM notes")'
PARTS = {
    "all": ([WHOLE], Severity.WARNING),
    "all by their names": ([NAMED], Severity.WARNING),
    "some columns": ([COPY], Severity.ERROR),
    "some rows": ([WHOLE.replace('notes")', 'notes WHERE id > 5")')], Severity.ERROR),
    "those of another table too": ([WHOLE.replace('notes")', 'notes NATURAL JOIN people")')], Severity.ERROR),
    "a copy that goes too": ([WHOLE], Severity.ERROR),
    "nothing": ([], Severity.ERROR),
}


@pytest.mark.parametrize("case", PARTS)
def test_rows_that_are_all_kept_are_not_lost(case: str, tmp_path: Path) -> None:
    """Nothing is to be spared by a WHERE clause then."""
    copied, severity = PARTS[case]
    gone = ['op.drop_table("old_notes")'] if "goes too" in case else []
    example = Example("\n".join((*copied, DELETE, *gone)), given=GIVEN)
    checked = examples.check(example, "MG305", tmp_path, "postgresql")
    [finding] = [f for f in checked.report.findings if f.code == "MG305"]
    assert finding.severity is severity
    assert ("WHERE" in finding.advice) == (" is kept" not in finding.message)


SWAPPED = 'op.drop_table("orders")\nop.rename_table("made", "orders")'
COPIED = 'op.execute("CREATE TABLE made AS SELECT * FROM orders")\n'


def swap(before: str, root: Path, **more: tuple[str, ...]) -> Finding:
    given = "CREATE TABLE orders (id bigint PRIMARY KEY, note text)"
    return told("MG301", Example(before + SWAPPED, given=given, **more), root)  # type: ignore[arg-type]


def test_rows_that_come_in_after_the_copy_are_said_to_be_lost(tmp_path: Path) -> None:
    found = swap(COPIED, tmp_path)
    assert "Rows that the running code commits after the copy (line 9) are lost." in found.message
    assert 'op.execute("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")' in found.recipe


def test_a_lock_of_another_transaction_keeps_no_row_out(tmp_path: Path) -> None:
    lock = 'op.execute("LOCK TABLE orders IN SHARE MODE")\n'
    found = swap("", tmp_path, earlier=(lock + COPIED,), env=("transaction_per_migration",))
    assert "are lost" in found.message


@pytest.mark.parametrize("mode", ["SHARE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"])
def test_no_row_comes_in_where_the_table_was_locked_before_the_copy(mode: str, tmp_path: Path) -> None:
    found = swap(f'op.execute("LOCK TABLE orders IN {mode} MODE")\n{COPIED}', tmp_path)
    assert "are lost" not in found.message
    assert "LOCK TABLE" not in found.recipe


def test_a_loop_that_copies_rows_may_leave_none_of_them(tmp_path: Path) -> None:
    copied = told("MG301", Example(LOOP + DROP, given=GIVEN), tmp_path / "a")
    assert "destroys all rows that are still in it." in copied.message
    assert "destroys all of its rows." in told("MG301", Example(DROP, given=GIVEN), tmp_path / "b").message


def test_a_table_that_may_not_be_there_is_not_renamed_either(tmp_path: Path) -> None:
    found = told("MG301", Example('op.execute("DROP TABLE IF EXISTS notes")', given=GIVEN), tmp_path)
    assert "# where the table is there, which IF EXISTS asks here:" in found.recipe


def test_a_loop_that_copies_values_may_leave_none_of_them(tmp_path: Path) -> None:
    assert (
        "destroys the values that are still in it."
        in told("MG302", Example(LOOP + BODY, given=GIVEN), tmp_path).message
    )


def test_rows_that_were_copied_are_in_the_way_of_a_column_that_is_required(tmp_path: Path) -> None:
    add = 'op.add_column("notes", sa.Column("kind", sa.Text(), nullable=False))'
    found = told("MG305", Example("\n".join((COPY, DELETE, add)), given=GIVEN), tmp_path)
    assert found.advice.startswith("A WHERE clause would not do")


def test_each_update_keeps_its_values_in_a_table_of_its_own(tmp_path: Path) -> None:
    """Both copies are made in one deployment: of one name, the second would fail."""
    first, second = "op.execute(\"UPDATE notes SET body = 'a'\")", "op.execute(\"UPDATE notes SET author = 'b'\")"
    given = f"{GIVEN};CREATE TABLE people_before_update (id bigint)"
    third = "op.execute(\"UPDATE people SET name = 'c'\")"
    example = Example(f"{second}\n{third}", given=given, earlier=(first,))
    found = [f for f in examples.check(example, "MG306", tmp_path, "postgresql").report.findings if f.code == "MG306"]
    made = [f.recipe.partition("CREATE TABLE ")[2].partition(" AS ")[0] for f in found]
    assert made == ["notes_before_update", "notes_before_update_2", "people_before_update_2"]
