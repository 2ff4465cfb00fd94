"""Cases of MG913."""

from migguard.rules.frame import Example

CASES: dict[str, Example] = {
    "smallint": Example('op.create_table("sizes", sa.Column("id", sa.SmallInteger(), primary_key=True))'),
    "serial in raw SQL": Example('op.execute("CREATE TABLE orders (id serial PRIMARY KEY)")'),
    "an identity column": Example(
        'op.create_table("orders", sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True))'
    ),
    "a named constraint": Example(
        """
        op.create_table(
            "orders",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name="pk_orders"),
        )
        """
    ),
    "added to a new table": Example(
        """
        op.create_table("orders", sa.Column("id", sa.Integer(), nullable=False))
        op.create_primary_key("pk_orders", "orders", ["id"])
        """
    ),
    "a new column of an existing table": Example(
        'op.execute("ALTER TABLE orders ADD COLUMN id serial PRIMARY KEY")',
        given="CREATE TABLE orders (code text)",
    ),
    "over an old column": Example(
        'op.create_primary_key("pk_orders", "orders", ["id"])',
        given="CREATE TABLE orders (id int NOT NULL)",
        hits=0,
    ),
    "a domain over int": Example(
        'op.execute("CREATE TABLE orders (id small PRIMARY KEY)")', given="CREATE DOMAIN small AS int"
    ),
    "bigserial": Example('op.execute("CREATE TABLE orders (id bigserial PRIMARY KEY)")', hits=0),
    "uuid": Example('op.create_table("orders", sa.Column("id", sa.Uuid(), primary_key=True))', hits=0),
    "two columns": Example(
        """
        op.create_table(
            "likes",
            sa.Column("member_id", sa.Integer(), primary_key=True),
            sa.Column("post_id", sa.Integer(), primary_key=True),
        )
        """,
        hits=0,
    ),
    "the key of a parent": Example(
        """
        op.create_table(
            "managers", sa.Column("id", sa.Integer(), sa.ForeignKey("people.id"), primary_key=True)
        )
        """,
        given="CREATE TABLE people (id int PRIMARY KEY)",
        hits=0,
    ),
    "a partition": Example(
        'op.execute("CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (1) TO (9)")',
        given="CREATE TABLE days (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        hits=0,
    ),
    "widened later in the deployment": Example(
        'op.alter_column("orders", "id", type_=sa.BigInteger())',
        earlier=('op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))',),
        hits=0,
    ),
    "a single row": Example(
        'op.create_table("flags", sa.Column("id", sa.Integer(), sa.CheckConstraint("id = 1"), primary_key=True))',
        hits=0,
    ),
    "a check that leaves more than one value": Example(
        'op.create_table("flags", sa.Column("id", sa.Integer(), sa.CheckConstraint("id > 0"), primary_key=True))'
    ),
    "SQLite": Example(
        'op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))', server="sqlite", hits=0
    ),
    "MySQL": Example(
        'op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))', server="mysql 8.0.36"
    ),
    "MySQL unsigned": Example(
        'op.execute("CREATE TABLE orders (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY)")',
        server="mysql 8.0.36",
    ),
    "MySQL bigint": Example(
        'op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))',
        server="mysql 8.0.36",
        hits=0,
    ),
}
