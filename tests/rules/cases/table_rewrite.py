"""Cases of MG412."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE visits (id bigint PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);"
    "CREATE INDEX ix_visits_n ON visits (n)"
)
AUTOCOMMIT = 'with op.get_context().autocommit_block():\n    op.execute("{}")'


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


def batch(argument: str, first: str = "pass", hits: int = 1, **more: object) -> Example:
    """A batch on a table that is there."""
    code = f"""with op.batch_alter_table("visits", {argument}) as batch:
    {first}
    batch.add_column(sa.Column("c", sa.Text()))
"""
    given = "CREATE TABLE visits (id int CONSTRAINT visits_pkey PRIMARY KEY, n int)"
    return Example(code, given=given, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "unlogged": sql("ALTER TABLE visits SET UNLOGGED"),
    "a tablespace": sql("ALTER TABLE visits SET TABLESPACE fast", runs=False),
    "an access method": sql("ALTER TABLE visits SET ACCESS METHOD columnar", server="postgresql 16", runs=False),
    "vacuum full": Example(AUTOCOMMIT.format("VACUUM FULL visits"), given=GIVEN),
    "vacuum with full among its options": Example(AUTOCOMMIT.format("VACUUM (ANALYZE, FULL) visits"), given=GIVEN),
    "vacuum full of everything": Example(
        AUTOCOMMIT.format("VACUUM FULL"), given=GIVEN + ";CREATE TABLE others (n int)", hits=2
    ),
    "cluster": sql("CLUSTER visits USING ix_visits_n"),
    "a new expression": sql("ALTER TABLE visits ALTER COLUMN twice SET EXPRESSION AS (n * 3)", server="postgresql 18"),
    "a quoted and qualified name": sql(
        'ALTER TABLE shop."Visit" SET UNLOGGED',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Visit" (id int PRIMARY KEY)',
    ),
    "logged already": sql("ALTER TABLE visits SET LOGGED", hits=0),
    "the access method that it has": sql("ALTER TABLE visits SET ACCESS METHOD heap", server="postgresql 16", hits=0),
    "the tablespace that it is in": sql("ALTER TABLE visits SET TABLESPACE pg_default", hits=0),
    "a plain vacuum": Example(AUTOCOMMIT.format("VACUUM ANALYZE visits"), given=GIVEN, hits=0),
    "storage parameters": sql("ALTER TABLE visits SET (fillfactor = 70)", hits=0),
    "an expression that is forgotten": sql("ALTER TABLE visits ALTER COLUMN twice DROP EXPRESSION", hits=0),
    "a table of this deployment": Example(
        'op.execute("ALTER TABLE notes SET LOGGED")',
        earlier=('op.execute("CREATE UNLOGGED TABLE notes (n int)")',),
        given=GIVEN,
        hits=0,
    ),
    "a batch that always copies": batch('recreate="always"'),
    "a batch that copies after the table is locked": batch('recreate="always"', 'batch.drop_constraint("visits_pkey")'),
    "a batch that alters the table in place": batch("", hits=0),
    "a batch that copies on sqlite, which MG423 is about": batch('recreate="always"', hits=0, server="sqlite"),
    "a batch that copies a table of this deployment": Example(
        """
        with op.batch_alter_table("notes", recreate="always") as batch:
            batch.add_column(sa.Column("c", sa.Text()))
        """,
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer(), primary_key=True))',),
        given=GIVEN,
        hits=0,
    ),
}
