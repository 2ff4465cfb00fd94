"""`migguard drift --url` on real servers: what was changed by hand is said, and nothing else; nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.drift.project import SETTINGS, drift, project, said, table
from tests.live.servers import PostgresServer

pytestmark = pytest.mark.live

MIGRATION = """\
op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
op.execute("CREATE SCHEMA shop")
op.execute('''
    CREATE TABLE customers (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email varchar(320) NOT NULL,
        mood mood DEFAULT 'ok',
        age int CONSTRAINT ck_age CHECK (age BETWEEN 0 AND 150),
        tags text[] DEFAULT '{}',
        created timestamptz NOT NULL DEFAULT now(),
        lowered text GENERATED ALWAYS AS (lower(email)) STORED
    )
''')
op.execute("CREATE UNIQUE INDEX ix_email ON customers (lower(email)) WHERE age IS NOT NULL AND mood IN ('sad', 'ok')")
op.execute("CREATE TABLE shop.orders (id serial PRIMARY KEY, customer_id bigint REFERENCES customers)")
op.execute("CREATE VIEW grown AS SELECT id, email FROM customers WHERE age >= 18")
op.execute("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$")
op.execute("CREATE TRIGGER g BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION f()")
op.execute("CREATE TABLE events (id int, day date) PARTITION BY RANGE (day)")
op.execute("CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")
op.execute("ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY")
op.execute("CREATE POLICY mine ON shop.orders USING (customer_id > 0)")
op.execute("COMMENT ON TABLE customers IS 'who buys'")
"""
MODELS = table("customers", "sa.Column('email', sa.String(320), nullable=False)")
OPTIONS = "target_metadata=metadata, include_name=lambda name, type_, parents: type_ != 'table' or name == 'customers'"


def deployed(server: PostgresServer, database: str, revision: str | None, *more: str) -> str:
    """The URL of a database on which the migration ran by hand, and that says it is at a revision."""
    with server.connect(database) as connection:
        for line in [line for line in statements() if line]:
            connection.execute(line.encode())
        if revision is not None:
            connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
            connection.execute("INSERT INTO alembic_version VALUES (%s)", (revision,))
        for statement in more:
            connection.execute(statement.encode())
    return f"postgresql://postgres@/{database}?host={server.directory}"


def statements() -> list[str]:
    """The SQL of the migration."""
    found: list[str] = []

    class Op:
        execute = staticmethod(found.append)

    exec(MIGRATION, {"op": Op})
    return found


def of_database(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is said of the database alone."""
    return [d for d in found if d["code"] in ("MG904", "MG905")]


def test_a_database_that_its_revisions_made_has_not_drifted(
    tmp_path: Path, server: PostgresServer, database: str
) -> None:
    url = deployed(server, database, "a1a1")
    done, found = drift(project(tmp_path, MIGRATION, MODELS), "--url", url)
    assert of_database(found) == []
    assert done.report["source"] == "database"
    assert done.report["failures"] == []


CHANGES = [
    ("ALTER TABLE customers ADD COLUMN note text", "remove_column customers.note"),
    ("ALTER TABLE customers DROP COLUMN tags", "add_column customers.tags"),
    ("ALTER TABLE customers ALTER COLUMN email DROP NOT NULL", "modify_nullable customers.email"),
    ("ALTER TABLE customers ALTER COLUMN created TYPE timestamptz(3)", "modify_type customers.created"),
    ("ALTER TABLE customers ALTER COLUMN created DROP DEFAULT", "modify_default customers.created"),
    ("ALTER TABLE customers ALTER COLUMN mood SET DEFAULT 'sad'", "modify_default customers.mood"),
    ("ALTER TABLE customers DROP CONSTRAINT ck_age", "add_check customers.ck_age"),
    (
        "ALTER TABLE customers DROP CONSTRAINT ck_age; "
        "ALTER TABLE customers ADD CONSTRAINT ck_age CHECK (age BETWEEN 0 AND 99)",
        "modify_check customers.ck_age",
    ),
    ("ALTER TYPE mood ADD VALUE 'happy'", "modify_enum mood"),
    ("DROP INDEX ix_email", "add_index customers.ix_email"),
    (
        "DROP INDEX ix_email; CREATE UNIQUE INDEX ix_email ON customers (lower(email)) WHERE age IS NOT NULL",
        "modify_index_predicate customers.ix_email",
    ),
    ("CREATE INDEX ix_age ON customers (age)", "remove_index customers.ix_age"),
    (
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_customer_id_fkey",
        "add_foreign_key shop.orders.orders_customer_id_fkey",
    ),
    ("CREATE OR REPLACE VIEW grown AS SELECT id, email FROM customers WHERE age >= 21", "modify_view grown"),
    ("DROP TRIGGER g ON customers", "add_trigger customers.g"),
    ("DROP POLICY mine ON shop.orders", "add_policy shop.orders.mine"),
    ("ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY", "modify_row_security shop.orders"),
    ("CREATE TABLE by_hand (id int)", "remove_table by_hand"),
    ("DROP TABLE shop.orders", "add_table shop.orders"),
    ("COMMENT ON TABLE customers IS 'who pays'", "modify_table_comment customers"),
    ("CREATE SEQUENCE numbers", "remove_sequence numbers"),
]
UNTOUCHED = [
    "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE SCHEMA others; CREATE TABLE others.things (id int)",
    "ALTER TABLE customers RENAME CONSTRAINT customers_pkey TO customers_pkey2; "
    "ALTER TABLE customers RENAME CONSTRAINT customers_pkey2 TO customers_pkey",
    "ANALYZE",
]


@pytest.fixture
def made(tmp_path: Path) -> Any:
    return project(tmp_path, MIGRATION, MODELS)


def test_what_was_changed_by_hand_is_said(made: Any, server: PostgresServer, database: str) -> None:
    base = deployed(server, database, "a1a1")
    wrong = {}
    for change, expected in CHANGES:
        copy = server.create_database(database)
        with server.connect(copy) as connection:
            connection.execute(change.encode())
        found = of_database(drift(made, "--url", base.replace(f"/{database}?", f"/{copy}?"))[1])
        if said(found) != {expected} or not all(d["verified"] for d in found):
            wrong[change] = found
        server.drop_database(copy)
    assert wrong == {}


def test_what_is_not_the_historys_is_not_said(made: Any, server: PostgresServer, database: str) -> None:
    url = deployed(server, database, "a1a1", *UNTOUCHED)
    assert of_database(drift(made, "--url", url)[1]) == []


def test_a_database_behind_is_compared_with_its_own_revision(made: Any, server: PostgresServer, database: str) -> None:
    made.revision("b2b2", "a1a1", "op.add_column('customers', sa.Column('phone', sa.Text()))")
    url = deployed(server, database, "a1a1")
    done, found = drift(made, "--url", url)
    [behind] = of_database(found)
    assert (behind["code"], behind["severity"], behind["revision"]) == ("MG904", "warning", "b2b2")
    assert "b2b2" in behind["message"]
    assert done.code == 1


def test_a_branch_that_the_database_does_not_have_is_left_out(made: Any, server: PostgresServer, database: str) -> None:
    made.revision("0000", "a1a1", "op.create_table('side', sa.Column('id', sa.Integer()))")
    made.revision("b2b2", "a1a1", "op.add_column('customers', sa.Column('phone', sa.Text()))")
    url = deployed(server, database, "b2b2", "ALTER TABLE customers ADD COLUMN phone text")
    found = of_database(drift(made, "--url", url)[1])
    assert {d["code"] for d in found} == {"MG904"}


def test_a_database_at_an_unknown_revision_is_not_judged(made: Any, server: PostgresServer, database: str) -> None:
    done, found = drift(made, "--url", deployed(server, database, "ffff"))
    assert (done.code, of_database(found)) == (3, [])
    assert "ffff" in done.out


def test_a_database_without_a_version_table_is_behind(made: Any, server: PostgresServer, database: str) -> None:
    found = of_database(drift(made, "--url", deployed(server, database, None))[1])
    assert [(d["code"], d["revision"]) for d in found] == [("MG904", "a1a1")]


def test_the_models_are_compared_with_the_database(tmp_path: Path, server: PostgresServer, database: str) -> None:
    url = deployed(server, database, "a1a1", "ALTER TABLE customers ADD COLUMN note text")
    models = table("customers", "sa.Column('email', sa.String(320), nullable=False)", "sa.Column('note', sa.Text)")
    done, found = drift(project(tmp_path, MIGRATION, models), "--url", url)
    alembics = {
        f"{d['kind']} {d['object']}" for d in found if d["code"] in ("MG901", "MG902") and d["table"] == "customers"
    }
    assert "add_column note" not in alembics
    assert "remove_column tags" in alembics
    assert done.code == 1


def test_a_database_that_cannot_be_reached_is_a_mistake_of_usage(made: Any) -> None:
    done = made.run("drift", "--url", "postgresql://nobody@127.0.0.1:1/none")
    assert done.code == 2
    assert "Traceback" not in done.err
    assert made.run("drift", "--url", "mysql://nobody@127.0.0.1:1/none").code == 2


def test_a_reader_is_enough_and_nothing_is_written(made: Any, server: PostgresServer, database: str) -> None:
    url = deployed(server, database, "a1a1")
    with server.connect(database) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        before = connection.execute("SELECT count(*), max(oid::bigint) FROM pg_class").fetchone()
        found = of_database(drift(made, "--url", url.replace("postgres@", "reader@"))[1])
        after = connection.execute("SELECT count(*), max(oid::bigint) FROM pg_class").fetchone()
        connection.execute("DROP OWNED BY reader; DROP ROLE reader")
    assert (found, before) == ([], after)


def test_the_settings_file_of_a_project_may_name_another_version(
    made: Any, server: PostgresServer, database: str
) -> None:
    made.write("migguard.toml", SETTINGS.replace('"18"', '"12"'))
    assert of_database(drift(made, "--url", deployed(server, database, "a1a1"))[1]) == []


def test_a_database_that_is_being_migrated_is_not_waited_for(made: Any, server: PostgresServer, database: str) -> None:
    url = deployed(server, database, "a1a1")
    with server.connect(database) as connection, connection.transaction():
        connection.execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE")
        done = made.run("drift", "--url", url)
    assert done.code == 3
    assert "lock timeout" in done.err
    assert "Traceback" not in done.err
