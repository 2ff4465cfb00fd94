"""What an advised loop over batches says where a statement is joined with other tables, or looks values up in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

KEYED = (
    "CREATE TABLE t (id {key} PRIMARY KEY, a int, b int, u_id int, shown boolean);"
    "CREATE TABLE u (id int, a int, t_id int, note text)"
)
BATCHES = {
    "by number": (
        "bigint",
        "UPDATE t SET a = u.a FROM u WHERE u.t_id = t.id",
        "UPDATE t SET … FROM … WHERE t.id > :last AND t.id <= :until AND …",
    ),
    "by number, under another name": (
        "bigint",
        "UPDATE t AS x SET a = u.a FROM u WHERE u.t_id = x.id",
        "UPDATE t AS x SET … FROM … WHERE x.id > :last AND x.id <= :until AND …",
    ),
    "by what is not done": (
        "uuid",
        "UPDATE t SET a = u.a FROM u WHERE u.t_id = t.u_id",
        "WHERE t.id IN (SELECT t.id FROM t, … WHERE … AND t.a IS DISTINCT FROM … LIMIT 5000) AND …",
    ),
    "by what is empty": (
        "uuid",
        "UPDATE t SET a = u.a FROM u WHERE u.t_id = t.u_id AND t.a IS NULL",
        "WHERE t.id IN (SELECT t.id FROM t, … WHERE … AND t.a IS NULL LIMIT 5000) AND …",
    ),
    "by what is empty in the other table": (
        "uuid",
        "UPDATE t SET a = 1 FROM u WHERE u.t_id = t.u_id AND u.a IS NULL AND t.a IS NOT NULL",
        "WHERE … AND t.a IS DISTINCT FROM … LIMIT 5000) AND …",
    ),
    "what is empty, of some": (
        "uuid",
        "UPDATE t SET a = 1 WHERE a IS NULL AND b > 3",
        "WHERE id IN (SELECT id FROM t WHERE … AND a IS NULL LIMIT 5000)",
    ),
    "what a WITH names": (
        "uuid",
        "WITH w AS (SELECT t_id FROM u) UPDATE t SET a = 1 WHERE u_id IN (SELECT t_id FROM w)",
        '"WITH … UPDATE t SET … WHERE id IN (SELECT id FROM t WHERE … AND a IS DISTINCT FROM',
    ),
    "what a WITH names that is recursive and asks another": (
        "uuid",
        "WITH RECURSIVE v AS (SELECT t_id FROM u), w AS (SELECT t_id FROM v UNION SELECT u.a FROM u JOIN w "
        "ON u.id = w.t_id) UPDATE t SET a = 1 WHERE u_id IN (SELECT t_id FROM w)",
        '"WITH … UPDATE t SET … WHERE id IN (SELECT id FROM t WHERE … AND a IS DISTINCT FROM',
    ),
    "what a WITH names, under another name": (
        "uuid",
        "WITH w AS (SELECT t_id FROM u) UPDATE t SET a = x.t_id FROM w AS x WHERE t.u_id = x.t_id",
        '"WITH … UPDATE t SET … FROM … WHERE t.id IN (SELECT t.id FROM t, … WHERE … AND',
    ),
    "a delete by what a WITH names": (
        "uuid",
        "WITH w AS (SELECT t_id FROM u) DELETE FROM t WHERE u_id IN (SELECT t_id FROM w)",
        '"WITH … DELETE FROM t WHERE id IN (SELECT id FROM t WHERE … LIMIT 5000)"',
    ),
    "a delete": (
        "uuid",
        "DELETE FROM t USING u WHERE u.t_id = t.u_id",
        "DELETE FROM t WHERE id IN (SELECT t.id FROM t, … WHERE … LIMIT 5000)",
    ),
}


@pytest.mark.parametrize(("key", "statement", "batch"), BATCHES.values(), ids=BATCHES)
def test_columns_are_qualified_where_other_tables_may_have_them(
    key: str, statement: str, batch: str, tmp_path: Path
) -> None:
    assert batch in told("MG514", Example(f'op.execute("{statement}")', given=KEYED.format(key=key)), tmp_path).recipe


def test_joined_rows_of_mysql_are_chosen_by_a_query_of_their_own(tmp_path: Path) -> None:
    """It limits no UPDATE of several tables, and takes no LIMIT in the query of an IN."""
    statement = "UPDATE t JOIN u ON u.t_id = t.u_id SET t.a = u.a"
    given = "CREATE TABLE t (id varchar(9) PRIMARY KEY, a int, u_id int);CREATE TABLE u (id int, a int, t_id int)"
    recipe = told("MG514", Example(f'op.execute("{statement}")', given=given, server="mysql 8.4"), tmp_path).recipe
    assert "UPDATE `t` JOIN … SET … WHERE `t`.`id` IN (SELECT `id` FROM (SELECT `t`.`id` FROM `t` JOIN …" in recipe
    assert "LIMIT 5000) AS batch) AND …" in recipe


SAME = {
    "a column of that name in another table": "a = (SELECT u.a FROM u WHERE u.t_id = t.u_id)",
    "without a qualifier": "a = (SELECT a FROM u WHERE t_id = u_id)",
    "of another name of it": "a = (SELECT o.a FROM u AS o WHERE o.t_id = t.u_id)",
    "a query in a query": "a = (SELECT q.a FROM (SELECT a, t_id FROM u) AS q WHERE q.t_id = t.u_id)",
    "what stays as it is when it is asked again": "a = abs(a)",
    "the largest": "a = (SELECT max(a) FROM u WHERE t_id = u_id)",
}
OTHER = {
    "made once more": "a = abs(a) + 1",
    "of another that is written": "a = abs(b), b = 3",
    "its own column": "a = (SELECT u.id + t.a FROM u WHERE u.t_id = t.u_id)",
    "without a qualifier too": "b = (SELECT id + b FROM u WHERE t_id = u_id)",
    "the same column of other rows": "a = (SELECT max(x.a) FROM t AS x WHERE x.u_id = t.u_id)",
    "all columns of other rows": "a = (SELECT count(*) FROM (SELECT * FROM t) AS x WHERE x.a = 3)",
    "the whole row": "a = (SELECT u.a FROM u WHERE u.note = to_json(t)::text)",
    "what a function gives": "a = (SELECT a FROM json_populate_record(NULL::u, '{}'))",
}


@pytest.mark.parametrize("value", SAME.values(), ids=SAME)
def test_a_value_that_is_looked_up_elsewhere_says_what_is_done(value: str, tmp_path: Path) -> None:
    found = told("MG514", Example(f'op.execute("UPDATE t SET {value}")', given=KEYED.format(key="uuid")), tmp_path)
    assert (
        f"WHERE id IN (SELECT id FROM t WHERE a IS DISTINCT FROM {'(…)' if 'SELECT' in value else '…'} LIMIT 5000)"
        in found.recipe
    )
    assert "or this never ends" in found.recipe


@pytest.mark.parametrize("value", OTHER.values(), ids=OTHER)
def test_a_value_made_of_what_is_written_does_not(value: str, tmp_path: Path) -> None:
    given = KEYED.format(key="uuid")
    found = told("MG514", Example(f'op.execute("UPDATE t SET {value}")', given=given), tmp_path)
    assert "Nothing in a row says that it is done: go by ranges of its key" in found.advice


@pytest.mark.parametrize("alias", ["", " AS q"])
def test_other_engines_are_told_by_what_stands_before_the_column(alias: str, tmp_path: Path) -> None:
    """Without the scopes of names, a name that is only an alias may be one of the same table."""
    name = alias.removeprefix(" AS ") or "u"
    value = f"a = (SELECT {name}.a FROM u{alias} WHERE {name}.t_id = t.u_id)"
    given = "CREATE TABLE t (id text PRIMARY KEY, a int, u_id int);CREATE TABLE u (a int, t_id int)"
    found = told("MG514", Example(f'op.execute("UPDATE t SET {value}")', given=given, server="sqlite"), tmp_path)
    assert ("a IS NOT (…)" in (found.recipe or "")) is not bool(alias)
    assert bool(found.recipe) is not bool(alias)


@pytest.mark.parametrize(
    ("where", "may"),
    [
        ("code IS NULL", True),
        ("code IS NULL AND a > 1", True),
        ("a IS NULL", False),
        ("a IS NULL OR code = 'x'", False),
    ],
)
def test_rows_that_an_index_finds_may_be_few(where: str, may: bool, tmp_path: Path) -> None:
    """A unique index has NULLs too, as many as there are."""
    given = "CREATE TABLE t (id uuid PRIMARY KEY, a int, code text UNIQUE)"
    found = told("MG514", Example(f'op.execute("UPDATE t SET a = 3 WHERE {where}")', given=given), tmp_path)
    assert ("goes over what may be all of t," in found.message) is may


NEW = {
    "one value": ("uuid", "7", "WHERE … AND n IS NULL LIMIT 5000"),
    "another column's, which may be NULL": ("uuid", "b", "WHERE … AND n IS NULL AND … IS NOT NULL LIMIT 5000"),
    "another column's, which is not": ("uuid", "c", "WHERE … AND n IS NULL LIMIT 5000"),
    "looked up": ("uuid", "(SELECT max(a) FROM u)", "WHERE … AND n IS NULL AND (…) IS NOT NULL LIMIT 5000"),
    "with an older column": (
        "uuid",
        "b, a = 3",
        "WHERE … AND (n IS NULL AND … IS NOT NULL OR a IS DISTINCT FROM …) LIMIT 5000",
    ),
    "by number": ("bigint", "abs(b)", "WHERE id > :last AND id <= :until AND … AND n IS NULL"),
}


@pytest.mark.parametrize("where", ["", " WHERE a > 2"])
@pytest.mark.parametrize(("key", "value", "batch"), NEW.values(), ids=NEW)
def test_of_a_new_column_only_rows_without_a_value_are_written(
    key: str, value: str, batch: str, where: str, tmp_path: Path
) -> None:
    """What a default, a trigger or the new code has written there meanwhile is not overwritten."""
    add = 'op.add_column("t", sa.Column("n", sa.Integer()))'
    given = KEYED.format(key=key).replace("b int,", "b int, c int NOT NULL,")
    example = Example(f'op.execute("UPDATE t SET n = {value}{where}")', given=given, earlier=(add,))
    recipe = told("MG514", example, tmp_path).recipe
    assert (batch if where else batch.replace("… AND n", "n").replace("… AND (n", "(n")) in recipe
    assert ("DISTINCT" in recipe) is ("DISTINCT" in batch)


def test_a_new_column_made_of_what_is_written_too_is_no_mark(tmp_path: Path) -> None:
    """A row whose new value was NULL would get another one in the next round."""
    add = 'op.add_column("t", sa.Column("n", sa.Integer()))'
    update = 'op.execute("UPDATE t SET a = 3, n = a")'
    found = told("MG514", Example(update, given=KEYED.format(key="uuid"), earlier=(add,)), tmp_path)
    assert "Nothing in a row says that it is done" in found.advice


def test_a_run_that_stops_goes_on_behind_the_last_key(tmp_path: Path) -> None:
    """By ranges of a number each row is written once, as long as no second run starts from the first."""
    found = told("MG514", Example('op.execute("UPDATE t SET a = a + 1")', given=KEYED.format(key="bigint")), tmp_path)
    assert "store the last key in the transaction of each batch" in found.recipe
