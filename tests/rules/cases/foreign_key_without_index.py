"""Cases of MG914."""

from migguard.rules.frame import Example

MEMBERS = "CREATE TABLE members (id bigint PRIMARY KEY)"
GIVEN = f"{MEMBERS};CREATE TABLE payments (id bigint PRIMARY KEY, member_id bigint, club_id bigint)"
ADD = 'op.create_foreign_key("fk_payments_member", "payments", "members", ["member_id"], ["id"])'
KEYED = f"{GIVEN};ALTER TABLE payments ADD CONSTRAINT fk_member FOREIGN KEY (member_id) REFERENCES members (id)"
INDEXED = f"{KEYED};CREATE INDEX ix_payments_member ON payments (member_id)"
TWO = "CREATE TABLE seats (hall bigint, row bigint, PRIMARY KEY (hall, row))"

TWO_COLUMNS = """
op.create_table(
    "payments",
    sa.Column("id", sa.BigInteger(), primary_key=True),
    sa.Column("member_id", sa.BigInteger(), index=True),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(["member_id", "kind"], ["members.id", "members.kind"], name="fk"),
)
"""

CASES: dict[str, Example] = {
    "a new column of a table that no revision made": Example(
        'op.add_column("legacy", sa.Column("member_id", sa.BigInteger(), sa.ForeignKey("members.id", name="fk")))',
        released=("op.execute('DELETE FROM legacy')",),
        runs=False,
    ),
    "such a column with an index": Example(
        'op.add_column("legacy", sa.Column("member_id", sa.BigInteger(), sa.ForeignKey("members.id", name="fk")))\n'
        'op.create_index("ix", "legacy", ["member_id"])',
        released=("op.execute('DELETE FROM legacy')",),
        hits=0,
        runs=False,
    ),
    "an old column of a table that no revision made, whose indexes are not known": Example(
        'op.create_foreign_key("fk", "legacy", "members", ["member_id"], ["id"])',
        released=("op.execute('DELETE FROM legacy')",),
        hits=0,
        runs=False,
    ),
    "an old column that a new one stands beside": Example(
        'op.add_column("legacy", sa.Column("note", sa.Text()))\n'
        'op.create_foreign_key("fk", "legacy", "members", ["member_id"], ["id"])',
        released=("op.execute('DELETE FROM legacy')",),
        hits=0,
        runs=False,
    ),
    "added to an existing table": Example(ADD, given=GIVEN),
    "with its column": Example(
        'op.add_column("payments", sa.Column("payer_id", sa.BigInteger(), sa.ForeignKey("members.id")))',
        given=GIVEN,
    ),
    "NOT VALID counts too": Example(ADD[:-1] + ", postgresql_not_valid=True)", given=GIVEN),
    "an index that was made for a while is dropped": Example(
        """
        op.create_index("ix_payments_while", "payments", ["member_id"])
        op.execute("UPDATE payments SET member_id = member_id + 1")
        op.drop_index("ix_payments_while", table_name="payments")
        """,
        given=KEYED,
        hits=0,
    ),
    "its index is dropped": Example('op.drop_index("ix_payments_member", table_name="payments")', given=INDEXED),
    "its index is dropped and another made": Example(
        """
        op.drop_index("ix_payments_member", table_name="payments")
        op.create_index("ix_payments_member_club", "payments", ["member_id", "club_id"])
        """,
        given=INDEXED,
        hits=0,
    ),
    "its index is dropped, made again and dropped by a later revision": Example(
        'op.drop_index("ix_payments_member", table_name="payments")',
        given=INDEXED,
        earlier=(
            """
            op.drop_index("ix_payments_member", table_name="payments")
            op.create_index("ix_payments_member", "payments", ["member_id"])
            """,
        ),
    ),
    "an index that is dropped, which a later step makes again and another drops": Example(
        """
        op.drop_index("ix_payments_member", table_name="payments")
        op.create_index("ix_payments_member", "payments", ["member_id"])
        op.drop_index("ix_payments_member", table_name="payments")
        """,
        given=INDEXED,
    ),
    "an index that is dropped beside another": Example(
        'op.drop_index("ix_payments_member", table_name="payments")',
        given=f"{INDEXED};CREATE INDEX ix_more ON payments (member_id, club_id)",
        hits=0,
    ),
    "a column goes and takes the index along": Example(
        'op.drop_column("payments", "club_id")',
        given=f"{KEYED};CREATE INDEX ix_both ON payments (member_id, club_id)",
    ),
    "one that has had no index for long": Example(
        'op.drop_index("ix_payments_club", table_name="payments")',
        given=f"{KEYED};CREATE INDEX ix_payments_club ON payments (club_id)",
        hits=0,
    ),
    "the column is not the first": Example(ADD, given=f"{GIVEN};CREATE INDEX i ON payments (club_id, member_id)"),
    "a partial index": Example(ADD, given=f"{GIVEN};CREATE INDEX i ON payments (member_id) WHERE club_id = 1"),
    "a partial index that leaves out NULLs": Example(
        ADD, given=f"{GIVEN};CREATE INDEX i ON payments (member_id) WHERE member_id IS NOT NULL", hits=0
    ),
    "a brin index": Example(ADD, given=f"{GIVEN};CREATE INDEX i ON payments USING brin (member_id)"),
    "a hash index": Example(ADD, given=f"{GIVEN};CREATE INDEX i ON payments USING hash (member_id)", hits=0),
    "an expression": Example(ADD, given=f"{GIVEN};CREATE INDEX i ON payments ((member_id + 1))"),
    "the beginning of an index": Example(ADD, given=f"{GIVEN};CREATE INDEX i ON payments (member_id, club_id)", hits=0),
    "an index before the key": Example(
        f"""
        with op.get_context().autocommit_block():
            op.create_index("i", "payments", ["member_id"], postgresql_concurrently=True)
        {ADD}
        """,
        given=GIVEN,
        hits=0,
    ),
    "the index comes in a later revision": Example(
        'op.create_index("i", "payments", ["member_id"])', given=GIVEN, earlier=(ADD,), hits=0
    ),
    "a unique constraint": Example(ADD, given=f"{GIVEN};ALTER TABLE payments ADD UNIQUE (member_id)", hits=0),
    "the primary key of the table": Example(
        'op.create_table("managers", sa.Column("id", sa.BigInteger(), sa.ForeignKey("members.id"), primary_key=True))',
        given=MEMBERS,
        hits=0,
    ),
    "two columns in another order": Example(
        """
        op.create_table(
            "tickets",
            sa.Column("id", sa.BigInteger(), primary_key=True),
            sa.Column("hall", sa.BigInteger()),
            sa.Column("row", sa.BigInteger()),
            sa.ForeignKeyConstraint(["hall", "row"], ["seats.hall", "seats.row"]),
        )
        op.create_index("ix_tickets_seat", "tickets", ["row", "hall"])
        """,
        given=TWO,
        hits=0,
    ),
    "one column of two": Example(
        """
        op.create_table(
            "tickets",
            sa.Column("id", sa.BigInteger(), primary_key=True),
            sa.Column("hall", sa.BigInteger(), index=True),
            sa.Column("row", sa.BigInteger()),
            sa.ForeignKeyConstraint(["hall", "row"], ["seats.hall", "seats.row"]),
        )
        """,
        given=TWO,
    ),
    "both columns of a table in between": Example(
        """
        op.create_table(
            "likes",
            sa.Column("member_id", sa.BigInteger(), sa.ForeignKey("members.id"), primary_key=True),
            sa.Column("friend_id", sa.BigInteger(), sa.ForeignKey("members.id"), primary_key=True),
        )
        """,
        given=MEMBERS,
    ),
    "made, dropped and made again": Example(
        f"""
        {ADD}
        op.drop_constraint("fk_payments_member", "payments")
        {ADD[:-1]}, ondelete="CASCADE")
        """,
        given=GIVEN,
    ),
    "one that has had no index for long, made anew under another name": Example(
        f"""
        op.drop_constraint("fk_member", "payments")
        {ADD[:-1]}, ondelete="CASCADE")
        """,
        given=KEYED,
        hits=0,
    ),
    "made anew over a column of this deployment that has the old one's name": Example(
        f"""
        op.drop_column("payments", "member_id")
        op.add_column("payments", sa.Column("member_id", sa.BigInteger()))
        {ADD}
        """,
        given=KEYED,
    ),
    "made anew, and its index dropped": Example(
        f"""
        op.drop_constraint("fk_member", "payments")
        op.drop_index("ix_payments_member", table_name="payments")
        {ADD}
        """,
        given=INDEXED,
    ),
    "its index dropped, and then made anew": Example(
        f"""
        op.drop_index("ix_payments_member", table_name="payments")
        op.drop_constraint("fk_member", "payments")
        {ADD}
        """,
        given=INDEXED,
    ),
    "its index dropped, and then made anew under its name": Example(
        """
        op.drop_index("ix_payments_member", table_name="payments")
        op.drop_constraint("fk_member", "payments")
        op.create_foreign_key("fk_member", "payments", "members", ["member_id"], ["id"])
        """,
        given=INDEXED,
    ),
    "a table that is dropped again": Example('op.drop_table("payments")', given=GIVEN, earlier=(ADD,), hits=0),
    "a key that is dropped again": Example(
        'op.drop_constraint("fk_payments_member", "payments")', given=GIVEN, earlier=(ADD,), hits=0
    ),
    "a new partition": Example(
        'op.execute("CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (1) TO (9)")',
        given=f"{MEMBERS};CREATE TABLE days (id bigint, member_id bigint REFERENCES members) PARTITION BY RANGE (id)",
        hits=0,
    ),
    "MySQL makes one": Example(ADD, given=GIVEN, server="mysql 8.0.36", hits=0),
    "SQLite": Example(
        """
        op.create_table(
            "payments",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id")),
        )
        """,
        given="CREATE TABLE members (id INTEGER PRIMARY KEY)",
        server="sqlite",
    ),
    "a unique column among them finds the row": Example(
        """
        op.create_table(
            "notes",
            sa.Column("id", sa.BigInteger(), primary_key=True),
            sa.Column("kind", sa.Text()),
            sa.ForeignKeyConstraint(["kind", "id"], ["entries.kind", "entries.id"], name="fk"),
        )
        """,
        given="CREATE TABLE entries (id bigint PRIMARY KEY, kind text, UNIQUE (kind, id))",
        hits=0,
    ),
    "a batch copy keeps the foreign keys that were there": Example(
        """
        with op.batch_alter_table("payments") as batch:
            batch.add_column(sa.Column("note", sa.Text()))
            batch.alter_column("member_id", nullable=False)
        """,
        given="CREATE TABLE members (id INTEGER PRIMARY KEY);"
        "CREATE TABLE payments (id INTEGER PRIMARY KEY, member_id INTEGER CONSTRAINT fk REFERENCES "
        "members (id))",
        server="sqlite",
        hits=0,
    ),
    "one that another revision drops and makes again is told once": Example(
        """
        op.drop_constraint("fk_payments_member", "payments", type_="foreignkey")
        op.create_foreign_key("fk_payments_member", "payments", "members", ["member_id"], ["id"], ondelete="CASCADE")
        """,
        earlier=(
            """
            op.add_column("payments", sa.Column("member_id", sa.BigInteger()))
            op.create_foreign_key("fk_payments_member", "payments", "members", ["member_id"], ["id"])
            """,
        ),
        given=f"{MEMBERS};CREATE TABLE payments (id bigint PRIMARY KEY)",
    ),
    "one that a batch copy makes and another revision makes again is told once": Example(
        """
        op.drop_constraint("fk_payments_member", "payments", type_="foreignkey")
        op.create_foreign_key("fk_payments_member", "payments", "members", ["member_id"], ["id"], ondelete="CASCADE")
        """,
        earlier=(
            """
            with op.batch_alter_table("payments", recreate="always") as batch:
                batch.add_column(sa.Column("member_id", sa.BigInteger()))
                batch.create_foreign_key("fk_payments_member", "members", ["member_id"], ["id"])
            """,
        ),
        given=f"{MEMBERS};CREATE TABLE payments (id bigint PRIMARY KEY)",
    ),
    "one over other columns is another one": Example(
        """
        op.add_column("payments", sa.Column("payer_id", sa.BigInteger()))
        op.create_foreign_key("fk_payments_payer", "payments", "members", ["payer_id"], ["id"])
        """,
        earlier=(
            """
            op.add_column("payments", sa.Column("member_id", sa.BigInteger()))
            op.create_foreign_key("fk_payments_member", "payments", "members", ["member_id"], ["id"])
            """,
        ),
        given=f"{MEMBERS};CREATE TABLE payments (id bigint PRIMARY KEY)",
        hits=2,
    ),
    "one of two columns refers to a unique key": Example(
        TWO_COLUMNS,
        given="CREATE TABLE members (id bigint PRIMARY KEY, kind text NOT NULL, UNIQUE (kind, id))",
        hits=0,
    ),
    "one of two columns refers to a unique key and the other may be NULL": Example(
        TWO_COLUMNS.replace("sa.Text(), nullable=False", "sa.Text()"),
        given="CREATE TABLE members (id bigint PRIMARY KEY, kind text NOT NULL, UNIQUE (kind, id))",
    ),
    "one of two columns refers to no unique key": Example(
        TWO_COLUMNS,
        given="CREATE TABLE members (id bigint NOT NULL, kind text NOT NULL, PRIMARY KEY (kind, id))",
    ),
}
