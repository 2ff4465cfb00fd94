"""Cases of MG303."""

from migguard.rules.frame import Example

GIVEN = "CREATE SCHEMA audit;CREATE TABLE audit.events (id bigint PRIMARY KEY)"
PLAIN = "CREATE TABLE orders (id bigint PRIMARY KEY)"

CASES: dict[str, Example] = {
    "if exists of a schema that is there": Example('op.execute("DROP SCHEMA IF EXISTS audit CASCADE")', given=GIVEN),
    "an empty schema may hold what no migration made": Example(
        'op.execute("DROP SCHEMA audit")', given="CREATE SCHEMA audit;" + PLAIN
    ),
    "sqlalchemy's own statement": Example('op.execute(sa.schema.DropSchema("audit", cascade=True))', given=GIVEN),
    "a quoted name": Example(
        "op.execute('DROP SCHEMA \"Audit Log\" CASCADE')",
        given='CREATE SCHEMA "Audit Log";CREATE TABLE "Audit Log".events (id bigint)',
    ),
    "two schemas in one statement": Example(
        'op.execute("DROP SCHEMA audit, extra CASCADE")', given=GIVEN + ";CREATE SCHEMA extra", hits=2
    ),
    "a schema renamed in this deployment": Example(
        'op.execute("DROP SCHEMA old CASCADE")',
        given=GIVEN,
        earlier=('op.execute("ALTER SCHEMA audit RENAME TO old")',),
    ),
    "a new schema into which an old table was moved": Example(
        """
        op.execute("CREATE SCHEMA bin")
        op.execute("ALTER TABLE orders SET SCHEMA bin")
        op.execute("DROP SCHEMA bin CASCADE")
        """,
        given=PLAIN,
    ),
    "a schema of this deployment": Example(
        'op.execute("DROP SCHEMA scratch CASCADE")',
        given=GIVEN,
        earlier=('op.execute("CREATE SCHEMA scratch")\nop.execute("CREATE TABLE scratch.t (id int)")',),
        hits=0,
    ),
    "if exists of nothing": Example('op.execute("DROP SCHEMA IF EXISTS nowhere CASCADE")', given=GIVEN, hits=0),
    "without cascade the server refuses while something is in it": Example(
        'op.execute("DROP SCHEMA audit")', given=GIVEN, hits=0, runs=False
    ),
    "a database of mysql": Example(
        'op.execute("DROP DATABASE reports")',
        given="CREATE DATABASE reports;CREATE TABLE reports.days (id bigint PRIMARY KEY)",
        server="mysql 8.0",
    ),
    "a database of postgresql": Example(
        'with op.get_context().autocommit_block():\n    op.execute("DROP DATABASE reports")',
        given=PLAIN,
        runs=False,
    ),
}
