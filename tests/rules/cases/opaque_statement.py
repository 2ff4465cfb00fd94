"""Cases of MG004."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE parcels (id bigint PRIMARY KEY, code text);CREATE TYPE size AS ENUM ('small', 'large');"
    "CREATE FUNCTION released() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE parcels; END $$"
)
INDEX = "DO $$ BEGIN CREATE INDEX ix_parcels_code ON parcels (code); END $$"


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


def function(body: str, hits: int = 1, **more: object) -> Example:
    made = f"CREATE FUNCTION f(value text) RETURNS bytea LANGUAGE sql AS $$ {body} $$"
    return Example(f"op.execute({made!r})", hits=hits, runs=False, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a block that was read": sql(INDEX),
    "a block with a condition on the schema": sql(
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'colour') THEN "
        "CREATE TYPE colour AS ENUM ('red'); END IF; END $$"
    ),
    "two blocks of one line that do different things": Example(
        """
        def add_if_missing(name, column):
            op.execute(
                "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.table_constraints "
                f"WHERE constraint_name = '{name}') THEN "
                f"ALTER TABLE parcels ADD CONSTRAINT {name} UNIQUE ({column}); END IF; END $$"
            )

        def upgrade():
            add_if_missing("uq_parcels_code", "code")
            add_if_missing("uq_parcels_id", "id")
        """,
        given=GIVEN,
        hits=2,
    ),
    "a statement made of rows": sql(
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP "
        "EXECUTE format('ALTER TABLE %I ADD COLUMN tenant int', r.tablename); END LOOP; END $$"
    ),
    "another language": sql("DO LANGUAGE plpython3u $$ pass $$", runs=False),
    "a function of an extension": sql("SELECT create_hypertable('parcels', 'id')", runs=False),
    "a released function that is called": sql("SELECT released()"),
    "a procedure that is created and called": sql(
        "CREATE PROCEDURE tidy() LANGUAGE sql AS $$ ALTER TABLE parcels ADD COLUMN note text $$", "CALL tidy()", hits=2
    ),
    "a call inside of a block is part of the block": sql("DO $$ BEGIN PERFORM released(); END $$"),
    "a function that changes the schema": sql(
        "CREATE FUNCTION grow() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE parcels ADD COLUMN x int; END $$"
    ),
    "a trigger function": sql(
        "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.code := upper(NEW.code); "
        "IF TG_OP = 'UPDATE' THEN INSERT INTO parcels (id) VALUES (NEW.id); END IF; RETURN NEW; END $$",
        hits=0,
    ),
    "a function that only computes": sql(
        "CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql AS $$ SELECT 2 * $1 $$",
        "SELECT twice(id::int) FROM parcels",
        hits=0,
    ),
    "a function of the server": sql("SELECT setval('parcels_id_seq', 1)", runs=False, hits=0),
    "a function that calls only what the server has": function("SELECT string_agg(convert_to(value, 'UTF8'), ' ')", 0),
    "a function that calls one that nobody knows": function("SELECT rebuild_all(value)"),
    "a function that calls one of the user's by the name of the server's": function(
        "SELECT convert_to(value, 'UTF8')",
        given="CREATE FUNCTION convert_to(text, text) RETURNS bytea LANGUAGE plpgsql "
        "AS $f$ BEGIN CREATE TABLE t (a int); RETURN ''; END $f$",
    ),
    "a function that makes a table": function("CREATE TABLE made (a int); SELECT convert_to(value, 'UTF8')"),
}
