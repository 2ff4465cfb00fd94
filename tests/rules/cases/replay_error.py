"""Cases of MG706."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text);"
    "CREATE TABLE items (id int, order_id bigint REFERENCES orders)"
)


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, "hits": hits, "runs": hits == 0, **more})  # type: ignore[arg-type]


def with_mood(table: str) -> str:
    """A table with a column of an enum, whose type SQLAlchemy makes with the first table of a run that has it."""
    return f'op.create_table("{table}", sa.Column("m", sa.Enum("sad", "ok", name="mood")))'


CASES: dict[str, Example] = {
    "an enum that is called as its table, and so is not there": Example(
        """
        op.alter_column("states", "state", type_=sa.Enum("a", "b", name="states"), existing_type=sa.Text())
        """,
        given="CREATE TABLE states (id bigint PRIMARY KEY, state text)",
        runs=False,
    ),
    "an enum of a released revision that create_table makes again": Example(
        with_mood("b"), released=(with_mood("a"),), runs=False
    ),
    "an enum that an earlier revision of the run has made": Example(with_mood("b"), earlier=(with_mood("a"),), hits=0),
    "an enum that create_table is told to be there": Example(
        """
        from sqlalchemy.dialects import postgresql
        op.create_table("b", sa.Column("m", postgresql.ENUM("sad", "ok", name="mood", create_type=False)))
        """,
        released=(with_mood("a"),),
        hits=0,
    ),
    "an enum with a value twice": sql("CREATE TYPE mood AS ENUM ('sad', 'ok', 'sad')"),
    "an enum whose value is longer than 63 bytes": sql(f"CREATE TYPE mood AS ENUM ('{'é' * 32}')"),
    "an enum whose value has 63 bytes": sql(f"CREATE TYPE mood AS ENUM ('{'o' * 63}')", hits=0),
    "a value of more than 63 bytes that is added": sql(
        f"ALTER TYPE mood ADD VALUE '{'o' * 64}'", given="CREATE TYPE mood AS ENUM ('sad', 'ok')"
    ),
    "a value of more than 63 bytes by another name": sql(
        f"ALTER TYPE mood RENAME VALUE 'ok' TO '{'o' * 64}'", given="CREATE TYPE mood AS ENUM ('sad', 'ok')"
    ),
    "a table that is there": sql("CREATE TABLE orders (id int)"),
    "a table that is not there": sql("ALTER TABLE order_s ADD COLUMN a int"),
    "a column twice": sql("ALTER TABLE orders ADD COLUMN email text"),
    "an index that is not there": sql("DROP INDEX ix_orders_email"),
    "a constraint that is not there": sql("ALTER TABLE orders DROP CONSTRAINT uq_orders"),
    "a type that is not there": sql("ALTER TABLE orders ADD COLUMN state order_state"),
    "an enum that add_column does not create": Example(
        'op.add_column("orders", sa.Column("state", sa.Enum("new", "paid", name="order_state")))',
        given=GIVEN,
        runs=False,
    ),
    "a type of an extension": sql("ALTER TABLE orders ADD COLUMN place geometry", 0, runs=False),
    "a cast that needs using is MG705": sql("ALTER TABLE orders ALTER email TYPE int", 0, runs=False),
    "an enum value twice": sql(
        "ALTER TYPE hue ADD VALUE 'red'", given="CREATE TYPE hue AS ENUM ('red');CREATE TABLE t (a hue)"
    ),
    "a table with a foreign key to it": sql("DROP TABLE orders"),
    "no unique key to refer to": sql("ALTER TABLE items ADD FOREIGN KEY (id) REFERENCES orders (email)"),
    "not in this version": sql(
        "ALTER TABLE orders ADD COLUMN a int GENERATED ALWAYS AS (1) VIRTUAL", server="postgresql 16"
    ),
    "not in a version that somebody named": sql(
        "CREATE UNIQUE INDEX ux ON orders (email) NULLS NOT DISTINCT", server="postgresql 14"
    ),
    "perhaps not in the version that nobody named": sql(
        "CREATE UNIQUE INDEX ux ON orders (email) NULLS NOT DISTINCT", 0, runs=False
    ),
    "types without equality": sql(
        "ALTER TABLE items ADD FOREIGN KEY (name) REFERENCES orders",
        given=GIVEN + ";ALTER TABLE items ADD COLUMN name text",
    ),
    "types of one family": sql("ALTER TABLE items ADD FOREIGN KEY (id) REFERENCES orders", 0),
    "an operator class for another type": sql("CREATE INDEX ix ON orders USING gin (id gin_trgm_ops)"),
    "an operator class that an extension may bring": sql(
        "CREATE INDEX ix ON orders USING gin (email gin_trgm_ops)", 0, runs=False
    ),
    "a type that an extension may index": sql("CREATE INDEX ix ON orders USING gin (id)", 0, runs=False),
    "a table that others refer to": sql("TRUNCATE orders"),
    "a table with those that refer to it": sql("TRUNCATE orders, items", 0),
    "a view is no table": sql(
        "ALTER TABLE v ADD COLUMN a int", given=GIVEN + ";CREATE VIEW v AS SELECT email FROM orders"
    ),
    "a view is renamed as a table": sql(
        "ALTER TABLE v RENAME TO w", 0, given=GIVEN + ";CREATE VIEW v AS SELECT email FROM orders"
    ),
    "partitions overlap": sql(
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (20)",
        given="CREATE TABLE p (a int) PARTITION BY RANGE (a);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10)",
    ),
    "partitions meet": sql(
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)",
        0,
        given="CREATE TABLE p (a int) PARTITION BY RANGE (a);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10)",
    ),
    "a nullable identity column": Example(
        'op.add_column("items", sa.Column("number", sa.Integer(), sa.Identity(), nullable=True))',
        given=GIVEN,
        runs=False,
    ),
    "a trigger without its function": sql(
        "CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stmap()",
        given=GIVEN + ";CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ),
    "a trigger function from elsewhere": sql(
        "CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp()", 0, runs=False
    ),
    "a view that was made empty": sql(
        "CREATE MATERIALIZED VIEW v AS SELECT id FROM orders WITH NO DATA;"
        "CREATE UNIQUE INDEX v_id ON v (id);REFRESH MATERIALIZED VIEW CONCURRENTLY v"
    ),
    "a view that was made empty before": sql(
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        0,
        runs=False,
        given=GIVEN + ";CREATE MATERIALIZED VIEW v AS SELECT id FROM orders WITH NO DATA;"
        "CREATE UNIQUE INDEX v_id ON v (id)",
    ),
    "a view that was filled once": sql(
        "CREATE MATERIALIZED VIEW v AS SELECT id FROM orders WITH NO DATA;CREATE UNIQUE INDEX v_id ON v (id);"
        "REFRESH MATERIALIZED VIEW v;REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        0,
    ),
    "a view without a key": sql(
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v", given=GIVEN + ";CREATE MATERIALIZED VIEW v AS SELECT id FROM orders"
    ),
    "rights on a table from elsewhere": sql("GRANT SELECT ON other.things TO PUBLIC", 0, runs=False),
    "rights on a table that is not there": sql("GRANT SELECT ON order_s TO PUBLIC"),
    "a view in the way is MG612": sql(
        "ALTER TABLE orders DROP COLUMN email",
        0,
        given=GIVEN + ";CREATE VIEW v AS SELECT email FROM orders",
        runs=False,
    ),
    "a view in the way of a type change": sql(
        "ALTER TABLE orders ALTER email TYPE varchar(90)", given=GIVEN + ";CREATE VIEW v AS SELECT email FROM orders"
    ),
    "a refusal that is caught in a savepoint": Example(
        """
        try:
            with op.get_bind().begin_nested():
                op.add_column("orders", sa.Column("email", sa.Text()))
        except sa.exc.DBAPIError:
            pass
        """,
        given=GIVEN,
        hits=0,
    ),
    "a refusal that is caught in autocommit": Example(
        """
        with op.get_context().autocommit_block():
            try:
                op.add_column("orders", sa.Column("email", sa.Text()))
            except sa.exc.ProgrammingError as error:
                if "already exists" not in str(error):
                    raise
        """,
        given=GIVEN,
        hits=0,
    ),
    "a refusal that is suppressed in autocommit": Example(
        """
        import contextlib
        with op.get_context().autocommit_block(), contextlib.suppress(sa.exc.SQLAlchemyError):
            op.drop_index("ix_orders_email", "orders")
        """,
        given=GIVEN,
        hits=0,
    ),
    "a refusal that is caught in autocommit and raised again": Example(
        """
        with op.get_context().autocommit_block():
            try:
                op.add_column("orders", sa.Column("email", sa.Text()))
            except sa.exc.ProgrammingError as error:
                if "no such thing" not in str(error):
                    raise
        """,
        given=GIVEN,
        runs=False,
    ),
    "a handler of another error": Example(
        """
        with op.get_context().autocommit_block():
            try:
                op.add_column("orders", sa.Column("email", sa.Text()))
            except KeyError:
                pass
        """,
        given=GIVEN,
        runs=False,
    ),
    "a refusal that is caught where the transaction cannot go on": Example(
        """
        try:
            op.add_column("orders", sa.Column("email", sa.Text()))
        except sa.exc.ProgrammingError:
            pass
        op.add_column("orders", sa.Column("note", sa.Text()))
        """,
        given=GIVEN,
        runs=False,
    ),
    "a refusal behind a statement that nobody could read": Example(
        """
        op.execute("FROBNICATE orders")
        op.add_column("orders", sa.Column("email", sa.Text()))
        """,
        given=GIVEN,
        runs=False,
    ),
    "if exists": sql("DROP INDEX IF EXISTS ix_orders_email", 0),
    "if not exists": sql("CREATE TABLE IF NOT EXISTS orders (id int)", 0),
    "a column that an UPDATE sets": sql("UPDATE orders SET e_mail = 'a'"),
    "a column that an UPDATE reads": sql("UPDATE orders SET email = orders.mail"),
    "a column of a table in a query": sql("INSERT INTO orders (id) SELECT o.number FROM orders o"),
    "a table in a query": sql("DELETE FROM orders WHERE id IN (SELECT order_id FROM lines)"),
    "fewer values than columns": sql("INSERT INTO orders (id, email) VALUES (1)"),
    "a value that is no label of its enum": sql(
        "UPDATE moods SET mood = 'happy'",
        earlier=("op.execute(\"CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE moods (mood mood)\")",),
    ),
    "a label that an earlier revision has added": sql(
        "UPDATE moods SET mood = 'happy'",
        0,
        earlier=(
            "op.execute(\"CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE moods (mood mood)\")",
            """
            with op.get_context().autocommit_block():
                op.execute("ALTER TYPE mood ADD VALUE 'happy'")
            """,
        ),
    ),
    "a value for a generated column": sql(
        "UPDATE made SET b = 1",
        earlier=('op.execute("CREATE TABLE made (a int, b int GENERATED ALWAYS AS (a * 2) STORED)")',),
    ),
    "ON CONFLICT without a unique index": sql("INSERT INTO orders (id) VALUES (1) ON CONFLICT (email) DO NOTHING"),
    "a default that is a word without quotes": Example(
        'op.add_column("orders", sa.Column("state", sa.Text(), server_default=sa.text("pending")))',
        given=GIVEN,
        runs=False,
    ),
    "a column in the WHERE of an index": sql("CREATE INDEX ix_open ON orders (id) WHERE closed IS NULL"),
    "a function that changes in an index": sql("CREATE INDEX ix_now ON orders ((now() > '2020-01-01'))"),
    "a view of a column that is not there": sql("CREATE VIEW mails AS SELECT e_mail FROM orders"),
    "a query's own names": sql(
        "WITH x (number) AS (SELECT o.id FROM orders o) UPDATE orders SET email = x.number::text FROM x "
        "WHERE x.number = orders.id AND orders.ctid IS NOT NULL",
        0,
    ),
    "a column of a function": sql("SELECT value FROM orders, jsonb_each_text(email::jsonb)", 0),
    "a column of a table that the history never made": Example(
        """
        op.execute("ALTER TABLE legacy ADD COLUMN a int")
        op.execute("UPDATE legacy SET mail = l.mail FROM legacy l WHERE l.id = legacy.id")
        """,
        hits=0,
        runs=False,
    ),
    "a variable of a block": sql(
        "DO $$ DECLARE number int := 1; BEGIN UPDATE orders SET email = '' WHERE id = number; END $$", 0
    ),
    "a value of a row, which the replay does not have": Example(
        """
        found = op.get_bind().execute(sa.text("SELECT id FROM orders WHERE email = 'a'")).scalar()
        op.execute(f"DELETE FROM orders WHERE id = {found}")
        """,
        given=GIVEN,
        hits=0,
    ),
    "columns that a module which is not installed may have added": Example(
        """
        from shop_models.columns import audited

        op.create_table("made", sa.Column("id", sa.Integer(), primary_key=True), *audited())
        op.execute("UPDATE made SET changed_at = now()")
        """,
        given=GIVEN,
        hits=0,
        runs=False,
    ),
    "the schema of a module which is not installed": Example(
        """
        from shop_models.config import config

        schema = config["schema"]
        op.add_column("orders", sa.Column("rank", sa.Integer()), schema=schema)
        op.execute(f"UPDATE {schema}.orders SET rank = 1")
        """,
        given=GIVEN,
        hits=0,
        runs=False,
    ),
    "a table that the history never made": Example(
        'op.execute("ALTER TABLE legacy ADD COLUMN a int")', hits=0, runs=False
    ),
    "a first table that refers to one that the history never made": Example(
        'op.execute("CREATE TABLE notes (id int PRIMARY KEY, author int REFERENCES ab_user (id))")', hits=0, runs=False
    ),
    "a table that refers to one that is not there": sql("CREATE TABLE notes (author int REFERENCES order_s (id))"),
    "made earlier in the deployment": sql(
        "ALTER TABLE orders DROP COLUMN x", 0, earlier=('op.add_column("orders", sa.Column("x", sa.Text()))',)
    ),
    "the schema of temporary things is there when it is named": sql(
        "CREATE FUNCTION pg_temp.lower_all(a text) RETURNS text LANGUAGE sql AS 'SELECT lower(a)';"
        "CREATE TYPE pg_temp.mood AS ENUM ('glad'); CREATE SEQUENCE pg_temp.numbers;"
        "CREATE TABLE pg_temp.seen (id int); CREATE VIEW pg_temp.shown AS SELECT id FROM seen",
        0,
    ),
    "a schema that nobody made, in the first statement": sql("CREATE TABLE app.users (id int PRIMARY KEY)", given=""),
    "the schema of a table that is taken as existing": sql(
        "CREATE TABLE app.roles (id int PRIMARY KEY, user_id int REFERENCES app.users (id))", 0, given="", runs=False
    ),
    "a schema in which only the new table itself is referred to": sql(
        "CREATE TABLE app.users (id int PRIMARY KEY, parent_id int REFERENCES app.users (id))", given=""
    ),
    "a schema in which a table is taken as existing, and another that nobody made": sql(
        "CREATE TABLE web.roles (id int PRIMARY KEY, user_id int REFERENCES app.users (id))", given=""
    ),
    "a schema in which a later revision works on a table that nobody made": Example(
        """
        op.execute("CREATE TABLE app.roles (id int PRIMARY KEY)")
        op.execute("ALTER TABLE app.users ADD COLUMN role_id int")
        """,
        hits=0,
        runs=False,
    ),
    "a schema that nobody made, and an index on the table that was refused": Example(
        """
        op.execute("CREATE TABLE app.roles (id int PRIMARY KEY, name text)")
        op.execute("CREATE INDEX ix_roles_name ON app.roles (name)")
        """,
        runs=False,
    ),
    "a schema in which a released revision works": sql(
        "CREATE TABLE app.groups (id int PRIMARY KEY)", 0, given="CREATE TABLE app.users (id int)", runs=False
    ),
}
