"""What PostgreSQL's statements are read as."""

from __future__ import annotations

import pytest

from migguard import changes as c
from migguard.changes import Engine, Name
from migguard.sql.expressions import read_expression
from migguard.sql.read import read
from tests.sql.statements import changes

T = Name("t")
BIGINT = c.DataType("bigint")


def expression(text: str) -> c.Expression:
    from migguard.sql.expressions import read_expression

    return read_expression(text, Engine.POSTGRESQL)


READ: dict[str, c.Change | tuple[c.Change, ...]] = {
    "ALTER TABLE t VALIDATE CONSTRAINT k": c.ValidateConstraint(T, "k"),
    "ALTER TABLE s.t RENAME CONSTRAINT k TO l": c.RenameConstraint(Name("t", "s"), "k", "l"),
    'ALTER TABLE t RENAME "Weird" TO plain': c.RenameColumn(T, "Weird", "plain"),
    "ALTER TABLE IF EXISTS t RENAME TO u": c.RenameTable(T, Name("u"), if_exists=True),
    "ALTER TABLE t ALTER COLUMN a TYPE bigint USING a::bigint": c.AlterColumnType(
        T, "a", BIGINT, using=expression("a::bigint")
    ),
    "ALTER TABLE t ALTER a SET NOT NULL, ALTER a DROP DEFAULT": (
        c.SetNullable(T, "a", False),
        c.SetDefault(T, "a", None),
    ),
    "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i": c.AddConstraint(T, c.Unique((), "k", using_index="i")),
    "ALTER TABLE t ADD PRIMARY KEY USING INDEX i": c.AddConstraint(T, c.PrimaryKey((), using_index="i")),
    "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE NOT VALID": c.AddConstraint(
        T,
        c.ForeignKey(("a",), Name("u"), ("id",), "f", on_delete=c.ForeignKeyAction.CASCADE, not_valid=True),
    ),
    "ALTER TABLE t DROP CONSTRAINT IF EXISTS k CASCADE": c.DropConstraint(T, "k", None, True, True),
    "ALTER TABLE t DROP COLUMN IF EXISTS a": c.DropColumn(T, "a", if_exists=True),
    "ALTER TABLE t DETACH PARTITION p CONCURRENTLY": c.DetachPartition(T, Name("p"), concurrently=True),
    "ALTER TABLE t DETACH PARTITION p FINALIZE": c.DetachPartition(T, Name("p"), finalize=True),
    "ALTER TABLE t ATTACH PARTITION p DEFAULT": c.AttachPartition(
        T, Name("p"), c.PartitionBound(default=True, text="DEFAULT")
    ),
    "ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1, 'x')": c.AttachPartition(
        T, Name("p"), c.PartitionBound(values=("1", "x"), text="FOR VALUES IN (1, 'x')")
    ),
    "ALTER TABLE t INHERIT p": c.SetInheritance(T, Name("p"), True),
    "ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY": c.SetIdentity(T, "a", "add", c.Identity(True)),
    "ALTER TABLE t ALTER COLUMN a DROP IDENTITY IF EXISTS": c.SetIdentity(T, "a", "drop", if_exists=True),
    "ALTER TABLE t ALTER COLUMN a DROP EXPRESSION": c.SetGenerated(T, "a", None),
    "ALTER TABLE t SET SCHEMA s": c.SetSchema("table", T, "s"),
    "ALTER TABLE t SET UNLOGGED": c.SetTableOption(T, c.TableAction.UNLOGGED),
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING btree (a DESC NULLS LAST, lower(b)) INCLUDE (c)": (
        c.CreateIndex(
            T,
            (c.IndexElement("a", descending=True, nulls_first=False), c.IndexElement(None, expression("lower(b)"))),
            Name("i"),
            unique=True,
            concurrently=True,
            if_not_exists=True,
            method="btree",
            include=("c",),
        )
    ),
    "DROP INDEX CONCURRENTLY IF EXISTS s.i": c.DropIndex(Name("i", "s"), concurrently=True, if_exists=True),
    "ALTER INDEX i ATTACH PARTITION j": c.AttachIndex(Name("i"), Name("j")),
    "ALTER INDEX i RENAME TO j": c.RenameIndex(Name("i"), "j"),
    "REINDEX (CONCURRENTLY) INDEX i": c.Reindex("index", Name("i"), True),
    "REINDEX TABLE CONCURRENTLY t": c.Reindex("table", T, True),
    "CREATE TYPE mood AS ENUM ('sad', 'ok')": c.CreateEnum(Name("mood"), ("sad", "ok")),
    "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine' BEFORE 'ok'": c.AddEnumValue(
        Name("mood"), "fine", True, "ok", True
    ),
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'well'": c.RenameEnumValue(Name("mood"), "ok", "well"),
    "ALTER TYPE mood RENAME TO feeling": c.RenameType(Name("mood"), "feeling"),
    "CREATE DOMAIN d AS integer NOT NULL CONSTRAINT pos CHECK (VALUE > 0)": c.CreateDomain(
        Name("d"), c.DataType("integer"), not_null=True, checks=(c.Check(expression("VALUE > 0"), "pos"),)
    ),
    "ALTER DOMAIN d VALIDATE CONSTRAINT pos": c.AlterDomain(Name("d"), "validate constraint", name="pos"),
    "CREATE SEQUENCE s INCREMENT BY 5 OWNED BY t.a": c.CreateSequence(
        Name("s"), c.SequenceOptions(increment=5, owned_by=(T, "a"))
    ),
    "ALTER SEQUENCE s RESTART WITH 7": c.AlterSequence(Name("s"), c.SequenceOptions(restart=True, restart_with=7)),
    "ALTER SEQUENCE s OWNED BY NONE": c.AlterSequence(Name("s"), c.SequenceOptions(owned_by_none=True)),
    "LOCK TABLE ONLY t, u IN SHARE ROW EXCLUSIVE MODE NOWAIT": (
        c.LockTable(T, "SHARE ROW EXCLUSIVE", True, only=True),
        c.LockTable(Name("u"), "SHARE ROW EXCLUSIVE", True),
    ),
    "CREATE POLICY p ON t FOR SELECT TO reader USING (a > 0)": c.CreatePolicy(
        "p", T, "policy", "FOR SELECT TO reader USING (a > 0)", references=expression("a > 0").references
    ),
    "DROP POLICY IF EXISTS p ON t": c.DropPolicy("p", T, "policy", True),
    "CREATE TRIGGER g BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f()": (
        c.CreateTrigger(
            Name("g"),
            T,
            "before",
            ("insert", "update"),
            Name("f"),
            text="FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f()",
            each_row=True,
        )
    ),
    "DROP TRIGGER g ON t": c.DropTrigger(Name("g"), T),
    "ALTER TRIGGER g ON t RENAME TO h": c.AlterTableObject("trigger", "g", T, "h"),
    "CREATE PUBLICATION p FOR TABLE t, ONLY s.u": c.OtherObject(
        c.ObjectAction.CREATE, "publication", Name("p"), (T, Name("u", "s")), text="FOR TABLE t, ONLY s.u"
    ),
    "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA s": c.CreateExtension("pg_trgm", "s", True),
    "COMMENT ON COLUMN s.t.a IS 'it''s'": c.Comment("column", Name("t", "s"), "it's", "a", Name("t", "s")),
    "TRUNCATE t, ONLY u RESTART IDENTITY CASCADE": (
        c.Truncate(T, True, False, (Name("u"),)),
        c.Truncate(Name("u"), True, True, (T,)),
    ),
    "GRANT SELECT (a), UPDATE ON t TO reader WITH GRANT OPTION": c.Grant(
        False, (T,), "SELECT (a), UPDATE ON t TO reader WITH GRANT OPTION", "table"
    ),
    "SET LOCAL lock_timeout = '5s'": c.SetVariable("lock_timeout", "5s", True, items=("5s",)),
    "DROP TABLE IF EXISTS t, s.u CASCADE": (
        c.DropTable(T, True, True),
        c.DropTable(Name("u", "s"), True, True),
    ),
    "REFRESH MATERIALIZED VIEW CONCURRENTLY m": c.RefreshMaterializedView(Name("m"), True),
    "SET CONSTRAINTS ALL DEFERRED": c.Nothing("set constraints"),
}


@pytest.mark.parametrize("sql", READ)
def test_a_statement_is_read_as(sql: str) -> None:
    wanted = READ[sql]
    assert changes(sql) == (wanted if isinstance(wanted, tuple) else (wanted,))


UNREAD = (
    "ALTER TABLE t VALIDATE k",
    "ALTER TABLE t ADD COLUMN a integer DEFAULT now() AT TIME ZONE 'utc'",
    "ALTER TABLE t ADD COLUMN a integer DEFAULT 0 zzq",
    "ALTER TABLE t ADD CHECK (a > > 0)",
    "ALTER TABLE t ADD CHECK (a IN ())",
    "ALTER TABLE t ATTACH PARTITION p FOR VALUES WITH (MODULUS 4)",
    "ALTER TYPE mood ADD VALUE 'a' 'b'",
    "CREATE INDEX i ON t (a b c)",
    "CREATE INDEX i ON t (not a)",
    "CREATE TABLE t (check integer)",
    "CREATE TABLE t (a integer,)",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EVERY ROW EXECUTE FUNCTION f()",
    "CREATE POLICY p ON t FOR READING USING (true)",
    "CREATE VIEW v AS SELECT FROM WHERE",
    "REINDEX (ONLINE) TABLE t",
    "VACUUM (THOROUGH) t",
    "GRANT SELECT ON t reader",
    "DROP TABLE t CASCADE RESTRICT",
    "ALTER TABLE t ADD COLUMN a text COLLATE",
)


@pytest.mark.parametrize("sql", UNREAD)
def test_what_is_no_statement_of_the_server_is_unknown(sql: str) -> None:
    found = changes(sql)
    assert len(found) == 1
    assert isinstance(found[0], c.Unknown)
    assert found[0].why


EXPRESSIONS = (
    "a  >   0",
    "lower( b ) || 'X'",
    "now() /* when */ - interval '1 day'",
    "CASE WHEN a IS NULL THEN 0 ELSE a END > 0",
    "a BETWEEN 1 AND 5 OR b NOT LIKE 'x%' ESCAPE '!'",
    "a = ANY (ARRAY['x', 'y']::text[])",
    "(a, b) IS DISTINCT FROM (1, 2)",
    "jsonb_typeof(a -> 'x') = 'object' AND a @> '{}'",
    "extract(year FROM d) >= 2000",
    't."order" COLLATE "C" < \'m\'',
    "EXISTS (SELECT 1 FROM u WHERE u.id = a)",
    "count(*) FILTER (WHERE a > 0) OVER (PARTITION BY b) > 1",
    "make_interval(days => 3) > d AT TIME ZONE 'utc' - e",
)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_keeps_the_users_text(text: str) -> None:
    (check,) = changes(f"ALTER TABLE t ADD CONSTRAINT k CHECK ({text}) NOT VALID")
    assert isinstance(check, c.AddConstraint)
    assert isinstance(check.constraint, c.Check)
    assert check.constraint.expression.text == text


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (":total", []),
        ("%(total)s", []),
        ("total + :total", ["total"]),
        ("%(a)s + s", ["s"]),
        ("a[1:n]", ["a", "n"]),
        ("a::n", ["a"]),
    ],
)
def test_a_bound_parameter_is_no_column(text: str, columns: list[str]) -> None:
    references = read_expression(text, Engine.POSTGRESQL).references
    assert [r.name for r in references if r.kind == "column"] == columns


@pytest.mark.parametrize("sql", ["UPDATE t SET a = 1; -- done\n -- and said why", "UPDATE t SET a = 1; /* done */"])
def test_a_comment_behind_the_last_semicolon_is_no_statement(sql: str) -> None:
    assert [type(one).__name__ for one in changes(sql)] == ["Update"]


def test_several_statements_of_one_text_are_read_one_by_one() -> None:
    found = read("CREATE SCHEMA a; ; DROP SCHEMA b -- ;\n", Engine.POSTGRESQL)
    assert found == (c.CreateSchema("a"), c.DropSchema("b"))


FOREIGN = (
    "UPDATE t LEFT JOIN u ON t.a = u.id SET b = 1 WHERE u.id IS NULL",
    "UPDATE t, u SET b = 1 WHERE t.a = u.id",
    "UPDATE t SET b = 1 ORDER BY a LIMIT 5",
    "DELETE t FROM t JOIN u ON t.a = u.id",
    "DELETE FROM t JOIN u ON t.a = u.id WHERE u.b = 1",
    "DELETE t WHERE a = 1",
    "DELETE FROM t WHERE a = 1 LIMIT 5",
    "WITH w AS (UPDATE t SET a = 1 LIMIT 5) SELECT 1",
    "INSERT IGNORE INTO t (a) VALUES (1)",
    "INSERT OR IGNORE INTO t (a) VALUES (1)",
    "INSERT t (a) VALUES (1)",
    "INSERT INTO s.t SET a = 1",
    "INSERT INTO t PARTITION (p) VALUES (1)",
    "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2",
    "REPLACE INTO t (a) VALUES (1)",
    "SELECT a FROM t LIMIT 5, 10",
    "UPDATE `t` SET a = 1",
)
"""Statements that PostgreSQL 15 refuses as syntax errors, and that MySQL, MariaDB or SQLite has."""
OWN = (
    "UPDATE t SET b = 1 FROM u LEFT JOIN v ON v.id = u.id WHERE t.a = u.id",
    "UPDATE ONLY t AS x SET (a, b) = (SELECT 1, 2) WHERE x.a IN (SELECT id FROM u ORDER BY id LIMIT 5)",
    "DELETE FROM t USING u JOIN v ON v.id = u.id WHERE t.a = u.id",
    "INSERT INTO s.t AS x (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2 RETURNING a",
    "SELECT a FROM (SELECT a FROM t LIMIT 5 OFFSET 10) AS x, u",
    "SELECT a FROM t OFFSET 10 LIMIT 5",
    "MERGE INTO t USING u ON t.a = u.id WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
)


@pytest.mark.parametrize("sql", FOREIGN)
def test_a_clause_of_another_engine_makes_a_statement_unknown(sql: str) -> None:
    assert [type(one) for one in changes(sql)] == [c.Unknown]


@pytest.mark.parametrize("sql", OWN)
def test_its_own_clauses_are_read(sql: str) -> None:
    assert c.Unknown not in [type(one) for one in changes(sql)]
