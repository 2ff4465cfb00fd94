"""Cases of MG705."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TYPE hue AS ENUM ('red', 'blue');CREATE TYPE few AS ENUM ('red');"
    "CREATE DOMAIN small AS int CHECK (VALUE < 9);"
    "CREATE TABLE t (id bigint PRIMARY KEY, txt text, num int, big bigint, amount numeric(8, 2), flag boolean, "
    "name varchar(40), color hue, day timestamp, doc json, tags text[], def text DEFAULT 'x')"
)


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def to(column: str, kind: str, using: str = "", hits: int = 1, **more: object) -> Example:
    tail = f" USING {using}" if using else ""
    return sql(f"ALTER TABLE t ALTER COLUMN {column} TYPE {kind}{tail}", hits, **more)


def refused(column: str, kind: str, using: str = "") -> Example:
    return to(column, kind, using, runs=False)


TOLD = 0
"""Where MG307 says of the same values that the change fails on them."""


CASES: dict[str, Example] = {
    "text to integer without using": refused("txt", "integer"),
    "text to json without using": refused("txt", "json"),
    "integer to boolean without using": refused("num", "boolean"),
    "one enum to another without using": refused("color", "few"),
    "text to an array without using": refused("txt", "text[]"),
    "using that casts nothing": refused("txt", "integer", "txt"),
    "there is no such cast": refused("num", "timestamp", "num::timestamp"),
    "a default that does not follow": refused("def", "hue", "def::hue"),
    "a default that is set in the same statement": sql(
        "ALTER TABLE t ALTER def SET DEFAULT 'red', ALTER def TYPE hue USING def::hue", runs=False
    ),
    "alembic sets the new default first": Example(
        """
        op.alter_column("t", "def", type_=sa.Enum("red", "blue", name="hue"), server_default="red",
                        postgresql_using="def::hue")
        """,
        given=GIVEN,
        runs=False,
    ),
    "refused on a new table too": Example(
        """
        op.create_table("n", sa.Column("a", sa.Text()))
        op.alter_column("n", "a", type_=sa.Integer())
        """,
        runs=False,
    ),
    "text to uuid": to("txt", "uuid", "txt::uuid"),
    "text to an enum": to("txt", "hue", "txt::text::hue"),
    "text to a domain": to("num", "small", hits=TOLD),
    "through a function": to("txt", "integer", "NULLIF(txt, '')::integer"),
    "a bigint to an integer": to("big", "integer", hits=TOLD),
    "fewer digits": to("amount", "numeric(5, 2)", hits=TOLD),
    "a shorter string": to("name", "varchar(20)", hits=TOLD),
    "an integer to a short string": to("num", "varchar(3)"),
    "an enum that has fewer values": to("color", "few", "color::text::few", TOLD),
    "an array of text to one of integers": to("tags", "int[]", "tags::int[]"),
    "in a batch": Example(
        'with op.batch_alter_table("t") as batch:\n'
        '    batch.alter_column("txt", type_=sa.Integer(), postgresql_using="txt::integer")',
        given=GIVEN,
    ),
    "numbers beyond a range, beside digits that are lost": to("amount", "smallint"),
    "json to a short string": to("doc", "varchar(9)", "doc::text"),
    "a quoted and qualified name": Example(
        'op.execute(\'ALTER TABLE s."T" ALTER "A" TYPE varchar(3) USING "A"::text\')',
        given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int)',
    ),
    "a new column that was filled": Example(
        """
        op.add_column("t", sa.Column("x", sa.Text()))
        op.execute("UPDATE t SET x = txt")
        op.alter_column("t", "x", type_=sa.Integer(), postgresql_using="x::integer")
        """,
        given=GIVEN,
    ),
    "wider types": sql(
        "ALTER TABLE t ALTER num TYPE bigint, ALTER name TYPE text, ALTER amount TYPE numeric(10, 2)",
        0,
    ),
    "anything to text": sql("ALTER TABLE t ALTER big TYPE text, ALTER color TYPE text, ALTER tags TYPE text", 0),
    "an enum to a string that has room": to("color", "varchar(4)", hits=0),
    "an enum with more values": to(
        "color", "more", "color::text::more", 0, given=GIVEN + ";CREATE TYPE more AS ENUM ('red', 'blue', 'tan')"
    ),
    "rounding is no error": to("amount", "numeric(9, 1)", hits=0),
    "a timestamp to a date": to("day", "date", hits=0),
    "json to jsonb": sql("ALTER TABLE t ALTER doc TYPE jsonb USING doc::jsonb", 0),
    "a written cast cuts": to("name", "varchar(9)", "name::varchar(9)", 0),
    "a case of constants": to("txt", "boolean", "CASE WHEN txt = 'yes' THEN true ELSE false END", 0),
    "a guarded cast": to("txt", "integer", r"CASE WHEN txt ~ '^\d+$' THEN txt::integer END", 0),
    "a flag made a number": to("flag", "integer", "flag::integer", 0),
    "a default dropped in the same statement": sql(
        'ALTER TABLE t ALTER def TYPE text COLLATE "C" USING def::text, ALTER def DROP DEFAULT', 0
    ),
    "a default dropped first": Example(
        """
        op.alter_column("t", "color", server_default=None)
        op.execute("ALTER TABLE t ALTER color TYPE text, ALTER color SET DEFAULT 'red'")
        """,
        given=GIVEN,
        hits=0,
    ),
    "citext takes all text": to("txt", "citext", hits=0, given=GIVEN + ";CREATE EXTENSION citext", runs=False),
    "a column that nothing has filled": Example(
        """
        op.add_column("t", sa.Column("x", sa.Text()))
        op.alter_column("t", "x", type_=sa.Integer(), postgresql_using="x::integer")
        """,
        given=GIVEN,
        hits=0,
    ),
    "a table that is emptied": Example(
        'op.execute("TRUNCATE t")\nop.alter_column("t", "txt", type_=sa.Integer(), postgresql_using="txt::integer")',
        given=GIVEN,
        hits=0,
    ),
    "a table of this deployment": Example(
        """
        op.create_table("n", sa.Column("a", sa.Text()))
        op.alter_column("n", "a", type_=sa.Integer(), postgresql_using="a::integer")
        """,
        hits=0,
    ),
    "an enum without a value that this deployment has added": Example(
        """
        op.execute("ALTER TYPE plan RENAME TO plan_old")
        op.execute("CREATE TYPE plan AS ENUM ('free', 'paid')")
        op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE plan USING plan::text::plan")
        """,
        given="CREATE TYPE plan AS ENUM ('free', 'paid');CREATE TABLE accounts (id bigint PRIMARY KEY, plan plan)",
        earlier=("op.execute(\"ALTER TYPE plan ADD VALUE 'max'\")",),
        env=("transaction_per_migration",),
        hits=0,
    ),
}
