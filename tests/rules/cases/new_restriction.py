"""Cases of MG610."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text, total int, state text, "
    "CONSTRAINT ck_total CHECK (total > 0), CONSTRAINT ck_state CHECK (state IN ('new', 'paid')), "
    "CONSTRAINT uq_email UNIQUE (email));"
    "CREATE TABLE parents (id bigint PRIMARY KEY);"
    "CREATE TABLE children (parent_id bigint CONSTRAINT fk_parent REFERENCES parents, span int4range)"
)
ADD = 'op.add_column("orders", sa.Column("code", sa.Text()))\n'

TWO = 'op.add_column("orders", sa.Column("a", sa.Integer()))\nop.add_column("orders", sa.Column("b", sa.Text()))\n'

UNTAKEN = """
if op.get_bind().execute(sa.text("SELECT count(*) FROM parents")).scalar() > 3:
    op.create_check_constraint("ck", "orders", "total < 100")
"""


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return made(f"op.execute({text!r})", hits, **more)


def beside(column: str, hits: int) -> Example:
    """A key of a table that no revision made; the branch before that adds the column was not taken."""
    there = 'if sa.inspect(op.get_bind()).has_table("legacy"):\n    '
    return Example(
        f'{there}op.create_primary_key("legacy_pkey", "legacy", ["id"])',
        released=("op.execute('DELETE FROM other')",),
        earlier=(f'{there}op.execute("ALTER TABLE legacy ADD COLUMN {column}")',),
        hits=hits,
        runs=False,
    )


def instead(name: str, text: str, hits: int) -> Example:
    return made(
        f'op.drop_constraint("{name}", "orders")\nop.create_check_constraint("{name}", "orders", {text!r})', hits
    )


CASES: dict[str, Example] = {
    "a key that the server numbers, of a table that no revision made": beside("id bigserial", 0),
    "a key of such a table that the code fills": beside("id bigint DEFAULT 1", 1),
    "a key of such a table beside another new column": beside("code bigserial", 1),
    "made, dropped and made again": made(
        """
        op.create_check_constraint("ck", "orders", "total < 100")
        op.drop_constraint("ck", "orders")
        op.create_check_constraint("ck", "orders", "total < 90")
        """
    ),
    "a check": made('op.create_check_constraint("ck", "orders", "total < 100")'),
    "a unique constraint": made('op.create_unique_constraint("uq", "orders", ["total"])'),
    "a unique index": made('op.create_index("ux", "orders", ["total"], unique=True)'),
    "a unique index over an expression": made(
        'op.create_index("ux", "orders", [sa.text("lower(email)")], unique=True)'
    ),
    "a primary key": made(
        'op.execute("UPDATE children SET parent_id = 0")\nop.create_primary_key("pk", "children", ["parent_id"])'
    ),
    "a foreign key": made('op.create_foreign_key("fk", "orders", "parents", ["total"], ["id"])'),
    "a foreign key that is not valid": sql(
        "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (total) REFERENCES parents NOT VALID"
    ),
    "an exclusion": sql("ALTER TABLE children ADD CONSTRAINT apart EXCLUDE USING gist (span WITH &&)"),
    "several actions of one statement": sql(
        "ALTER TABLE orders ADD CONSTRAINT a CHECK (total < 9), ADD CONSTRAINT b UNIQUE (state)", 2
    ),
    "in a batch": made(
        'with op.batch_alter_table("orders") as batch:\n    batch.create_unique_constraint("uq", ["state"])'
    ),
    "a quoted and qualified name": Example(
        'op.create_check_constraint("Ck", "T", sa.text(\'"A" > 0\'), schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int)',
    ),
    "on a partitioned table once": Example(
        'op.create_check_constraint("ck", "logs", "a > 0")',
        given="CREATE TABLE logs (a int, day date) PARTITION BY RANGE (day);"
        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    ),
    "a new column must have a value": made(
        ADD + 'op.create_check_constraint("ck", "orders", "code IS NOT NULL", postgresql_not_valid=True)'
    ),
    "a new and an old column": made(
        ADD + 'op.create_check_constraint("ck", "orders", "code IS NOT NULL OR total > 5")'
    ),
    "nulls are not distinct": made(
        ADD + 'op.execute("ALTER TABLE orders ADD CONSTRAINT uq UNIQUE NULLS NOT DISTINCT (code)")'
    ),
    "a stricter check instead": instead("ck_total", "total > 10", 1),
    "an equal check instead": instead("ck_total", "total  >  0", 0),
    "a looser check instead": instead("ck_total", "total >= 0", 0),
    "a check with one value more": instead("ck_state", "state IN ('new', 'paid', 'void')", 0),
    "a check with one value less": instead("ck_state", "state IN ('new')", 1),
    "a check with an alternative more": instead("ck_total", "total > 0 OR state = 'void'", 0),
    "a check with a condition more": instead("ck_total", "total > 0 AND state <> 'new'", 1),
    "a condition on a new column that is null": made(
        'op.drop_constraint("ck_total", "orders")\n'
        + ADD
        + 'op.create_check_constraint("ck_total", "orders", "total > 0 AND code IS NULL OR code = \'x\'")',
        0,
    ),
    "what the values allowed so far imply": made(
        'op.create_check_constraint("ck", "orders", "state <> \'void\' OR (total IS NULL AND email IS NULL)")', 0
    ),
    "what an older check implies": made('op.create_check_constraint("ck", "orders", "total >= 0")', 0),
    "what not null implies": made('op.create_check_constraint("ck", "orders", "id IS NOT NULL")', 0),
    "more columns than an older key": made('op.create_unique_constraint("uq", "orders", ["id", "state"])', 0),
    "a unique index instead of a constraint": made(
        """
        op.create_index("ux", "orders", ["email"], unique=True)
        op.drop_constraint("uq_email", "orders")
        """,
        0,
    ),
    "a partial index instead of a whole one": made(
        """
        op.drop_constraint("uq_email", "orders")
        op.create_index("ux", "orders", ["email"], unique=True, postgresql_where=sa.text("state = 'new'"))
        """,
        0,
    ),
    "a whole index instead of a partial one": Example(
        'op.drop_index("ux", "t")\nop.create_index("ux", "t", ["a"], unique=True)',
        given="CREATE TABLE t (a int, b int);CREATE UNIQUE INDEX ux ON t (a) WHERE b = 1",
    ),
    "a unique index instead of a plain one of its name": Example(
        'op.drop_index("ix", "t")\nop.create_index("ix", "t", ["a"], unique=True)',
        given="CREATE TABLE t (a int);CREATE INDEX ix ON t (a)",
    ),
    "the same after a rename": made(
        """
        op.alter_column("orders", "email", new_column_name="mail")
        op.drop_constraint("uq_email", "orders")
        op.create_unique_constraint("uq_mail", "orders", ["mail"])
        """,
        0,
    ),
    "an index becomes a constraint": made(
        'op.execute("ALTER TABLE orders ADD CONSTRAINT uq UNIQUE USING INDEX ux")',
        0,
        given=GIVEN + ";CREATE UNIQUE INDEX ux ON orders (total)",
    ),
    "a foreign key that cascades instead": made(
        """
        op.drop_constraint("fk_parent", "children")
        op.create_foreign_key("fk_parent", "children", "parents", ["parent_id"], ["id"], ondelete="CASCADE")
        """,
        0,
    ),
    "a foreign key that cascades no more": made(
        """
        op.drop_constraint("fk", "kids")
        op.create_foreign_key("fk", "kids", "parents", ["a"], ["id"])
        """,
        given=GIVEN + ";CREATE TABLE kids (a bigint CONSTRAINT fk REFERENCES parents ON DELETE CASCADE)",
    ),
    "new columns": made(
        ADD
        + """op.create_unique_constraint("uq", "orders", ["code"])
op.create_check_constraint("ck", "orders", "char_length(code) < 10")
op.add_column("orders", sa.Column("parent_id", sa.BigInteger(), sa.ForeignKey("parents.id", name="fk")))""",
        0,
    ),
    "a partial index over a new flag": made(
        """
        op.add_column("orders", sa.Column("main", sa.Boolean(), server_default=sa.false(), nullable=False))
        op.create_index("ux", "orders", ["state"], unique=True, postgresql_where=sa.text("main"))
        """,
        0,
    ),
    "a primary key over a column that the server numbers": Example(
        """
        op.execute("ALTER TABLE entries ADD COLUMN id bigserial NOT NULL")
        op.create_primary_key("entries_pkey", "entries", ["id"])
        """,
        given="CREATE TABLE entries (note text)",
        hits=0,
    ),
    "a check over a column that the running code has to fill": Example(
        """
        op.alter_column("people", "email", nullable=True)
        op.create_check_constraint("ck", "people", "kind = 'guest' OR email IS NOT NULL")
        """,
        given="CREATE TABLE people (id int PRIMARY KEY, kind text, email text NOT NULL)",
        hits=0,
    ),
    "a partial index that old rows are in": made(
        """
        op.add_column("orders", sa.Column("deleted_at", sa.DateTime()))
        op.create_index("ux", "orders", ["state"], unique=True, postgresql_where=sa.text("deleted_at IS NULL"))
        """
    ),
    "a scaffold that goes again": made(
        """
        op.create_check_constraint("ck", "orders", "state IS NOT NULL", postgresql_not_valid=True)
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck")
        op.alter_column("orders", "state", nullable=False)
        op.drop_constraint("ck", "orders")
        """,
        0,
    ),
    "an index that is not unique": made('op.create_index("ix", "orders", ["total"])', 0),
    "a table of this deployment": made(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("a", sa.Integer()))
        op.create_unique_constraint("uq", "notes", ["a"])
        op.create_foreign_key("fk", "notes", "parents", ["a"], ["id"])
        """,
        0,
    ),
    "a primary key over a column that old code cannot leave out": made(
        """
        op.add_column("children", sa.Column("id", sa.BigInteger(), nullable=False))
        op.create_primary_key("pk_children", "children", ["id"])
        """,
        0,
    ),
    "a unique key over a new column that has one value for all": made(
        """
        op.add_column("orders", sa.Column("code", sa.Text(), nullable=False, server_default="x"))
        op.create_unique_constraint("uq", "orders", ["code"])
        """
    ),
    "new columns that are NULL together": made(
        TWO + 'op.create_check_constraint("ck", "orders", "(a IS NULL) = (b IS NULL)")', 0
    ),
    "at most one of the new columns": made(
        TWO + 'op.create_check_constraint("ck", "orders", "num_nonnulls(a, b) <= 1")', 0
    ),
    "just one of the new columns": made(TWO + 'op.create_check_constraint("ck", "orders", "num_nonnulls(a, b) = 1")'),
    "a new column that has another default": made(
        """
        op.add_column("orders", sa.Column("kind", sa.Text(), server_default="old"))
        op.create_check_constraint("ck", "orders", "kind = 'new'", postgresql_not_valid=True)
        """
    ),
    "a new column that has a default among the allowed": made(
        """
        op.add_column("orders", sa.Column("kind", sa.Text(), server_default="old", nullable=False))
        op.create_check_constraint("ck", "orders", "kind IN ('old', 'new')")
        """,
        0,
    ),
    "a wider range under another name": made(
        'op.drop_constraint("ck_r", "t")\nop.create_check_constraint("ck_wide", "t", "a BETWEEN 0 AND 6")',
        0,
        given="CREATE TABLE t (a int, CONSTRAINT ck_r CHECK (a BETWEEN 0 AND 5))",
    ),
    "a narrower range": made(
        'op.drop_constraint("ck_r", "t")\nop.create_check_constraint("ck_r", "t", "a BETWEEN 0 AND 4")',
        given="CREATE TABLE t (a int, CONSTRAINT ck_r CHECK (a >= 0 AND a <= 5))",
    ),
    "a range instead of its values": made(
        'op.drop_constraint("ck_r", "t")\nop.create_check_constraint("ck_r", "t", "a >= 0 AND a < 3")',
        0,
        given="CREATE TABLE t (a int, CONSTRAINT ck_r CHECK (a IN (0, 1, 2)))",
    ),
    "a range that lacks a value": made(
        'op.drop_constraint("ck_r", "t")\nop.create_check_constraint("ck_r", "t", "a > 0 AND a < 3")',
        given="CREATE TABLE t (a int, CONSTRAINT ck_r CHECK (a IN (0, 1, 2)))",
    ),
    "the same foreign key under another name": made(
        """
        op.drop_constraint("fk_parent", "children")
        op.create_foreign_key("fk_children_parent", "children", "parents", ["parent_id"], ["id"])
        """,
        0,
    ),
    "the same foreign key in one statement": sql(
        "ALTER TABLE children DROP CONSTRAINT fk_parent, ADD CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parents",
        0,
    ),
    "a partial index over fewer rows": Example(
        """
        op.drop_index("ux", "t")
        op.create_index("ux", "t", ["a"], unique=True, postgresql_where=sa.text("b > 9 AND c IS NULL"))
        """,
        given="CREATE TABLE t (a int, b int, c int);CREATE UNIQUE INDEX ux ON t (a) WHERE b > 1",
        hits=0,
    ),
    "a partial index over other rows": Example(
        """
        op.drop_index("ux", "t")
        op.create_index("ux", "t", ["a"], unique=True, postgresql_where=sa.text("b > 0"))
        """,
        given="CREATE TABLE t (a int, b int, c int);CREATE UNIQUE INDEX ux ON t (a) WHERE b > 1",
    ),
    "a table that the running code does not reach any more": made(
        """
        op.rename_table("orders", "purchases")
        op.create_check_constraint("ck", "purchases", "total < 100")
        """,
        0,
    ),
    "a side of a branch, and a later revision that drops the table": made(
        'op.drop_table("orders")', 0, earlier=(UNTAKEN,)
    ),
    "a side of a branch, and a later revision that drops another table": made(
        'op.drop_table("children")', earlier=(UNTAKEN,)
    ),
    "a unique key that becomes citext": made(
        'op.execute("ALTER TABLE orders ALTER COLUMN email TYPE citext")',
        given=f"{GIVEN};CREATE EXTENSION citext",
        runs=False,
    ),
    "a unique key that is kept in lower case too": made(
        'op.execute("ALTER TABLE orders ALTER COLUMN email TYPE citext")',
        0,
        given=f"{GIVEN};CREATE EXTENSION citext;CREATE UNIQUE INDEX ux ON orders (lower(email))",
        runs=False,
    ),
    "citext without a key": made(
        'op.execute("ALTER TABLE orders ALTER COLUMN state TYPE citext")',
        0,
        given=f"{GIVEN};CREATE EXTENSION citext",
        runs=False,
    ),
    "a primary key that the way back makes again in another order": Example(
        'op.drop_constraint("pk_stock", "stock", type_="primary")\n'
        'op.create_primary_key("pk_stock", "stock", ["a", "b", "c"])',
        downgrade='op.drop_constraint("pk_stock", "stock", type_="primary")\n'
        'op.create_primary_key("pk_stock", "stock", ["c", "a", "b"])',
        hits=0,
    ),
    "a primary key that the way back makes again over more columns": Example(
        'op.drop_constraint("pk_stock", "stock", type_="primary")\n'
        'op.create_primary_key("pk_stock", "stock", ["a", "b"])',
        downgrade='op.drop_constraint("pk_stock", "stock", type_="primary")\n'
        'op.create_primary_key("pk_stock", "stock", ["c", "a", "b"])',
    ),
    "a foreign key of a column under a name that the running code does not know": Example(
        'op.alter_column("orders", "person", new_column_name="person_id")\n'
        'op.create_foreign_key("fk", "orders", "people", ["person_id"], ["id"])',
        given="CREATE TABLE people (id bigint PRIMARY KEY);CREATE TABLE orders (person bigint)",
        hits=0,
    ),
    "a foreign key of a column that the running code knows": Example(
        'op.create_foreign_key("fk", "orders", "people", ["person"], ["id"])',
        given="CREATE TABLE people (id bigint PRIMARY KEY);CREATE TABLE orders (person bigint)",
    ),
}
