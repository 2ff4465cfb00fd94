"""What MySQL's statements are read as."""

from __future__ import annotations

import pytest

from migguard import changes as c
from migguard.changes import Engine, Name
from migguard.sql.read import read

T = Name("t")


def mysql(sql: str) -> tuple[c.Change, ...]:
    return read(sql, Engine.MYSQL)


def test_change_is_a_definition_under_a_new_name() -> None:
    (change,) = mysql("ALTER TABLE t CHANGE COLUMN a b VARCHAR(20) NOT NULL DEFAULT 'x' COMMENT 'c' AFTER d")
    assert isinstance(change, c.ModifyColumn)
    assert (change.table, change.column, change.definition.name) == (T, "a", "b")
    assert change.definition.type == c.DataType("varchar", ("20",))
    assert change.definition.nullable is False
    assert change.definition.default is not None
    assert change.definition.default.text == "'x'"
    assert change.definition.comment == "c"
    assert change.position == "after d"


def test_modify_keeps_the_name() -> None:
    (change,) = mysql("ALTER TABLE `t` MODIFY `a` BIGINT UNSIGNED NULL FIRST")
    assert isinstance(change, c.ModifyColumn)
    assert (change.column, change.definition.name, change.position) == ("a", "a", "first")
    assert change.definition.type is not None
    assert change.definition.type.attributes == ("unsigned",)


def test_convert_to_a_character_set() -> None:
    (change,) = mysql("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    assert isinstance(change, c.SetTableOption)
    assert change.action is c.TableAction.CONVERT_CHARSET
    assert (change.value or "").startswith("utf8mb4")


def test_the_algorithm_and_the_lock_are_changes_of_their_own() -> None:
    found = mysql("ALTER TABLE t ADD INDEX i (a(10), b DESC), ALGORITHM=INPLACE, LOCK=NONE")
    index = next(x for x in found if isinstance(x, c.CreateIndex))
    assert index.elements == (c.IndexElement("a", prefix=10), c.IndexElement("b", descending=True))
    assert [type(x) for x in found if not isinstance(x, c.CreateIndex)] == [c.AlterAlgorithm] * (len(found) - 1)


UNREAD = (
    "ALTER TABLE t CHANGE a",
    "ALTER TABLE t MODIFY a INT NOT zzq",
    "ALTER TABLE t ADD INDEX i (a) zzq zzq",
    "ALTER TABLE t CONVERT TO utf8 zzq zzq",
    "CREATE TABLE t (a INT zzq zzq)",
    "RENAME TABLE t u",
    "ALTER TABLE t DROP FOREIGN KEY f zzq",
)


@pytest.mark.parametrize("sql", UNREAD)
def test_what_is_no_statement_of_the_server_is_unknown(sql: str) -> None:
    assert any(isinstance(x, c.Unknown) for x in mysql(sql))


@pytest.mark.parametrize(
    "sql", ["INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING", "UPDATE t SET a = u.b FROM u WHERE u.id = t.id"]
)
def test_a_clause_of_another_engine_makes_a_statement_unknown(sql: str) -> None:
    assert [type(one) for one in mysql(sql)] == [c.Unknown]


def test_its_own_clauses_are_read() -> None:
    for sql in (
        "INSERT INTO t SET a = 1 ON DUPLICATE KEY UPDATE a = 2",
        "UPDATE t JOIN u ON u.id = t.id SET t.a = u.b",
    ):
        assert c.Unknown not in [type(one) for one in mysql(sql)]
