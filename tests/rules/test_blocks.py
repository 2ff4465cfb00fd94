"""What DO blocks and called functions do is checked like the rest, and the schema afterwards is the server's."""

from pathlib import Path
from typing import Any

import pytest

from migguard.changes import Engine
from migguard.findings import Severity
from migguard.rules.frame import Example
from migguard.shadow.database import Database
from tests.live.servers import PostgresServer
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, code text, total int);CREATE TYPE mood AS ENUM ('good', 'bad');"
    "CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint)"
)
CONCERNED = {"MG301", "MG302", "MG401", "MG403", "MG404", "MG405", "MG406", "MG514", "MG706", "MG305"}

BLOCKS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "a statement": (("DO $$ BEGIN CREATE INDEX ix ON orders (code); END $$",), {"MG401"}),
    "a type that is there already": (
        (
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN "
            "CREATE TYPE mood AS ENUM ('good'); END IF; END $$",
        ),
        set(),
    ),
    "a type that is not there": (
        (
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'size') THEN "
            "CREATE TYPE size AS ENUM ('s', 'l'); END IF; END $$",
            "ALTER TABLE items ADD COLUMN size size",
        ),
        set(),
    ),
    "a duplicate that a handler waits for": (
        (
            "DO $$ BEGIN CREATE TYPE mood AS ENUM ('x'); EXCEPTION WHEN duplicate_object THEN null; END $$;",
            "DO $$ BEGIN ALTER TABLE orders ADD COLUMN code text; EXCEPTION WHEN duplicate_column THEN "
            "RAISE NOTICE 'there'; END $$",
        ),
        set(),
    ),
    "a handler for another error": (
        ("DO $$ BEGIN CREATE TABLE orders (id int); EXCEPTION WHEN duplicate_object THEN null; END $$",),
        {"MG706"},
    ),
    "an error takes back the whole block": (
        (
            "DO $$ BEGIN ALTER TABLE items ADD COLUMN a int; CREATE TYPE mood AS ENUM ('x'); "
            "EXCEPTION WHEN OTHERS THEN ALTER TABLE items ADD COLUMN b int; END $$",
        ),
        set(),
    ),
    "a constraint that is looked for": (
        (
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'ck_total') THEN "
            "ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total > 0) NOT VALID; END IF; END $$",
            "DO $$ BEGIN PERFORM 1 FROM pg_constraint WHERE conname = 'ck_total'; IF NOT FOUND THEN "
            "ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total > 0) NOT VALID; END IF; END $$",
        ),
        set(),
    ),
    "a count in a variable": (
        (
            "DO $$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM information_schema.columns "
            "WHERE table_name = 'orders' AND column_name = 'note'; "
            "IF n = 0 THEN ALTER TABLE orders ADD COLUMN note text; END IF; END $$",
        )
        * 2,
        set(),
    ),
    "a variable that is declared with its value": (
        (
            "DO $$ DECLARE there boolean := EXISTS (SELECT 1 FROM pg_indexes WHERE indexname = 'ix'); BEGIN "
            "IF NOT there THEN CREATE INDEX ix ON orders (code); END IF; END $$",
        )
        * 2,
        {"MG401"},
    ),
    "the first arm that holds": (
        (
            "DO $$ BEGIN IF to_regclass('nothing') IS NOT NULL THEN DROP TABLE items; "
            "ELSIF to_regclass('orders') IS NOT NULL THEN ALTER TABLE orders ADD COLUMN a int; "
            "ELSE DROP TABLE orders; END IF; END $$",
        ),
        set(),
    ),
    "nothing runs after return": (
        (
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_type WHERE typname = 'mood') THEN RETURN; END IF; "
            "DROP TABLE orders; END $$",
        ),
        set(),
    ),
    "a loop over constants": (
        (
            "DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['orders', 'items'] LOOP "
            "EXECUTE format('ALTER TABLE %I ADD COLUMN tenant int', t); END LOOP; END $$",
            "DO $$ BEGIN FOR i IN 0..2 LOOP EXECUTE 'CREATE TABLE part_' || i || ' (id int PRIMARY KEY)'; "
            "END LOOP; END $$",
        ),
        set(),
    ),
    "a loop over what the schema says": (
        (
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP "
            "EXECUTE format('ALTER TABLE %I ADD COLUMN tenant int', r.tablename); END LOOP; END $$",
            "ALTER TABLE items ALTER COLUMN tenant SET DEFAULT 1",
        ),
        set(),
    ),
    "a constraint whose name is asked for": (
        (
            "ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID",
            "DO $$ DECLARE c text; BEGIN SELECT conname INTO c FROM pg_constraint WHERE conrelid = 'items'::regclass "
            "AND contype = 'f'; IF c IS NOT NULL THEN EXECUTE 'ALTER TABLE items DROP CONSTRAINT ' || quote_ident(c); "
            "END IF; END $$",
        ),
        set(),
    ),
    "commands behind begin and a semicolon": (
        (
            "DO $$ BEGIN EXECUTE format('CREATE INDEX %I ON orders (%I)', 'ix', 'code'); "
            "EXECUTE 'ALTER TABLE ' || quote_ident('items') || ' ADD COLUMN note text'; END $$",
        ),
        {"MG401"},
    ),
    "labels, comments and nested blocks": (
        (
            "DO $body$\n<<outermost>>\nDECLARE n integer := 0; -- how many\nBEGIN\n  /* twice */\n  BEGIN\n"
            "    CREATE INDEX ix ON orders (code);\n  END;\n  n := n + 1;\n  IF n > 5 THEN NULL; END IF;\n"
            "END outermost\n$body$",
        ),
        {"MG401"},
    ),
    "a function that is created and called": (
        (
            "CREATE FUNCTION app_setup() RETURNS void LANGUAGE plpgsql AS $$ "
            "BEGIN CREATE INDEX ix ON orders (code); END $$",
            "SELECT app_setup()",
            "DROP FUNCTION app_setup()",
        ),
        {"MG401"},
    ),
    "a procedure in sql": (
        (
            "CREATE PROCEDURE fill() LANGUAGE sql AS $$ ALTER TABLE orders ALTER COLUMN code SET NOT NULL; $$",
            "CALL fill()",
        ),
        {"MG405"},
    ),
    "functions that call each other": (
        (
            "CREATE FUNCTION inner_one() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM items; END $$",
            "CREATE FUNCTION outer_one() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM inner_one(); END $$",
            "DO $$ BEGIN PERFORM outer_one(); END $$",
        ),
        {"MG305", "MG514"},
    ),
}
MAY_RUN = {
    "rows that a loop's variable picks one by one": (
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM orders WHERE id < 9 LOOP "
        "UPDATE orders SET total = 0 WHERE id = r.id; END LOOP; END $$",
        set(),
    ),
    "both arms of a question about rows": (
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM orders WHERE total IS NULL) THEN "
        "ALTER TABLE orders ALTER COLUMN code SET NOT NULL; ELSE DROP TABLE items; END IF; END $$",
        {"MG301", "MG405"},
    ),
    "what a question about rows would make twice": (
        "DO $$ BEGIN IF (SELECT count(*) FROM orders) > 10 THEN ALTER TABLE orders ADD COLUMN code text; END IF; "
        "END $$",
        set(),
    ),
    "a loop over rows": (
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM orders LOOP DELETE FROM items; END LOOP; END $$",
        {"MG305", "MG514"},
    ),
    "a handler for what the data may do": (
        "DO $$ BEGIN ALTER TABLE orders ADD CONSTRAINT uq UNIQUE (code); EXCEPTION WHEN unique_violation THEN "
        "DELETE FROM orders; END $$",
        {"MG305", "MG406", "MG514"},
    ),
}


def codes(statements: tuple[str, ...], root: Path) -> set[str]:
    """The codes that matter here of what is found."""
    code = "\n".join(f"op.execute({one!r})" for one in statements)
    found = check(Example(code, given=GIVEN), "MG004", root, "postgresql").report.findings
    return {f.code for f in found} & CONCERNED


@pytest.mark.parametrize(("statements", "expected"), BLOCKS.values(), ids=[k.replace(" ", "_") for k in BLOCKS])
def test_what_a_block_does_is_reported(statements: tuple[str, ...], expected: set[str], tmp_path: Path) -> None:
    assert codes(statements, tmp_path) == expected


@pytest.mark.parametrize(("statement", "expected"), MAY_RUN.values(), ids=[k.replace(" ", "_") for k in MAY_RUN])
def test_what_may_run_is_reported(statement: str, expected: set[str], tmp_path: Path) -> None:
    assert codes((statement,), tmp_path) == expected


def test_a_finding_points_at_the_call_and_shows_the_statement_inside(tmp_path: Path) -> None:
    example = Example('x = 1\nop.execute("DO $$ BEGIN CREATE INDEX ix ON orders (code); END $$")', given=GIVEN)
    report = check(example, "MG004", tmp_path, "postgresql").report
    finding = next(f for f in report.findings if f.code == "MG401")
    assert finding.sql == "CREATE INDEX ix ON orders (code)"
    assert finding.origin is not None
    assert "DO $$" in finding.origin.path.read_text().splitlines()[finding.origin.line - 1]


def test_what_was_not_read_leaves_later_errors_open(tmp_path: Path) -> None:
    dynamic = (
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT DISTINCT code FROM orders LOOP "
        "EXECUTE 'ALTER TABLE orders ADD COLUMN ' || r.code || ' int'; END LOOP; END $$"
    )
    code = "\n".join(f"op.execute({s!r})" for s in (dynamic, "ALTER TABLE orders ALTER COLUMN tenant SET DEFAULT 1"))
    report = check(Example(code, given=GIVEN), "MG706", tmp_path, "postgresql").report
    found = [(f.severity, f.verified) for f in report.findings if f.code == "MG706"]
    assert found == [(Severity.WARNING, False)]


def test_text_made_at_run_time_that_keeps_the_schema_leaves_nothing_open(tmp_path: Path) -> None:
    owner = (
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT code FROM orders LOOP "
        "EXECUTE 'ALTER TABLE orders OWNER TO ' || quote_ident(r.code); END LOOP; END $$"
    )
    assert codes((owner, "ALTER TABLE orders ALTER COLUMN tenant SET DEFAULT 1"), tmp_path) == {"MG706"}


@pytest.mark.live
@pytest.mark.parametrize("statements", [b[0] for b in BLOCKS.values()], ids=[k.replace(" ", "_") for k in BLOCKS])
def test_the_schema_after_a_block_is_the_servers(statements: tuple[str, ...], server: PostgresServer) -> None:
    import psycopg

    from migguard.catalog.schema import Server
    from migguard.catalog.start import empty
    from tests.catalog.facts import catalog_facts, disagreements
    from tests.catalog.reflection import reflect

    known = Server(Engine.POSTGRESQL, (server.version,), timezone="UTC")
    shadow = Database(known, empty(known))
    name = server.create_database()
    try:
        with server.connect(name) as connection:
            for statement in (*GIVEN.split(";"), *statements):
                refused = shadow_refuses(shadow, statement)
                try:
                    connection.execute(statement.encode())
                    error = None
                except psycopg.Error as raised:
                    error = str(raised)
                assert (error is None) == (not refused), error
                if error is None:
                    there, here = told(reflect(connection)), told(catalog_facts(shadow.catalog))
                    assert disagreements(there, here) == []
    finally:
        server.drop_database(name)


def told(facts: dict[Any, Any]) -> dict[Any, Any]:
    """The facts without NOT NULL's own constraints, which PostgreSQL 18 keeps beside the columns."""
    return {k: v for k, v in facts.items() if not (k[0] == "constraint" and v[0] == "n")}


def shadow_refuses(shadow: Database, statement: str) -> bool:
    """Run a statement on the shadow; whether it says that the server would refuse it."""
    from migguard.trace import Statement

    class Keep:
        last: Statement | None = None

        def origin(self) -> None:
            return None

        def record(self, made: Statement) -> None:
            self.last = made

        def guessed(self, sql: str, origin: object) -> None:
            pass

        def ended(self, *, committed: bool) -> None:
            pass

    keep = Keep()
    shadow.recorder = keep
    shadow.execute(statement)
    return keep.last is not None and any(s.refusal is not None for s in keep.last.steps)
