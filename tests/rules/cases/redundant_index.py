"""Cases of MG924."""

from migguard.rules.frame import Example

TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, a bigint, b bigint, c text)"


def beside(other: str, code: str, *, hits: int = 1, server: str = "") -> Example:
    """New code beside an index that is there."""
    return Example(code, given=f"{TABLE};{other}", hits=hits, server=server)


AB = "CREATE INDEX ix_ab ON orders (a, b)"
A = 'op.create_index("ix_a", "orders", ["a"])'
VISITS = (
    "CREATE TABLE visits (member_id bigint, place int, PRIMARY KEY (member_id, place));"
    "CREATE INDEX ix_old ON visits (member_id)"
)

CASES: dict[str, Example] = {
    "the same columns": beside(AB, 'op.create_index("ix_again", "orders", ["a", "b"])'),
    "built concurrently": beside(
        AB,
        """
        with op.get_context().autocommit_block():
            op.create_index("ix_a", "orders", ["a"], postgresql_concurrently=True)
        """,
    ),
    "an index over the primary key": Example('op.create_index("ix_id", "orders", ["id"])', given=TABLE),
    "index=True beside primary_key=True": Example(
        'op.create_table("visits", sa.Column("id", sa.BigInteger(), primary_key=True, index=True))'
    ),
    "a unique constraint over the primary key": Example(
        'op.create_unique_constraint("uq", "orders", ["id"])', given=TABLE
    ),
    "a plain index beside a unique one": beside("CREATE UNIQUE INDEX uq_a ON orders (a)", A),
    "two unique ones": beside(
        "CREATE UNIQUE INDEX uq_a ON orders (a)", 'op.create_unique_constraint("uq_again", "orders", ["a"])'
    ),
    "backwards": beside("CREATE INDEX ix_desc ON orders (a DESC)", A),
    "two new ones, the narrow one first": Example(
        f"""
        {A}
        op.create_index("ix_ab", "orders", ["a", "b"])
        """,
        given=TABLE,
    ),
    "the narrow one by an earlier revision": Example(
        'op.create_index("ix_ab", "orders", ["a", "b"])', given=TABLE, earlier=(A,)
    ),
    "equal ones by two revisions are one too many": Example(
        'op.create_index("ix_again", "orders", ["a"])', given=TABLE, earlier=(A,)
    ),
    "made superfluous by two later revisions": Example(
        'op.create_index("ix_abc", "orders", ["a", "b", "c"])',
        given=TABLE,
        earlier=(A, 'op.create_index("ix_ab", "orders", ["a", "b"])'),
        hits=2,
    ),
    "two new equal ones are one too many": Example(
        f"""
        {A}
        op.create_index("ix_again", "orders", ["a"])
        """,
        given=TABLE,
    ),
    "in the same condition": beside(
        "CREATE INDEX ix_ab ON orders (a, b) WHERE c IS NULL",
        'op.create_index("ix_a", "orders", ["a"], postgresql_where=sa.text("c IS NULL"))',
    ),
    "the other way round": beside(
        "CREATE INDEX ix_a ON orders (a)", 'op.create_index("ix_ab", "orders", ["a", "b"])', hits=0
    ),
    "not the beginning": beside(AB, 'op.create_index("ix_b", "orders", ["b"])', hits=0),
    "another order of columns": beside(AB, 'op.create_index("ix_ba", "orders", ["b", "a"])', hits=0),
    "one descends": beside(AB, 'op.create_index("ix_d", "orders", ["a", sa.text("b DESC")])', hits=0),
    "a unique index beside a plain one": beside(
        "CREATE INDEX ix_a ON orders (a)", 'op.create_index("uq_a", "orders", ["a"], unique=True)', hits=0
    ),
    "a unique index beside a wider unique one": beside(
        "CREATE UNIQUE INDEX uq_ab ON orders (a, b)",
        'op.create_index("uq_a", "orders", ["a"], unique=True)',
        hits=0,
    ),
    "a partial index beside a whole one": beside(
        "CREATE INDEX ix_a ON orders (a)",
        'op.create_index("ix_some", "orders", ["a"], postgresql_where=sa.text("c IS NULL"))',
        hits=0,
    ),
    "a whole index beside a partial one": beside("CREATE INDEX ix_some ON orders (a) WHERE c IS NULL", A, hits=0),
    "another method": beside("CREATE INDEX ix_a_brin ON orders USING brin (a)", A, hits=0),
    "another operator class": beside(
        "CREATE INDEX ix_c ON orders (c)",
        'op.create_index("ix_c_like", "orders", ["c"], postgresql_ops={"c": "text_pattern_ops"})',
        hits=0,
    ),
    "an expression": beside(
        "CREATE INDEX ix_c ON orders (c)",
        'op.create_index("ix_lower", "orders", [sa.text("lower(c)")])',
        hits=0,
    ),
    "further columns in INCLUDE": beside(
        "CREATE INDEX ix_a ON orders (a)",
        'op.create_index("ix_more", "orders", ["a"], postgresql_include=["c"])',
        hits=0,
    ),
    "the other one is dropped": beside(
        AB,
        """
        op.create_index("ix_a", "orders", ["a"])
        op.drop_index("ix_ab", table_name="orders")
        """,
        hits=0,
    ),
    "it is dropped again": Example(
        'op.drop_index("ix_a", table_name="orders")', given=f"{TABLE};{AB}", earlier=(A,), hits=0
    ),
    "a constraint takes the index over": Example(
        """
        op.create_index("uq_a", "orders", ["a"], unique=True)
        op.execute("ALTER TABLE orders ADD CONSTRAINT uq_a UNIQUE USING INDEX uq_a")
        """,
        given=TABLE,
        hits=0,
    ),
    "of another table": Example(
        'op.create_index("ix_visits_a", "visits", ["a"])',
        given=f"{TABLE};{AB};CREATE TABLE visits (a bigint)",
        hits=0,
    ),
    "the partitions' copies": Example(
        'op.create_index("ix_days_at", "days", ["at"])',
        given="CREATE TABLE days (id bigint, at date) PARTITION BY RANGE (at);"
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        hits=0,
    ),
    "MySQL drops the foreign key's own": Example(
        'op.create_index("ix_member", "orders", ["member_id"])',
        given="CREATE TABLE members (id BIGINT PRIMARY KEY);CREATE TABLE orders (id BIGINT PRIMARY KEY, "
        "member_id BIGINT, "
        "CONSTRAINT fk FOREIGN KEY (member_id) REFERENCES members (id))",
        server="mysql 8.0.36",
        hits=0,
    ),
    "on MySQL": beside(AB, A, server="mysql 8.0.36"),
    "a shorter prefix on MySQL": Example(
        'op.create_index("ix_code", "orders", ["code"])',
        given="CREATE TABLE orders (id BIGINT PRIMARY KEY, code VARCHAR(200));CREATE INDEX ix_ten ON orders (code(10))",
        server="mysql 8.0.36",
        hits=0,
    ),
    "a batch copy builds its indexes again": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("a", nullable=False)
        """,
        given="CREATE TABLE orders (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);"
        "CREATE INDEX ix_a ON orders (a);CREATE INDEX ix_ab ON orders (a, b)",
        server="sqlite",
        hits=0,
    ),
    "one that was superfluous, under another name": Example(
        """
        op.create_index("ix_new", "visits", ["member_id"])
        op.drop_index("ix_old", table_name="visits")
        """,
        given=VISITS,
        hits=0,
    ),
    "the same, with its column under another name": Example(
        """
        op.drop_index("ix_old", table_name="visits")
        op.alter_column("visits", "member_id", new_column_name="person_id")
        op.create_index("ix_new", "visits", ["person_id"])
        """,
        given=VISITS,
        hits=0,
    ),
    "one under another name, and one more": Example(
        """
        op.drop_index("ix_old", table_name="visits")
        op.create_index("ix_new", "visits", ["member_id"])
        op.create_index("ix_more", "visits", ["member_id"])
        """,
        given=VISITS,
    ),
    "one that was not superfluous, under another name, beside a longer one": Example(
        """
        op.drop_index("ix_old", table_name="visits")
        op.create_index("ix_new", "visits", ["member_id"])
        op.create_index("ix_longer", "visits", ["member_id", "place"])
        """,
        given=VISITS.replace("PRIMARY KEY (member_id, place)", "PRIMARY KEY (place)"),
    ),
    "one of another kind than the one that is dropped": Example(
        """
        op.drop_index("ix_old", table_name="visits")
        op.create_index("ix_new", "visits", ["member_id"])
        """,
        given=VISITS.replace("ON visits (member_id)", "ON visits USING hash (member_id)"),
    ),
}
