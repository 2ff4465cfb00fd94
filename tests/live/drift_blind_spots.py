"""What Alembic's comparators do not see: a schema in SQL, models that agree with it, and models that do not."""

from __future__ import annotations

from typing import NamedTuple


class BlindSpot(NamedTuple):
    """`same` and `other` are sources with `sa`, `postgresql` and `metadata`; `found` is kind and object of each one."""

    name: str
    schema: str
    same: str
    other: str
    found: frozenset[tuple[str, str | None]]

    def __str__(self) -> str:
        return self.name


def spot(name: str, schema: str, same: str, other: str, *found: tuple[str, str | None]) -> BlindSpot:
    """One blind spot."""
    return BlindSpot(name, schema, same, other, frozenset(found))


def t(*parts: str, options: str = "") -> str:
    """A table `t` of the models with the key `id`."""
    columns = ["sa.Column('id', sa.BigInteger, sa.Identity(always=True), primary_key=True)", *parts]
    return f"sa.Table('t', metadata, {', '.join(columns)}{', ' + options if options else ''})"


def s(*parts: str) -> str:
    """The same in SQL."""
    return f"CREATE TABLE t ({', '.join(['id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY', *parts])});"


A = "sa.Column('a', sa.Integer)"
B = "sa.Column('b', sa.Text)"
MAKE = "sa.event.listen(metadata, 'after_create', sa.DDL('CREATE TRIGGER g BEFORE {} ON t FOR EACH ROW EXECUTE FUNCTION f()'))"
P = (
    "sa.Table('p', metadata, sa.Column('x', sa.Integer, primary_key=True, autoincrement=False), "
    "sa.Column('y', sa.Integer, primary_key=True, autoincrement=False))\n"
)
PSQL = "CREATE TABLE p (x int, y int, PRIMARY KEY (x, y));"

SPOTS = [
    spot(
        "an enum value is added",
        f"CREATE TYPE mood AS ENUM ('sad', 'ok'); {s('m mood')}",
        t("sa.Column('m', sa.Enum('sad', 'ok', name='mood'))"),
        t("sa.Column('m', sa.Enum('sad', 'ok', 'happy', name='mood'))"),
        ("modify_enum", "mood"),
    ),
    spot(
        "an enum value is removed",
        f"CREATE TYPE mood AS ENUM ('sad', 'ok'); {s('m mood')}",
        t("sa.Column('m', sa.Enum('sad', 'ok', name='mood'))"),
        t("sa.Column('m', sa.Enum('sad', name='mood'))"),
        ("modify_enum", "mood"),
    ),
    spot(
        "enum values are in another order",
        f"CREATE TYPE mood AS ENUM ('sad', 'ok'); {s('m mood')}",
        t("sa.Column('m', sa.Enum('sad', 'ok', name='mood'))"),
        t("sa.Column('m', sa.Enum('ok', 'sad', name='mood'))"),
        ("modify_enum", "mood"),
    ),
    spot(
        "a CHECK is missing",
        s("a int", "CONSTRAINT ck CHECK (a > 0)"),
        t(A, "sa.CheckConstraint('a > 0', name='ck')"),
        t(A, "sa.CheckConstraint('a > 0', name='ck')", "sa.CheckConstraint('a < 9', name='top')"),
        ("add_check", "top"),
    ),
    spot(
        "a CHECK is nobody's",
        s("a int", "CONSTRAINT ck CHECK (a > 0)"),
        t(A, "sa.CheckConstraint('a > 0', name='ck')"),
        t(A),
        ("remove_check", "ck"),
    ),
    spot(
        "a CHECK has another text",
        s("b text", "CONSTRAINT ck CHECK (b IN ('x', 'y'))"),
        t(B, "sa.CheckConstraint(\"b IN ('y', 'x')\", name='ck')"),
        t(B, "sa.CheckConstraint(\"b IN ('y', 'z')\", name='ck')"),
        ("modify_check", "ck"),
    ),
    spot(
        "a CHECK has another name",
        s("a int", "CONSTRAINT ck CHECK (a > 0)"),
        t(A, "sa.CheckConstraint('a > 0', name='ck')"),
        t(A, "sa.CheckConstraint('a > 0', name='ck_t_a')"),
        ("rename_check", "ck_t_a"),
    ),
    spot(
        "the predicate of an index is another",
        s("a int", "b text") + "CREATE INDEX ix ON t (b) WHERE a IS NULL;",
        t(A, B, "sa.Index('ix', 'b', postgresql_where=sa.text('a IS NULL'))"),
        t(A, B, "sa.Index('ix', 'b', postgresql_where=sa.text('a IS NOT NULL'))"),
        ("modify_index_predicate", "ix"),
    ),
    spot(
        "the predicate of a unique index is gone",
        s("a int", "b text") + "CREATE UNIQUE INDEX ix ON t (b) WHERE a IS NULL;",
        t(A, B, "sa.Index('ix', 'b', unique=True, postgresql_where=sa.text('a IS NULL'))"),
        t(A, B, "sa.Index('ix', 'b', unique=True)"),
        ("modify_index_predicate", "ix"),
    ),
    spot(
        "INCLUDE of an index",
        s("a int", "b text") + "CREATE INDEX ix ON t (a) INCLUDE (b);",
        t(A, B, "sa.Index('ix', 'a', postgresql_include=['b'])"),
        t(A, B, "sa.Index('ix', 'a')"),
        ("modify_index_include", "ix"),
    ),
    spot(
        "the method of an index",
        s("j jsonb") + "CREATE INDEX ix ON t USING gin (j);",
        t("sa.Column('j', postgresql.JSONB)", "sa.Index('ix', 'j', postgresql_using='gin')"),
        t("sa.Column('j', postgresql.JSONB)", "sa.Index('ix', 'j')"),
        ("modify_index_method", "ix"),
    ),
    spot(
        "the operator class of an index",
        s("b text") + "CREATE INDEX ix ON t (b text_pattern_ops);",
        t(B, "sa.Index('ix', 'b', postgresql_ops={'b': 'text_pattern_ops'})"),
        t(B, "sa.Index('ix', 'b')"),
        ("modify_index_opclass", "ix"),
    ),
    spot(
        "the storage of an index",
        s("a int") + "CREATE INDEX ix ON t (a) WITH (fillfactor = 70);",
        t(A, "sa.Index('ix', 'a', postgresql_with={'fillfactor': 70})"),
        t(A, "sa.Index('ix', 'a', postgresql_with={'fillfactor': 90})"),
        ("modify_index_options", "ix"),
    ),
    spot(
        "the columns of a primary key",
        "CREATE TABLE t (x int, y int NOT NULL, PRIMARY KEY (x));",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, primary_key=True, autoincrement=False), "
        "sa.Column('y', sa.Integer, nullable=False))",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, primary_key=True, autoincrement=False), "
        "sa.Column('y', sa.Integer, primary_key=True, autoincrement=False))",
        ("modify_primary_key", "t_pkey"),
    ),
    spot(
        "the order of a primary key",
        "CREATE TABLE t (x int, y int, PRIMARY KEY (x, y));",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), sa.Column('y', sa.Integer), "
        "sa.PrimaryKeyConstraint('x', 'y'))",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), sa.Column('y', sa.Integer), "
        "sa.PrimaryKeyConstraint('y', 'x'))",
        ("modify_primary_key", "t_pkey"),
    ),
    spot(
        "the name of a primary key",
        "CREATE TABLE t (x int, CONSTRAINT pk PRIMARY KEY (x));",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, autoincrement=False), sa.PrimaryKeyConstraint('x', name='pk'))",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, autoincrement=False), sa.PrimaryKeyConstraint('x', name='pk_t'))",
        ("rename_primary_key", "pk_t"),
    ),
    spot(
        "no primary key at all",
        "CREATE TABLE t (x int NOT NULL);",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, nullable=False))",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, primary_key=True, autoincrement=False))",
        ("add_primary_key", "t_pkey"),
    ),
    spot(
        "an exclusion constraint",
        s("r int4range", "CONSTRAINT ex EXCLUDE USING gist (r WITH &&)"),
        t("sa.Column('r', postgresql.INT4RANGE)", "postgresql.ExcludeConstraint(('r', '&&'), name='ex')"),
        t("sa.Column('r', postgresql.INT4RANGE)"),
        ("remove_exclusion", "ex"),
    ),
    spot(
        "an exclusion constraint that no revision makes",
        s("r int4range"),
        t("sa.Column('r', postgresql.INT4RANGE)"),
        t("sa.Column('r', postgresql.INT4RANGE)", "postgresql.ExcludeConstraint(('r', '&&'), name='ex')"),
        ("add_exclusion", "ex"),
    ),
    spot(
        "a unique constraint that may be deferred",
        s("a int", "CONSTRAINT uq UNIQUE (a) DEFERRABLE INITIALLY DEFERRED"),
        t(A, "sa.UniqueConstraint('a', name='uq', deferrable=True, initially='DEFERRED')"),
        t(A, "sa.UniqueConstraint('a', name='uq')"),
        ("modify_unique", "uq"),
    ),
    spot(
        "the order of a unique constraint",
        s("a int", "b text", "CONSTRAINT uq UNIQUE (a, b)"),
        t(A, B, "sa.UniqueConstraint('a', 'b', name='uq')"),
        t(A, B, "sa.UniqueConstraint('b', 'a', name='uq')"),
        ("modify_unique", "uq"),
    ),
    spot(
        "MATCH FULL of a foreign key",
        PSQL + s("x int", "y int", "CONSTRAINT fk FOREIGN KEY (x, y) REFERENCES p (x, y) MATCH FULL"),
        P
        + t(
            "sa.Column('x', sa.Integer)",
            "sa.Column('y', sa.Integer)",
            "sa.ForeignKeyConstraint(['x', 'y'], ['p.x', 'p.y'], name='fk', match='FULL')",
        ),
        P
        + t(
            "sa.Column('x', sa.Integer)",
            "sa.Column('y', sa.Integer)",
            "sa.ForeignKeyConstraint(['x', 'y'], ['p.x', 'p.y'], name='fk')",
        ),
        ("modify_foreign_key", "fk"),
    ),
    spot(
        "the name of a foreign key",
        s("a bigint", "CONSTRAINT fk FOREIGN KEY (a) REFERENCES t (id)"),
        t("sa.Column('a', sa.BigInteger)", "sa.ForeignKeyConstraint(['a'], ['t.id'], name='fk')"),
        t("sa.Column('a', sa.BigInteger)", "sa.ForeignKeyConstraint(['a'], ['t.id'], name='fk_t_a')"),
        ("rename_foreign_key", "fk_t_a"),
    ),
    spot(
        "a foreign key that was never validated",
        s("a bigint") + "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES t (id) NOT VALID;",
        t(
            "sa.Column('a', sa.BigInteger)",
            "sa.ForeignKeyConstraint(['a'], ['t.id'], name='fk', postgresql_not_valid=True)",
        ),
        t("sa.Column('a', sa.BigInteger)", "sa.ForeignKeyConstraint(['a'], ['t.id'], name='fk')"),
        ("modify_foreign_key_validity", "fk"),
    ),
    spot(
        "a length that is gone",
        s("v varchar"),
        t("sa.Column('v', sa.String)"),
        t("sa.Column('v', sa.String(50))"),
        ("modify_type_arguments", "v"),
    ),
    spot(
        "a length that only the database has",
        s("v varchar(50)"),
        t("sa.Column('v', sa.String(50))"),
        t("sa.Column('v', sa.String)"),
        ("modify_type_arguments", "v"),
    ),
    spot(
        "the precision of a number",
        s("v numeric(10, 2)"),
        t("sa.Column('v', sa.Numeric(10, 2))"),
        t("sa.Column('v', sa.Numeric)"),
        ("modify_type_arguments", "v"),
    ),
    spot(
        "a server default",
        s("a int DEFAULT 1"),
        t("sa.Column('a', sa.Integer, server_default='1')"),
        t("sa.Column('a', sa.Integer, server_default='2')"),
        ("modify_server_default", "a"),
    ),
    spot(
        "a server default that no revision makes",
        s("b text"),
        t(B),
        t("sa.Column('b', sa.Text, server_default='x')"),
        ("modify_server_default", "b"),
    ),
    spot(
        "an identity that is gone",
        s("n bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY"),
        t("sa.Column('n', sa.BigInteger, sa.Identity(), nullable=False)"),
        t("sa.Column('n', sa.BigInteger, nullable=False)"),
        ("modify_identity", "n"),
    ),
    spot(
        "an identity that is always generated",
        s("n bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY"),
        t("sa.Column('n', sa.BigInteger, sa.Identity(), nullable=False)"),
        t("sa.Column('n', sa.BigInteger, sa.Identity(always=True), nullable=False)"),
        ("modify_identity", "n"),
    ),
    spot(
        "where an identity starts",
        s("n bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY (START WITH 100)"),
        t("sa.Column('n', sa.BigInteger, sa.Identity(start=100), nullable=False)"),
        t("sa.Column('n', sa.BigInteger, sa.Identity(start=200), nullable=False)"),
        ("modify_identity", "n"),
    ),
    spot(
        "what a computed column is computed from",
        s("a int", "c int GENERATED ALWAYS AS (a * 2) STORED"),
        t(A, "sa.Column('c', sa.Integer, sa.Computed('a * 2', persisted=True))"),
        t(A, "sa.Column('c', sa.Integer, sa.Computed('a * 3', persisted=True))"),
        ("modify_computed", "c"),
    ),
    spot(
        "a computed column that is a plain one",
        s("a int", "c int"),
        t(A, "sa.Column('c', sa.Integer)"),
        t(A, "sa.Column('c', sa.Integer, sa.Computed('a * 2', persisted=True))"),
        ("modify_computed", "c"),
    ),
    spot(
        "a collation",
        s('b text COLLATE "C"'),
        t("sa.Column('b', sa.Text(collation='C'))"),
        t(B),
        ("modify_collation", "b"),
    ),
    spot(
        "a sequence that no revision makes",
        "CREATE SEQUENCE numbers;" + s(),
        t() + "\nsa.Sequence('numbers', metadata=metadata)",
        t() + "\nsa.Sequence('numbers', metadata=metadata)\nsa.Sequence('more', metadata=metadata)",
        ("add_sequence", "more"),
    ),
    spot(
        "the steps of a sequence",
        "CREATE SEQUENCE numbers INCREMENT BY 10;" + s(),
        t() + "\nsa.Sequence('numbers', increment=10, metadata=metadata)",
        t() + "\nsa.Sequence('numbers', increment=20, metadata=metadata)",
        ("modify_sequence", "numbers"),
    ),
    spot(
        "a view that the models make",
        s("a int") + "CREATE VIEW v AS SELECT id FROM t;",
        t(A) + "\nsa.event.listen(metadata, 'after_create', sa.DDL('CREATE VIEW v AS SELECT id FROM t'))",
        t(A) + "\nsa.event.listen(metadata, 'after_create', sa.DDL('CREATE VIEW v AS SELECT a FROM t'))",
        ("modify_view", "v"),
    ),
    spot(
        "an unlogged table",
        "CREATE UNLOGGED TABLE t (x int);",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), prefixes=['UNLOGGED'])",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer))",
        ("modify_persistence", None),
    ),
    spot(
        "how a table is cut into partitions",
        "CREATE TABLE t (x int) PARTITION BY RANGE (x);",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), postgresql_partition_by='RANGE (x)')",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), postgresql_partition_by='LIST (x)')",
        ("modify_partitioning", None),
    ),
    spot(
        "the storage of a table",
        "CREATE TABLE t (x int) WITH (fillfactor = 70);",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), postgresql_with={'fillfactor': 70})",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer), postgresql_with={'fillfactor': 90})",
        ("modify_table_options", None),
    ),
    spot(
        "INCLUDE of a unique constraint",
        s("a int", "b text", "CONSTRAINT uq UNIQUE (a) INCLUDE (b)"),
        t(A, B, "sa.UniqueConstraint('a', name='uq', postgresql_include=['b'])"),
        t(A, B, "sa.UniqueConstraint('a', name='uq')"),
        ("modify_unique", "uq"),
    ),
    spot(
        "a domain's CHECK",
        "CREATE DOMAIN percent AS int CONSTRAINT p CHECK (VALUE <= 100);" + s("d percent"),
        t(
            "sa.Column('d', postgresql.DOMAIN('percent', sa.Integer, check=sa.text('VALUE <= 100'), constraint_name='p'))"
        ),
        t(
            "sa.Column('d', postgresql.DOMAIN('percent', sa.Integer, check=sa.text('VALUE <= 99'), constraint_name='p'))"
        ),
        ("modify_domain", "percent"),
    ),
    spot(
        "the type of a SERIAL that no longer counts",
        "CREATE TABLE t (x int PRIMARY KEY);",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, primary_key=True, autoincrement=False))",
        "sa.Table('t', metadata, sa.Column('x', sa.Integer, primary_key=True))",
        ("modify_server_default", "x"),
    ),
    spot(
        "a trigger that the models make",
        s("a int") + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
        t(A) + f"\n{MAKE.format('INSERT')}",
        t(A) + f"\n{MAKE.format('UPDATE')}",
        ("modify_trigger", "g"),
    ),
    spot(
        "the comment of a constraint",
        s("a int", "CONSTRAINT ck CHECK (a > 0)") + "COMMENT ON CONSTRAINT ck ON t IS 'why';",
        t(A, "sa.CheckConstraint('a > 0', name='ck', comment='why')"),
        t(A, "sa.CheckConstraint('a > 0', name='ck', comment='whatever')"),
        ("modify_constraint_comment", "ck"),
    ),
]
