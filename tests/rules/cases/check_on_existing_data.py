"""Cases of MG704."""

import textwrap

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE parents (id bigint PRIMARY KEY);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, total int, state text, parent_id bigint, "
    "CONSTRAINT ck_total CHECK (total > 0));"
    "CREATE TABLE children (parent_id bigint CONSTRAINT fk_parent REFERENCES parents ON DELETE CASCADE)"
)
ADD = 'op.add_column("orders", sa.Column("code", sa.Text()))\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return made(f"op.execute({text!r})", hits, **more)


def unmade(code: str, hits: int = 1) -> Example:
    """Statements on a table that the history never made, and then a check of it."""
    check = """op.create_check_constraint("ck", "rooms", "why != ''")"""
    return Example(f"{textwrap.dedent(code)}\n{check}", hits=hits, runs=False)


STATES = "state IN ('a', 'b')"


def before(text: str, check: str, hits: int = 0) -> Example:
    return made(f"op.execute({text!r})\nop.create_check_constraint('ck', 'orders', {check!r})", hits)


def orphan(text: str, hits: int = 0) -> Example:
    return made(f'op.execute({text!r})\nop.create_foreign_key("fk", "orders", "parents", ["parent_id"], ["id"])', hits)


def filled(column: str, code: str = "", hits: int = 1, **more: object) -> Example:
    """A foreign key over a column that the deployment adds."""
    added = f'op.add_column("orders", sa.Column("p", sa.BigInteger(), {column}))\n'
    return made(f'{added}{code}\nop.create_foreign_key("fk", "orders", "parents", ["p"], ["id"])', hits, **more)


LEVELS = """
op.add_column("orders", sa.Column("a", sa.Integer(), nullable=False, server_default="0"))
op.alter_column("orders", "a", server_default=None)
op.execute("UPDATE orders SET a = 2 WHERE state = 'x'")
op.add_column("orders", sa.Column("b", sa.Integer(), nullable=False, server_default="0"))
op.alter_column("orders", "b", server_default=None)
op.execute("UPDATE orders SET b = {} WHERE state = 'x'")
op.create_check_constraint("ck", "orders", "a <= b")
"""
AGAIN = """
op.drop_constraint("ck", "t")
op.execute("UPDATE t SET a = 'z', b = b || '!' WHERE a = 'x'")
op.create_check_constraint("ck", "t", {!r})
"""
KINDS = "CREATE TABLE t (a text, b text, CONSTRAINT ck CHECK (a IN ('x', 'y')))"

MANY = [f"c{number}" for number in range(12)]
COLUMNS, ALL = ", ".join(f"{c} int" for c in MANY), " AND ".join(f"{c} > 5" for c in MANY)
WIDE = f"CREATE TABLE t ({COLUMNS}, CONSTRAINT ck CHECK ({ALL}))"
NONE = " AND ".join(f"{c} IS NULL" for c in MANY[:9])
ONE_OF = " OR ".join(f"({NONE.replace(f'{c} IS', f'{c} IS NOT')})" for c in MANY[:9])
SINGLE = f"CREATE TABLE t ({COLUMNS}, CONSTRAINT ck CHECK ({ONE_OF}))"


def wide(check: str, hits: int = 0, given: str = WIDE) -> Example:
    return made(f'op.drop_constraint("ck", "t")\nop.create_check_constraint("ck", "t", {check!r})', hits, given=given)


SHIFTS = "CREATE TABLE shifts (id bigint PRIMARY KEY, length interval, code text)"


def settled(update: str, check: str, hits: int = 0) -> Example:
    """Rows are written, and held against a check."""
    return Example(
        f"op.execute({update!r})\nop.create_check_constraint('ck_shifts', 'shifts', {check!r})", given=SHIFTS, hits=hits
    )


REFERRING = (
    "CREATE TABLE teams (id bigint PRIMARY KEY, code bigint);"
    "CREATE TABLE members (id bigint PRIMARY KEY, team_id bigint CONSTRAINT fk_team REFERENCES teams)"
)
DROP_KEY = 'op.drop_constraint("fk_team", "members", type_="foreignkey")\n'


def referring(between: str, columns: str = '["id"]', hits: int = 0) -> Example:
    """A foreign key is dropped, something is done to the table that it refers to, and it is added to that again."""
    added = f'op.create_foreign_key("fk_group", "members", "groups", ["team_id"], {columns})'
    return Example(f"{DROP_KEY}{between}\n{added}", given=REFERRING, hits=hits)


FILL = 'op.execute("UPDATE members SET team_id = 7 WHERE team_id IS NULL")\n'


def added_again(since: str, hits: int = 0) -> Example:
    """A new column is filled under a foreign key, which is dropped, and added again after something else."""
    column = 'sa.Column("team_id", sa.BigInteger(), sa.ForeignKey("teams.id", name="fk_team"))'
    strict = 'op.alter_column("members", "team_id", nullable=False)\n'
    again = 'op.create_foreign_key("fk_team", "members", "teams", ["team_id"], ["id"])'
    return Example(
        f"{FILL}{DROP_KEY}{since}{strict}{again}",
        given=REFERRING.replace(", team_id bigint CONSTRAINT fk_team REFERENCES teams", ""),
        earlier=(f'op.add_column("members", {column})',),
        hits=hits,
    )


def copied(value: str, hits: int = 0, more: str = "", first: str = "") -> Example:
    """A new column gets its references from other tables."""
    given = (
        "CREATE TABLE teams (id bigint PRIMARY KEY);CREATE TABLE members (id bigint PRIMARY KEY);"
        "CREATE TABLE tickets (member_id bigint, n bigint, team_id bigint REFERENCES teams)"
    )
    joined = "FROM tickets t JOIN teams g ON g.id = t.team_id WHERE m.id = t.member_id"
    fill = f"UPDATE members m SET team_id = {value} {joined}"
    return Example(
        'op.add_column("members", sa.Column("team_id", sa.BigInteger()))\n'
        f'{first}op.execute({fill!r})\n{more}op.create_foreign_key("fk", "members", "teams", ["team_id"], ["id"])',
        given=given,
        hits=hits,
    )


KEYED = """
op.add_column("orders", sa.Column("ref", sa.Text()))
op.execute("UPDATE orders SET {0} WHERE total = 1")
{1}
op.create_check_constraint("ck", "orders", "state != 'b' OR ref IS NULL")
"""


CASES: dict[str, Example] = {
    "a key to a table that is renamed": referring('op.rename_table("teams", "groups")'),
    "a key to a column that is renamed too": referring(
        'op.rename_table("teams", "groups")\nop.alter_column("groups", "id", new_column_name="no")', '["no"]'
    ),
    "references that another table's key vouches for": copied("t.team_id"),
    "references that are the keys themselves": copied("g.id"),
    "numbers of another table that nothing vouches for": copied("t.n", 1),
    "references, and others": copied("t.team_id", 1, 'op.execute("UPDATE members SET team_id = 7 WHERE id = 3")\n'),
    "references of rows that go meanwhile": copied("g.id", 1, 'op.execute("DELETE FROM teams WHERE id > 7")\n'),
    "references that a subquery picks": copied("(SELECT id FROM teams WHERE teams.id = t.n)"),
    "references that a subquery picks by a name of its own": copied("(SELECT max(k.id) FROM teams AS k, tickets)"),
    "references that a subquery picks from where a key vouches for them": copied(
        "(SELECT k.team_id FROM tickets k WHERE k.member_id = m.id LIMIT 1)"
    ),
    "numbers that a subquery picks": copied("(SELECT k.n FROM tickets k WHERE k.member_id = m.id LIMIT 1)", 1),
    "numbers that a subquery picks from outside of it": copied("(SELECT n FROM teams WHERE teams.id = t.n)", 1),
    "a number that a subquery makes": copied("(SELECT id + 1 FROM teams WHERE teams.id = t.n)", 1),
    "references of rows that went before": copied("g.id", first='op.execute("DELETE FROM teams WHERE id > 7")\n'),
    "references to keys that change meanwhile": copied("g.id", 1, 'op.execute("UPDATE teams SET id = id + 1")\n'),
    "references and rows without one": copied(
        "g.id", 0, 'op.execute("UPDATE members SET team_id = NULL WHERE id = 3")\n'
    ),
    "references, and others on a side that is not taken": copied(
        "g.id",
        1,
        'if op.get_bind().execute(sa.text("SELECT id FROM members")).fetchall():\n'
        '    op.execute("UPDATE members SET team_id = 7 WHERE id = 3")\n',
    ),
    "references, and others in a loop over rows": copied(
        "g.id",
        1,
        'for row in op.get_bind().execute(sa.text("SELECT id FROM members")):\n'
        '    op.get_bind().execute(sa.text("UPDATE members SET team_id = 7 WHERE id = :i"), {"i": row.id})\n',
    ),
    "a key of the deployment that this transaction has dropped": added_again(""),
    "a key of the deployment, and rows that were written since": added_again(FILL, 1),
    "a key to another column of it": referring(
        'op.rename_table("teams", "groups")\nop.create_unique_constraint("uq", "groups", ["code"])', '["code"]', 1
    ),
    "a key to another table": referring(
        'op.drop_table("teams")\nop.create_table("groups", sa.Column("id", sa.BigInteger(), primary_key=True))', hits=1
    ),
    "rows that a function has settled where they were not": settled(
        "UPDATE shifts SET length = date_trunc('minute', length) WHERE date_trunc('minute', length) != length",
        "date_trunc('minute', length) = length",
    ),
    "rows that a function has settled, asked for the other way round": settled(
        "UPDATE shifts SET code = lower(code)", "code = lower(code)"
    ),
    "only some rows that a function has settled": settled(
        "UPDATE shifts SET code = lower(code) WHERE id > 7", "code = lower(code)", 1
    ),
    "rows that a function has changed, which it would change again": settled(
        "UPDATE shifts SET code = lower(code || 'X')", "code = lower(code || 'X')", 1
    ),
    "rows that another function has settled": settled("UPDATE shifts SET code = upper(code)", "code = lower(code)", 1),
    "rows that differ where they must not": settled("UPDATE shifts SET code = lower(code)", "code <> lower(code)", 1),
    "a looser check over many columns": wide(" AND ".join(f"{c} > 0" for c in MANY)),
    "a check over many columns, stricter for one": wide(" AND ".join(f"{c} > {9 * (c == 'c7')}" for c in MANY), 1),
    "one of many columns, or none": wide(f"{ONE_OF} OR ({NONE})", given=SINGLE),
    "one of many columns, stricter for one": wide(ONE_OF.replace("c0 IS NOT NULL", "c0 > 0"), 1, given=SINGLE),
    "a looser check than the way back makes again": Example(
        'op.drop_constraint("ck_kind", "legacy")\nop.create_check_constraint("ck_kind", "legacy", "kind IN (1, 2, 3)")',
        released=('op.add_column("legacy", sa.Column("state", sa.Text()))',),
        downgrade='op.drop_constraint("ck_kind", "legacy")\n'
        'op.create_check_constraint("ck_kind", "legacy", "kind IN (1, 2)")',
        hits=0,
        runs=False,
    ),
    "a stricter check than the way back makes again": Example(
        'op.drop_constraint("ck_kind", "legacy")\nop.create_check_constraint("ck_kind", "legacy", "kind IN (1, 2)")',
        released=('op.add_column("legacy", sa.Column("state", sa.Text()))',),
        downgrade='op.drop_constraint("ck_kind", "legacy")\n'
        'op.create_check_constraint("ck_kind", "legacy", "kind IN (1, 2, 3)")',
        runs=False,
    ),
    "a key column full of one default": filled("nullable=False, server_default='0'"),
    "a key column full of a default that is dropped": filled(
        "nullable=False, server_default='0'", 'op.alter_column("orders", "p", server_default=None)'
    ),
    "a key column full of a default, with its key": sql(
        "ALTER TABLE orders ADD COLUMN p bigint NOT NULL DEFAULT 0 REFERENCES parents"
    ),
    "a key column that is given a default later": filled(
        "nullable=True", 'op.alter_column("orders", "p", server_default="0")', 0
    ),
    "a key column full of NULL": filled("server_default=sa.text('NULL')", hits=0),
    "a key column filled with one value by an earlier revision": made(
        'op.create_foreign_key("fk", "orders", "parents", ["p"], ["id"])',
        earlier=('op.add_column("orders", sa.Column("p", sa.BigInteger()))\nop.execute("UPDATE orders SET p = 1")',),
    ),
    "a key column full of one default, to a row that is put there": filled(
        "nullable=False, server_default='0'", 'op.execute("INSERT INTO parents (id) VALUES (0)")', 0
    ),
    "to another row than the one that is put there": filled(
        "nullable=False, server_default='0'", 'op.execute("INSERT INTO parents (id) VALUES (1)")'
    ),
    "a key column of the old name, full of one default": made(
        """
        op.alter_column("children", "parent_id", new_column_name="old_id")
        op.add_column("children", sa.Column("parent_id", sa.BigInteger(), nullable=False, server_default="0"))
        op.create_foreign_key("fk", "children", "parents", ["parent_id"], ["id"])
        """
    ),
    "a key column of the name of one that is dropped": made(
        """
        op.drop_column("children", "parent_id")
        op.add_column("children", sa.Column("parent_id", sa.BigInteger(), nullable=False, server_default="0"))
        op.create_foreign_key("fk", "children", "parents", ["parent_id"], ["id"])
        """
    ),
    "a new column filled along with what lets it in": made(KEYED.format("state = 'a', ref = id::text", ""), 0),
    "a new column filled along with what does not": made(KEYED.format("state = 'b', ref = id::text", "")),
    "a new column filled alone": made(KEYED.format("ref = id::text", "")),
    "a new column filled along with what is written once more": made(
        KEYED.format("state = 'a', ref = id::text", "op.execute(\"UPDATE orders SET state = 'b'\")")
    ),
    "a new column filled along with it, and a new row": made(
        KEYED.format(
            "state = 'a', ref = id::text", "op.execute(\"INSERT INTO orders (id, state, ref) VALUES (1, 'b', 'x')\")"
        )
    ),
    "new columns filled by one condition so that they fit": made(LEVELS.format(2), 0),
    "new columns filled by one condition so that they do not": made(LEVELS.format(1)),
    "a new column with a default that the check refuses": sql(
        "ALTER TABLE orders ADD COLUMN code text DEFAULT 'c' CHECK (code IN ('a', 'b'))"
    ),
    "a check made again with the value that is written in between": made(
        AGAIN.format("a IN ('x', 'y', 'z')"), 0, given=KINDS
    ),
    "a check made again without the value that is written in between": made(
        AGAIN.format("a IN ('x', 'y')"), given=KINDS
    ),
    "a foreign key": made('op.create_foreign_key("fk", "orders", "parents", ["parent_id"], ["id"])'),
    "several actions of one statement": sql(
        "ALTER TABLE orders ADD CHECK (total < 9), ADD FOREIGN KEY (parent_id) REFERENCES parents", 2
    ),
    "validated in this deployment": sql(
        "ALTER TABLE orders VALIDATE CONSTRAINT ck",
        earlier=('op.create_check_constraint("ck", "orders", "total < 9", postgresql_not_valid=True)',),
    ),
    "validated after its release": sql(
        "ALTER TABLE orders VALIDATE CONSTRAINT ck",
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck CHECK (total < 9) NOT VALID",
    ),
    "a quoted and qualified name": Example(
        'op.create_check_constraint("Ck", "T", sa.text(\'"A" > 0\'), schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int)',
    ),
    "a new column that was filled": made(
        ADD
        + "op.execute(\"UPDATE orders SET code = 'x'\")\n"
        + 'op.create_check_constraint("ck", "orders", "code = \'y\'")'
    ),
    "a new key column that was filled": made(
        'op.add_column("orders", sa.Column("p", sa.BigInteger()))\nop.execute("UPDATE orders SET p = id")\n'
        'op.create_foreign_key("fk", "orders", "parents", ["p"], ["id"])'
    ),
    "a new column must have a value": made(ADD + 'op.create_check_constraint("ck", "orders", "code IS NOT NULL")'),
    "a stricter check instead": made(
        'op.drop_constraint("ck_total", "orders")\nop.create_check_constraint("ck", "orders", "total > 9")'
    ),
    "an older check that was not valid": made(
        'op.create_check_constraint("ck2", "orders", "total < 10")',
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck CHECK (total < 9) NOT VALID",
    ),
    "not valid": made(
        'op.create_foreign_key("fk", "orders", "parents", ["parent_id"], ["id"], postgresql_not_valid=True)', 0
    ),
    "not enforced": sql(
        "ALTER TABLE orders ADD CONSTRAINT ck CHECK (total < 9) NOT ENFORCED", 0, server="postgresql 18"
    ),
    "validated a second time": sql("ALTER TABLE orders VALIDATE CONSTRAINT ck_total", 0),
    "a looser check instead": made(
        'op.drop_constraint("ck_total", "orders")\nop.create_check_constraint("ck", "orders", "total >= 0")', 0
    ),
    "the same foreign key with another action": made(
        """
        op.drop_constraint("fk_parent", "children")
        op.create_foreign_key("fk_parent", "children", "parents", ["parent_id"], ["id"])
        """,
        0,
    ),
    "new columns": made(
        ADD
        + """op.create_check_constraint("ck", "orders", "code IN ('a', 'b')")
op.add_column("orders", sa.Column("p", sa.BigInteger(), sa.ForeignKey("parents.id", name="fk")))""",
        0,
    ),
    "a new column with a default": sql(
        "ALTER TABLE orders ADD COLUMN code text DEFAULT 'a' CHECK (code IN ('a', 'b'))", 0
    ),
    "a new flag next to an old column": made(
        ADD + 'op.create_check_constraint("ck", "orders", "code IS NULL OR state = code")', 0
    ),
    "values that are there": made(
        "op.execute(\"UPDATE orders SET state = '' WHERE state IS NULL\")\n"
        'op.create_check_constraint("ck", "orders", "state IS NOT NULL AND id IS NOT NULL")',
        0,
    ),
    "the table is emptied": made(
        'op.execute("DELETE FROM orders")\nop.create_check_constraint("ck", "orders", "total < 9")', 0
    ),
    "a table of this deployment": made(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("a", sa.BigInteger()))
        op.create_check_constraint("ck", "notes", "a > 0")
        op.create_foreign_key("fk", "notes", "parents", ["a"], ["id"])
        """,
        0,
    ),
    "the rows in the way deleted": before("DELETE FROM orders WHERE total >= 9", "total < 9"),
    "the rows in the way emptied": before("UPDATE orders SET state = NULL WHERE state NOT IN ('a', 'b')", STATES),
    "the rows in the way given another value": before(
        "UPDATE orders SET state = 'a' WHERE state IS NULL OR state NOT IN ('a', 'b')", STATES
    ),
    "all rows given a value": before("UPDATE orders SET state = 'b'", STATES),
    "a value of an older check moved": made(
        """
        op.drop_constraint("ck", "t")
        op.execute("UPDATE t SET a = 'z' WHERE a = 'x'")
        op.create_check_constraint("ck", "t", "a IN ('y', 'z')")
        """,
        0,
        given="CREATE TABLE t (a text CONSTRAINT ck CHECK (a IN ('x', 'y')))",
    ),
    "a value of an older check moved to one that is not allowed": made(
        """
        op.drop_constraint("ck", "t")
        op.execute("UPDATE t SET a = 'w' WHERE a = 'x'")
        op.create_check_constraint("ck", "t", "a IN ('y', 'z')")
        """,
        given="CREATE TABLE t (a text CONSTRAINT ck CHECK (a IN ('x', 'y')))",
    ),
    "other rows deleted": before("DELETE FROM orders WHERE total > 9", "total < 9", 1),
    "some of the rows deleted": before("DELETE FROM orders WHERE total >= 9 AND state = 'a'", "total < 9", 1),
    "only where another table says so": before(
        "DELETE FROM orders USING parents WHERE parents.id = parent_id AND total >= 9", "total < 9", 1
    ),
    "deleted, and written again": before(
        "DELETE FROM orders WHERE total >= 9; UPDATE orders SET total = total * 2", "total < 9", 1
    ),
    "deleted, and inserted again": before(
        "DELETE FROM orders WHERE total >= 9; INSERT INTO orders (id, total) SELECT id, id FROM parents", "total < 9", 1
    ),
    "deleted on a side that may not run": made(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM parents")).scalar() > 5:
            op.execute("DELETE FROM orders WHERE total >= 9")
        op.create_check_constraint("ck", "orders", "total < 9")
        """
    ),
    "orphans deleted: not in": orphan("DELETE FROM orders WHERE parent_id NOT IN (SELECT id FROM parents)"),
    "orphans deleted: not exists": orphan(
        "DELETE FROM orders o WHERE o.parent_id IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM parents p WHERE p.id = o.parent_id)"
    ),
    "orphans deleted: an outer join": orphan(
        "DELETE FROM orders WHERE id IN (SELECT o.id FROM orders o LEFT JOIN parents p ON p.id = o.parent_id "
        "WHERE o.parent_id IS NOT NULL AND p.id IS NULL)"
    ),
    "orphans let go": orphan("UPDATE orders SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM parents)"),
    "orphans deleted by sqlalchemy": made(
        """
        orders, parents = sa.table("orders", sa.column("parent_id")), sa.table("parents", sa.column("id"))
        op.execute(sa.delete(orders).where(orders.c.parent_id.not_in(sa.select(parents.c.id))))
        op.create_foreign_key("fk", "orders", "parents", ["parent_id"], ["id"])
        """,
        0,
    ),
    "some orphans deleted": orphan(
        "DELETE FROM orders WHERE state = 'a' AND parent_id NOT IN (SELECT id FROM parents)", 1
    ),
    "orphans of another column deleted": orphan("DELETE FROM orders WHERE total NOT IN (SELECT id FROM parents)", 1),
    "rows with a parent deleted": orphan("DELETE FROM orders WHERE parent_id IN (SELECT id FROM parents)", 1),
    "compared with nulls, which finds nothing": made(
        """
        op.execute("DELETE FROM c WHERE p NOT IN (SELECT a FROM p)")
        op.create_foreign_key("fk", "c", "p", ["p"], ["a"])
        """,
        given="CREATE TABLE p (a int UNIQUE);CREATE TABLE c (p int)",
    ),
    "parents deleted after their orphans": orphan(
        "DELETE FROM orders WHERE parent_id NOT IN (SELECT id FROM parents); DELETE FROM parents WHERE id = 1", 1
    ),
    "a key with one more column, the same in all rows": made(
        """
        op.drop_constraint("fk_parent", "children")
        for table in ("parents", "children"):
            op.add_column(table, sa.Column("tenant", sa.Text(), nullable=False, server_default="main"))
        op.create_unique_constraint("uq", "parents", ["tenant", "id"])
        op.create_foreign_key("fk_parent", "children", "parents", ["tenant", "parent_id"], ["tenant", "id"])
        """,
        0,
    ),
    "a key with one more column, another in each table": made(
        """
        op.drop_constraint("fk_parent", "children")
        for table in ("parents", "children"):
            op.add_column(table, sa.Column("tenant", sa.Text(), nullable=False, server_default=table))
        op.create_unique_constraint("uq", "parents", ["tenant", "id"])
        op.create_foreign_key("fk_parent", "children", "parents", ["tenant", "parent_id"], ["tenant", "id"])
        """,
    ),
    "a looser check by a column that a default fills": made(
        'op.add_column("orders", sa.Column("kind", sa.Text(), server_default="new"))\n'
        'op.create_check_constraint("ck", "orders", "kind = \'new\' OR total > 5")',
        0,
    ),
    "a table that nobody made, whose rows were mended": unmade(
        "op.execute(\"UPDATE rooms SET why = NULL WHERE why = ''\")", 0
    ),
    "a table that nobody made, of which other rows were mended": unmade(
        "op.execute(\"UPDATE rooms SET why = NULL WHERE why = 'x'\")"
    ),
    "a table that nobody made, whose column is of another type since it was mended": unmade(
        """
        op.execute("UPDATE rooms SET why = NULL WHERE why = ''")
        op.alter_column("rooms", "why", type_=sa.Enum("", "b", name="whys"), postgresql_using="upper(why)::whys")
        """
    ),
    "a table that nobody made, whose column is another one since it was mended": unmade(
        """
        op.execute("UPDATE rooms SET why = NULL WHERE why = ''")
        op.drop_column("rooms", "why")
        op.alter_column("rooms", "reason", new_column_name="why")
        """
    ),
}
