"""Cases of MG409."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, views int, code varchar(50), total numeric(10, 2), at timestamp, "
    "address cidr, bits varbit(8), lasts interval(3), note text, mood mood)"
)
ENUM = "CREATE TYPE mood AS ENUM ('good', 'bad')"
PARTS = (
    "CREATE TABLE events (n int, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)


def to(column: str, kind: str, **more: object) -> Example:
    text = f"ALTER TABLE orders ALTER COLUMN {column} TYPE {kind}"
    return Example(f"op.execute({text!r})", **{"given": f"{ENUM};{GIVEN}", **more})  # type: ignore[arg-type]


WIDEN = 'op.alter_column("old", "{}", type_=sa.String({}))'


def retyped(first: int, then: int, between: str = "pass", hits: int = 1) -> Example:
    """A column of a table that no revision has made gets a type twice."""
    released = ("pass", WIDEN.format("code", first), between)
    return Example(WIDEN.format("code", then), released=released, hits=hits, runs=False)


CASES: dict[str, Example] = {
    "smaller scale": to("total", "numeric(12, 1)"),
    "integer to text": to("views", "text"),
    "text to integer with using": to("note", "integer USING note::integer"),
    "text to an enum": to("note", "mood USING note::mood"),
    "an enum to text": to("mood", "text"),
    "using that computes": to("note", "text USING upper(note)"),
    "timestamp to timestamptz in an unknown zone": to("at", "timestamptz"),
    "timestamp to timestamptz by another zone": to("at", "timestamptz USING at AT TIME ZONE 'Europe/Berlin'"),
    "varchar shorter": to("code", "varchar(20)"),
    "varchar to char": to("code", "char(50)"),
    "fewer digits of a timestamp": to("at", "timestamp(0)"),
    "a partitioned table": Example('op.execute("ALTER TABLE events ALTER COLUMN n TYPE bigint")', given=PARTS),
    "a quoted and qualified name": Example(
        'op.alter_column("Order", "Views", type_=sa.BigInteger(), schema="shop")',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int PRIMARY KEY, "Views" int)',
    ),
    "in batch mode": Example(
        'with op.batch_alter_table("orders") as batch:\n    batch.alter_column("views", type_=sa.BigInteger())',
        given=f"{ENUM};{GIVEN}",
    ),
    "varchar longer": to("code", "varchar(80)", hits=0),
    "varchar without a limit": to("code", "varchar", hits=0),
    "varchar to text": to("code", "text", hits=0),
    "text to varchar without a limit": to("note", "varchar", hits=0),
    "more digits at the same scale": to("total", "numeric(14, 2)", hits=0),
    "numeric without a limit": to("total", "numeric", hits=0),
    "a cast that is no more than the type": to("code", "text USING code::text", hits=0),
    "the type it has": to("views", "integer", hits=0),
    "cidr to inet": to("address", "inet", hits=0),
    "varbit longer": to("bits", "varbit(16)", hits=0),
    "interval with more digits": to("lasts", "interval(6)", hits=0),
    "timestamp to timestamptz under utc": Example(
        'op.execute("SET LOCAL timezone = \'UTC\'")\nop.execute("ALTER TABLE orders ALTER COLUMN at TYPE timestamptz")',
        given=f"{ENUM};{GIVEN}",
        hits=0,
    ),
    "a table of this deployment": Example(
        'op.alter_column("notes", "n", type_=sa.BigInteger())',
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer()))',),
        given="CREATE TABLE orders (id int)",
        hits=0,
    ),
    "varchar to citext": to("code", "citext", given=f"{ENUM};{GIVEN};CREATE EXTENSION citext", hits=0, runs=False),
    "text to citext by its cast": to(
        "note", "citext USING note::citext", given=f"{ENUM};{GIVEN};CREATE EXTENSION citext", hits=0, runs=False
    ),
    "text to citext by a function": to(
        "note", "citext USING lower(note)", given=f"{ENUM};{GIVEN};CREATE EXTENSION citext", runs=False
    ),
    "citext back to a limited varchar": Example(
        'op.execute("ALTER TABLE people ALTER COLUMN name TYPE varchar(10)")',
        given="CREATE EXTENSION citext;CREATE TABLE people (name citext)",
        runs=False,
    ),
    "a type of that name of the user's own": to(
        "note", "citext USING 'a'::citext", given=f"{ENUM};{GIVEN};CREATE TYPE citext AS ENUM ('a')"
    ),
    "an extension's type without its modifier": Example(
        'op.execute("ALTER TABLE places ALTER COLUMN at TYPE geometry")',
        given="CREATE TABLE places (at geometry(Point, 4326))",
        hits=0,
        runs=False,
    ),
    "a column of which an earlier revision has told the type": retyped(50, 500, hits=0),
    "a type that an earlier revision has told, and that is longer": retyped(500, 50),
    "a told type of a column that was dropped since": retyped(50, 500, 'op.drop_column("old", "code")'),
    "a told type of a column that was renamed since": Example(
        WIDEN.format("label", 500),
        released=("pass", WIDEN.format("code", 50), 'op.alter_column("old", "code", new_column_name="label")'),
        hits=0,
        runs=False,
    ),
    "a column of an unknown table of which nothing is known": Example(
        WIDEN.format("code", 500), released=("pass",), runs=False
    ),
}
