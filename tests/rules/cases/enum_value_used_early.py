"""Cases of MG508."""

from migguard.rules.frame import Example

GIVEN = (
    'CREATE SCHEMA s;CREATE TYPE s."Kind" AS ENUM (\'a\');CREATE TABLE s.t (k s."Kind");'
    "CREATE TYPE state AS ENUM ('open', 'closed');"
    "CREATE TABLE cases (id bigint PRIMARY KEY, state state NOT NULL, note text)"
)
ADD = "op.execute(\"ALTER TYPE state ADD VALUE 'archived'\")\n"
PER = ("transaction_per_migration",)


def made(code: str, hits: int = 1, **more: object) -> Example:
    more.setdefault("runs", hits == 0)
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "an insert": made(ADD + "op.execute(\"INSERT INTO cases (id, state) VALUES (1, 'archived')\")"),
    "an insert without columns": made(ADD + "op.execute(\"INSERT INTO cases VALUES (1, 'archived', 'x')\")"),
    "a bulk insert": made(
        ADD
        + """
cases = sa.table("cases", sa.column("id"), sa.column("state", sa.Enum("open", "archived", name="state")))
op.bulk_insert(cases, [{"id": 1, "state": "archived"}])
"""
    ),
    "a parameter": made(
        ADD + "op.get_bind().execute(sa.text('UPDATE cases SET state = :s WHERE id = 1'), {'s': 'archived'})"
    ),
    "a condition": made(ADD + "op.execute(\"DELETE FROM cases WHERE state = 'archived'\")"),
    "a query": made(ADD + "op.execute(\"SELECT id FROM cases WHERE state = 'archived'\")"),
    "an assignment by case": made(
        ADD + "op.execute(\"UPDATE cases SET state = CASE WHEN id > 5 THEN 'archived'::state ELSE state END\")"
    ),
    "a default": made(ADD + 'op.alter_column("cases", "state", server_default="archived")'),
    "the default of a new column": made(
        ADD + "op.execute(\"ALTER TABLE cases ADD COLUMN earlier state DEFAULT 'archived'\")"
    ),
    "the default of a new table's column": made(
        ADD + "op.execute(\"CREATE TABLE more (state state DEFAULT 'archived')\")"
    ),
    "a check": made(ADD + 'op.create_check_constraint("ck", "cases", "state <> \'archived\' OR note IS NOT NULL")'),
    "an index predicate": made(
        ADD + 'op.create_index("ix", "cases", ["id"], postgresql_where=sa.text("state = \'archived\'"))'
    ),
    "a cast": made(ADD + "op.execute(\"UPDATE cases SET note = ('archived'::state)::text WHERE id = 1\")"),
    "a view": made(ADD + "op.execute(\"CREATE VIEW kept AS SELECT id FROM cases WHERE state = 'archived'\")"),
    "in the next revision of one transaction": made(
        "op.execute(\"UPDATE cases SET state = 'archived' WHERE id = 1\")", earlier=(ADD,)
    ),
    "a quoted and qualified type": made(
        """
        op.execute("ALTER TYPE s.\\"Kind\\" ADD VALUE 'b'")
        op.execute("UPDATE s.t SET k = 'b'")
        """
    ),
    "a type of the same transaction, up to 16": made(
        """
        op.execute("CREATE TYPE kind AS ENUM ('a')")
        op.execute("ALTER TYPE kind ADD VALUE 'b'")
        op.execute("CREATE TABLE kinds (kind kind DEFAULT 'b')")
        """,
        server="postgresql 16",
    ),
    "a type of the same transaction, since 17": made(
        """
        op.execute("CREATE TYPE kind AS ENUM ('a')")
        op.execute("ALTER TYPE kind ADD VALUE 'b'")
        op.execute("CREATE TABLE kinds (kind kind DEFAULT 'b')")
        """,
        server="postgresql 17",
        hits=0,
    ),
    "several uses are one finding": made(
        ADD + "for i in (1, 2):\n    op.execute(f\"UPDATE cases SET state = 'archived' WHERE id = {i}\")"
    ),
    "two values are two findings": made(
        """
        for value in ("archived", "lost"):
            op.execute(f"ALTER TYPE state ADD VALUE '{value}'")
            op.execute(f"UPDATE cases SET state = '{value}' WHERE id = 1")
        """,
        hits=2,
    ),
    "added in an autocommit block": made(
        "with op.get_context().autocommit_block():\n    " + ADD + "op.execute(\"UPDATE cases SET state = 'archived'\")",
        env=PER,
        hits=0,
    ),
    "added in an earlier transaction": made(
        "op.execute(\"UPDATE cases SET state = 'archived' WHERE id = 1\")", earlier=(ADD,), env=PER, hits=0
    ),
    "only added": made(ADD, hits=0),
    "a value that was there": made(
        """
        op.execute("ALTER TYPE state ADD VALUE IF NOT EXISTS 'closed'")
        op.execute("UPDATE cases SET state = 'closed' WHERE id = 1")
        """,
        hits=0,
    ),
    "another value": made(ADD + "op.execute(\"UPDATE cases SET state = 'closed' WHERE id = 1\")", hits=0),
    "the value as text": made(ADD + 'op.create_check_constraint("ck", "cases", "state::text <> \'archived\'")', hits=0),
    "the value in a column that is text": made(
        ADD + "op.execute(\"UPDATE cases SET note = 'archived' WHERE id = 1\")", hits=0
    ),
    "used before it is added": made(
        "op.execute(\"UPDATE cases SET note = 'archived' WHERE note = 'old'\")\n" + ADD, hits=0
    ),
}
