"""Cases of MG205."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, note text)"
ON = "check_downgrades = true\nlock_timeout_set_elsewhere = true"
INDEX = 'op.create_index("ix_note", "orders", ["note"])'
CONCURRENT = (
    "with op.get_context().autocommit_block():\n"
    '    op.create_index("ix_note", "orders", ["note"], postgresql_concurrently=True)'
)
DROP_INDEX = (
    "with op.get_context().autocommit_block():\n"
    '    op.drop_index("ix_note", table_name="orders", postgresql_concurrently=True)'
)
TABLE = 'op.create_table("labels", sa.Column("id", sa.BigInteger(), primary_key=True))'

CASES: dict[str, Example] = {
    "a table of the upgrade has rows by then": Example(
        TABLE, given=GIVEN, settings=ON, downgrade='op.drop_table("labels")'
    ),
    "an index built under a lock": Example(
        DROP_INDEX, given=GIVEN + ";CREATE INDEX ix_note ON orders (note)", settings=ON, downgrade=INDEX
    ),
    "a rule over the whole deployment": Example(
        'op.drop_column("orders", "note")',
        given=GIVEN,
        settings="check_downgrades = true",
        downgrade='op.add_column("orders", sa.Column("note", sa.Text()))',
    ),
    "each rule counts": Example(
        TABLE + '\nop.execute("CREATE VIEW notes AS SELECT note FROM orders")',
        given=GIVEN,
        settings=ON,
        downgrade='op.execute("DROP VIEW notes")\nop.drop_table("labels")',
        hits=2,
    ),
    "a table that the downgrade makes is new": Example(
        'op.drop_table("orders")',
        given=GIVEN,
        settings=ON,
        downgrade=f""" op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("note", sa.Text())) {INDEX} """,
        hits=0,
    ),
    "built concurrently": Example(
        DROP_INDEX,
        given=GIVEN + ";CREATE INDEX ix_note ON orders (note)",
        settings=ON,
        downgrade=CONCURRENT,
        hits=0,
    ),
    "not asked for": Example(
        TABLE,
        given=GIVEN,
        settings="lock_timeout_set_elsewhere = true",
        downgrade='op.drop_table("labels")',
        hits=0,
    ),
    "the rule behind it is ignored": Example(
        TABLE, given=GIVEN, settings=ON + '\nignore = ["MG301"]', downgrade='op.drop_table("labels")', hits=0
    ),
    "no way back is wanted": Example(
        TABLE, given=GIVEN, settings=ON + '\ndowngrade = "never"', downgrade='op.drop_table("labels")', hits=0
    ),
}
