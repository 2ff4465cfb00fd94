"""Cases of MG702."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text, phone text)"
REQUIRE = 'op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)\n'
ADD = 'op.add_column("orders", sa.Column("code", sa.Text()))\n'
CODE = REQUIRE.replace("email", "code")


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def after(text: str, hits: int = 0) -> Example:
    return made(f"op.execute({text!r})\n{REQUIRE}", hits)


def asked(fill: str, column: str = "email") -> Example:
    """A revision that looks for rows without a value, and has rows for something else to do then."""
    return made(
        f"""
        bind = op.get_bind()
        gaps = bind.execute(sa.text("SELECT count(*) FROM orders WHERE {column} IS NULL")).fetchone()[0]
        if gaps > 0:
            first = bind.execute(sa.text("SELECT phone FROM orders")).fetchone()[0]
            {fill}
        {REQUIRE}
        """,
        hits=0 if column == "email" and fill == FILL else 1,
    )


FILL = 'bind.execute(sa.text("UPDATE orders SET email = :a WHERE email IS NULL").params({"a": first}))'


def keyed(code: str, hits: int = 0, key: str = '["code", "name"]') -> Example:
    """A primary key that takes the place of another."""
    given = "CREATE TABLE hosts (name text, pid int, note text, CONSTRAINT pk_old PRIMARY KEY (name, pid))"
    made = f'op.create_primary_key("pk_new", "hosts", {key})'
    return Example(f'op.drop_constraint("pk_old", "hosts", type_="primary")\n{code.format(made)}', given, hits=hits)


CASES: dict[str, Example] = {
    "filled where a query has found gaps": asked(FILL),
    "filled where a query has found other gaps": asked(FILL, "phone"),
    "some of the gaps filled where a query has found them": asked(FILL.replace("IS NULL", "IS NULL AND id > 5")),
    "another column filled where a query has found gaps": asked(FILL.replace("SET email", "SET phone")),
    "filled under another condition where a query has found gaps": asked(f"if first: {FILL}"),
    "sql with several actions": made(
        'op.execute("ALTER TABLE orders ALTER email SET NOT NULL, ALTER COLUMN phone SET NOT NULL")', 2
    ),
    "a quoted and qualified name": Example(
        'op.execute(\'ALTER TABLE s."T" ALTER "A" SET NOT NULL\')', given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int)'
    ),
    "a new column that nothing filled": made(ADD + CODE),
    "a default that came later fills no row": made('op.alter_column("orders", "email", server_default="")\n' + REQUIRE),
    "another column was filled": after("UPDATE orders SET phone = ''", 1),
    "filled with null": after("UPDATE orders SET email = NULL", 1),
    "a check that is not valid proves nothing": made(
        'op.create_check_constraint("ck", "orders", "email IS NOT NULL", postgresql_not_valid=True)\n' + REQUIRE
    ),
    "a constraint of postgresql 18": made(
        'op.execute("ALTER TABLE orders ADD CONSTRAINT nn NOT NULL email")', server="postgresql 18"
    ),
    "mysql": made(
        'op.alter_column("orders", "email", existing_type=sa.String(9), nullable=False)',
        given="CREATE TABLE orders (id int PRIMARY KEY, email varchar(9))",
        server="mysql 8.0",
    ),
    "filled in part counts": after("UPDATE orders SET email = '' WHERE email IS NULL"),
    "filled by a statement of sqlalchemy": made(
        'orders = sa.table("orders", sa.column("email"))\nop.execute(orders.update().values(email=""))\n' + REQUIRE, 0
    ),
    "filled in a block": after("DO $$ BEGIN UPDATE orders SET email = '' WHERE email IS NULL; END $$"),
    "filled by a released revision": made(REQUIRE, 0, released=("op.execute(\"UPDATE orders SET email = ''\")",)),
    "filled row by row": made(
        """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM orders")):
            bind.execute(sa.text("UPDATE orders SET email = :e WHERE id = :id"), {"e": str(row.id), "id": row.id})
        op.alter_column("orders", "email", nullable=False)
        """,
        0,
    ),
    "filled by a helper in batches": made(
        """
        def fill(rows):
            for row in rows:
                op.get_bind().execute(sa.table("orders", sa.column("email")).update().values(email=row.phone))

        def upgrade():
            rows = op.get_bind().execute(sa.text("SELECT * FROM orders")).fetchall()
            while rows:
                fill(rows)
                rows = []
            op.alter_column("orders", "email", nullable=False)
        """,
        0,
    ),
    "a loop about something else": made(
        """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM orders")):
            bind.execute(sa.text("UPDATE orders SET phone = '' WHERE id = :id"), {"id": row.id})
        op.alter_column("orders", "email", nullable=False)
        """
    ),
    "filled in a loop by a statement made before it": made(
        """
        bind = op.get_bind()
        stmt = sa.text("UPDATE orders SET email = :e WHERE id = :id")
        for row in bind.execute(sa.text("SELECT id FROM orders")):
            bind.execute(stmt, {"id": row.id, "e": ""})
        op.alter_column("orders", "email", nullable=False)
        """,
        0,
    ),
    "another statement before a loop about something else": made(
        """
        bind = op.get_bind()
        other = sa.text("UPDATE orders SET email = :e WHERE id = :id")
        stmt = sa.text("UPDATE orders SET phone = :e WHERE id = :id")
        for row in bind.execute(sa.text("SELECT id FROM orders")):
            bind.execute(stmt, {"id": row.id, "e": ""})
        op.alter_column("orders", "email", nullable=False)
        """
    ),
    "a loop of the downgrade": made(
        """
        def upgrade():
            op.alter_column("orders", "email", nullable=False)

        def downgrade():
            bind = op.get_bind()
            op.alter_column("orders", "email", nullable=True)
            for row in bind.execute(sa.text("SELECT id FROM orders")):
                bind.execute(sa.text("UPDATE orders SET email = NULL WHERE id = :id"), {"id": row.id})
        """
    ),
    "empty rows deleted": after("DELETE FROM orders WHERE email IS NULL"),
    "empty rows deleted among others": after("DELETE FROM orders WHERE email IS NULL OR phone IS NULL"),
    "some of the empty rows deleted": after("DELETE FROM orders WHERE email IS NULL AND phone IS NULL", 1),
    "all rows deleted": after("TRUNCATE orders"),
    "came with a default": made(
        'op.add_column("orders", sa.Column("code", sa.Text(), server_default="x"))\n'
        'op.alter_column("orders", "code", server_default=None)\n' + CODE,
        0,
    ),
    "created with a default": made(
        'op.alter_column("t", "a", nullable=False)', 0, given="CREATE TABLE t (a int DEFAULT 0)"
    ),
    "a valid check proves it": made(
        REQUIRE, 0, given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck CHECK (email IS NOT NULL AND id > 0)"
    ),
    "a check validated in this deployment proves it": made(
        """
        op.create_check_constraint("ck", "orders", "email IS NOT NULL", postgresql_not_valid=True)
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck")
        op.alter_column("orders", "email", nullable=False)
        """,
        0,
    ),
    "a released fill, and empty texts made null here": made(
        f"op.execute(\"UPDATE orders SET email = NULL WHERE email = ''\")\n{REQUIRE}",
        released=("op.execute(\"UPDATE orders SET email = 'x'\")",),
    ),
    "filled, then nullif": made(
        "op.execute(\"UPDATE orders SET email = '' WHERE email IS NULL\")\n"
        f"op.execute(\"UPDATE orders SET email = NULLIF(trim(email), '')\")\n{REQUIRE}"
    ),
    "nullif is no fill": after("UPDATE orders SET email = NULLIF(email, '')", 1),
    "a case with a null in it": after("UPDATE orders SET email = CASE WHEN email = '-' THEN NULL ELSE email END", 1),
    "made null by Core": made(
        'orders = sa.table("orders", sa.column("email"))\n'
        "op.execute(orders.update().where(orders.c.email == '').values(email=sa.null()))\n" + REQUIRE,
        released=("op.execute(\"UPDATE orders SET email = 'x'\")",),
    ),
    "not null in between": made(
        'op.alter_column("t", "a", nullable=True)\nop.execute("UPDATE t SET a = NULL WHERE a = 0")\n'
        'op.alter_column("t", "a", nullable=False)',
        given="CREATE TABLE t (a int NOT NULL)",
    ),
    "made null under another name": made(
        "op.execute(\"UPDATE orders SET email = NULLIF(email, '')\")\n"
        'op.alter_column("orders", "email", new_column_name="mail")\n' + REQUIRE.replace("email", "mail")
    ),
    "made null in an earlier revision": made(
        REQUIRE, earlier=("op.execute(\"UPDATE orders SET email = NULLIF(email, '')\")",)
    ),
    "made null, and another value moved": made(
        "op.execute(\"UPDATE orders SET email = NULL WHERE email = ''\")\n"
        f"op.execute(\"UPDATE orders SET email = 'b' WHERE email = 'a'\")\n{REQUIRE}"
    ),
    "made null and filled": made(
        "op.execute(\"UPDATE orders SET email = NULL WHERE email = ''\")\n"
        f"op.execute(\"UPDATE orders SET email = '-' WHERE email IS NULL\")\n{REQUIRE}",
        0,
    ),
    "made null and deleted": made(
        "op.execute(\"UPDATE orders SET email = NULLIF(email, '')\")\n"
        f'op.execute("DELETE FROM orders WHERE email IS NULL")\n{REQUIRE}',
        0,
    ),
    "nullif with something else instead": after("UPDATE orders SET email = COALESCE(NULLIF(email, ''), '-')"),
    "another column made null": made(
        "op.execute(\"UPDATE orders SET email = '' WHERE email IS NULL\")\n"
        f"op.execute(\"UPDATE orders SET phone = NULLIF(phone, '')\")\n{REQUIRE}",
        0,
    ),
    "not null before": made(REQUIRE.replace("email", "id"), 0),
    "not null when the deployment began": Example(
        'op.alter_column("t", "a", nullable=True)\nop.alter_column("t", "a", nullable=False)',
        given="CREATE TABLE t (a int NOT NULL)",
        hits=0,
    ),
    "not valid in postgresql 18": made(
        'op.execute("ALTER TABLE orders ADD CONSTRAINT nn NOT NULL email NOT VALID")', 0, server="postgresql 18"
    ),
    "validated in postgresql 18": made(
        'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT nn")',
        server="postgresql 18",
        earlier=('op.execute("ALTER TABLE orders ADD CONSTRAINT nn NOT NULL email NOT VALID")',),
    ),
    "a table of this deployment": made(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("text", sa.Text()))
        op.alter_column("notes", "text", nullable=False)
        """,
        0,
    ),
    "a primary key over a new column": keyed('op.add_column("hosts", sa.Column("code", sa.Text()))\n{}', 1),
    "a primary key over a new column with a default": keyed(
        'op.add_column("hosts", sa.Column("code", sa.Text(), server_default="-"))\n{}'
    ),
    "a primary key over a column that is filled": keyed(
        'op.add_column("hosts", sa.Column("code", sa.Text()))\nop.execute("UPDATE hosts SET code = name")\n{}'
    ),
    "a primary key over a column that is made NOT NULL before": keyed(
        'op.add_column("hosts", sa.Column("code", sa.Text()))\nop.alter_column("hosts", "code", nullable=False)\n{}', 1
    ),
    "a primary key over columns of the last one": keyed("{}", key='["pid", "name"]'),
    "a primary key over a column that may be NULL": keyed("{}", 1, key='["note", "name"]'),
    "a primary key of an index over a column that may be NULL": keyed(
        'op.create_index("ix", "hosts", ["note"], unique=True)\n'
        'op.execute("ALTER TABLE hosts ADD PRIMARY KEY USING INDEX ix")',
        1,
    ),
    "a primary key over a column of an unknown table": Example(
        'op.create_primary_key("pk", "hosts", ["pid", "name"])', hits=0
    ),
}
