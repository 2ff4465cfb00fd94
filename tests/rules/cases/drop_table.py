"""Cases of MG301."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE invoices (id bigint PRIMARY KEY);CREATE TABLE items (id bigint PRIMARY KEY)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "one that was emptied before": Example(
        'op.execute("DELETE FROM invoices")\nop.drop_table("invoices")', given=GIVEN
    ),
    "one that was emptied before, where MG604 knows the models": Example(
        'op.execute("DELETE FROM invoices")\nop.drop_table("invoices")',
        given=GIVEN,
        models='class Item(Base):\n    __tablename__ = "items"\n    id = sa.Column(sa.Integer, primary_key=True)',
        hits=0,
    ),
    "one beside one that was emptied before": Example(
        'op.execute("DELETE FROM items")\nop.drop_table("invoices")', given=GIVEN
    ),
    "if exists of one that is there": sql("DROP TABLE IF EXISTS invoices"),
    "two in one statement": sql("DROP TABLE invoices, items", hits=2),
    "in a loop": Example('for name in ("invoices", "items"):\n    op.drop_table(name)', given=GIVEN, hits=2),
    "a quoted and qualified name": Example(
        'op.drop_table("Invoice", schema="shop")', given='CREATE SCHEMA shop;CREATE TABLE shop."Invoice" (id int)'
    ),
    "a partition": sql(
        "DROP TABLE events_2024",
        given="CREATE TABLE events (day date) PARTITION BY RANGE (day);"
        "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    ),
    "under a name that this deployment gave it": Example(
        'op.rename_table("invoices", "bills")\nop.drop_table("bills")', given=GIVEN
    ),
    "a table that the history never made": Example('op.drop_table("legacy")', runs=False),
    "where the script looks whether it is there": Example(
        'if sa.inspect(op.get_bind()).has_table("invoices"):\n    op.drop_table("invoices")', given=GIVEN
    ),
    "where the script sees that it is not there": Example(
        'if sa.inspect(op.get_bind()).has_table("nothing"):\n    op.drop_table("nothing")', given=GIVEN, hits=0
    ),
    "where the script asks for one that the history has dropped": Example(
        'if sa.inspect(op.get_bind()).has_table("nothing"):\n    op.drop_table("nothing")',
        given=GIVEN,
        earlier=('op.create_table("nothing", sa.Column("id", sa.Integer()))', 'op.drop_table("nothing")'),
        hits=0,
    ),
    "what a batch that was broken off has left": Example(
        'if sa.inspect(op.get_bind()).has_table("_alembic_tmp_invoices"):\n    op.drop_table("_alembic_tmp_invoices")',
        given=GIVEN,
        hits=0,
    ),
    "if exists of one that is not there": sql("DROP TABLE IF EXISTS nothing", hits=0),
    "one that is not there": sql("DROP TABLE nothing", hits=0, runs=False),
    "one of this deployment under another name": Example(
        'op.rename_table("scratch", "notes")\nop.drop_table("notes")',
        given=GIVEN,
        earlier=('op.create_table("scratch", sa.Column("id", sa.Integer()))',),
        hits=0,
    ),
    "a temporary table": Example(
        'op.execute("CREATE TEMP TABLE work (n int)")\nop.execute("DROP TABLE work")', given=GIVEN, hits=0
    ),
    "a new table that takes the name of a dropped one": Example(
        """
        op.rename_table("invoices", "bills")
        op.create_table("invoices", sa.Column("id", sa.Integer()))
        op.drop_table("invoices")
        """,
        given=GIVEN,
        hits=0,
    ),
}
