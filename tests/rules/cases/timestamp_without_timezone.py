"""Cases of MG917."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE visits (id bigint PRIMARY KEY, at timestamptz, since timestamp, day date)"

CASES: dict[str, Example] = {
    "added to an existing table": Example('op.add_column("visits", sa.Column("until", sa.DateTime()))', given=GIVEN),
    "in raw SQL": Example('op.execute("ALTER TABLE visits ADD COLUMN until timestamp(3)")', given=GIVEN),
    "a change of type": Example(
        'op.alter_column("visits", "at", existing_type=sa.DateTime(timezone=True), type_=sa.DateTime())',
        given=GIVEN,
    ),
    "two columns": Example('op.execute("CREATE TABLE days (id bigint PRIMARY KEY, a timestamp, b timestamp)")', hits=2),
    "an array of them": Example('op.execute("ALTER TABLE visits ADD COLUMN stops timestamp[]")', given=GIVEN),
    "with a time zone": Example('op.execute("ALTER TABLE visits ADD COLUMN until timestamptz")', given=GIVEN, hits=0),
    "a date": Example('op.add_column("visits", sa.Column("until", sa.Date()))', given=GIVEN, hits=0),
    "an old column that is made NOT NULL": Example(
        'op.alter_column("visits", "since", existing_type=sa.DateTime(), nullable=False)', given=GIVEN, hits=0
    ),
    "an old column that gets a time zone": Example(
        'op.alter_column("visits", "since", existing_type=sa.DateTime(), type_=sa.DateTime(timezone=True))',
        given=GIVEN,
        hits=0,
    ),
    "a partition": Example(
        'op.execute("CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (1) TO (9)")',
        given="CREATE TABLE days (id bigint, at timestamp) PARTITION BY RANGE (id)",
        hits=0,
    ),
    "mended later in the deployment": Example(
        'op.alter_column("visits", "until", existing_type=sa.DateTime(), type_=sa.DateTime(timezone=True))',
        given=GIVEN,
        earlier=('op.add_column("visits", sa.Column("until", sa.DateTime()))',),
        hits=0,
    ),
    "MySQL": Example(
        'op.create_table("days", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("at", sa.DateTime()))',
        server="mysql 8.0.36",
        hits=0,
    ),
}
