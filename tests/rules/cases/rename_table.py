"""Cases of MG601."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE clients (id bigint PRIMARY KEY, name text)"
RENAME = 'op.rename_table("clients", "customers")\n'


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "sql": sql("ALTER TABLE IF EXISTS clients RENAME TO customers"),
    "a quoted and qualified name": sql(
        'ALTER TABLE crm."Client" RENAME TO "Customer"',
        given='CREATE SCHEMA crm;CREATE TABLE crm."Client" (id bigint)',
    ),
    "through a helper in a loop": Example(
        """
        def move(pairs):
            for old, new in pairs:
                op.rename_table(old, new)

        def upgrade():
            move([("clients", "customers")])
        """,
        given=GIVEN,
    ),
    "into another schema": sql("ALTER TABLE clients SET SCHEMA archive", given=GIVEN + ";CREATE SCHEMA archive"),
    "a schema": sql("ALTER SCHEMA crm RENAME TO sales", given="CREATE SCHEMA crm;CREATE TABLE crm.clients (id bigint)"),
    "a view": sql("ALTER VIEW names RENAME TO titles", given=GIVEN + ";CREATE VIEW names AS SELECT name FROM clients"),
    "a schema without tables": sql("ALTER SCHEMA crm RENAME TO sales", given="CREATE SCHEMA crm", hits=0),
    "a view of the old name, in a later revision": Example(
        'op.execute("CREATE VIEW clients AS SELECT * FROM customers")', given=GIVEN, earlier=(RENAME,), hits=0
    ),
    "another table takes the name": Example(
        """
        op.create_table("clients_new", sa.Column("id", sa.BigInteger(), primary_key=True))
        op.rename_table("clients", "clients_old")
        op.rename_table("clients_new", "clients")
        """,
        given=GIVEN,
        hits=0,
    ),
    "renamed back": Example(RENAME + 'op.rename_table("customers", "clients")', given=GIVEN, hits=0),
    "a table of this deployment": Example(
        """
        op.create_table("guests", sa.Column("id", sa.BigInteger(), primary_key=True))
        op.rename_table("guests", "visitors")
        """,
        hits=0,
    ),
    "a sequence or an index is no table": Example(
        """
        op.execute("ALTER SEQUENCE counter RENAME TO numbers")
        op.execute("ALTER INDEX clients_pkey RENAME TO pk_clients")
        """,
        given=GIVEN + ";CREATE SEQUENCE counter",
        hits=0,
    ),
    "if exists of nothing": sql("ALTER TABLE IF EXISTS nothing RENAME TO something", hits=0),
    "sqlite's batch copies are the table": Example(
        """
        with op.batch_alter_table("clients", recreate="always") as batch:
            batch.alter_column("name", type_=sa.String(20))
        """,
        given="CREATE TABLE clients (id integer PRIMARY KEY, name varchar(10))",
        server="sqlite",
        hits=0,
    ),
    "mysql": sql(
        "RENAME TABLE clients TO customers", given="CREATE TABLE clients (id int PRIMARY KEY)", server="mysql 8.0"
    ),
    "of which no model knows": Example(
        RENAME, given=GIVEN, models="sa.Table('others', metadata, sa.Column('id', sa.Integer))", hits=0
    ),
    "of which a model knows": Example(
        RENAME, given=GIVEN, models="sa.Table('clients', metadata, sa.Column('id', sa.Integer))"
    ),
    "renamed twice": Example(RENAME + 'op.rename_table("customers", "buyers")', given=GIVEN),
}
