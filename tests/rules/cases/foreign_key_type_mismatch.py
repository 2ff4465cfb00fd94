"""Cases of MG915."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY);CREATE TABLE payments (id bigint PRIMARY KEY, member_id int)"
ADD = 'op.create_foreign_key("fk_payments_member", "payments", "members", ["member_id"], ["id"])'
SMALL = (
    "CREATE TABLE members (id int PRIMARY KEY);"
    "CREATE TABLE payments (id bigint PRIMARY KEY, member_id int REFERENCES members (id))"
)
WIDEN = 'op.alter_column("members", "id", existing_type=sa.Integer(), type_=sa.BigInteger())'


def codes(kind: str, other: str) -> Example:
    """A foreign key of a column of one type to one of another."""
    return Example(
        'op.create_foreign_key("fk", "items", "codes", ["code"], ["code"])',
        given=f"CREATE TABLE codes (code {other} PRIMARY KEY);CREATE TABLE items (id bigint PRIMARY KEY, code {kind})",
    )


def silent(example: Example) -> Example:
    """The example, not flagged."""
    return Example(example.code, given=example.given, server=example.server, hits=0)


CASES: dict[str, Example] = {
    "int to bigint": Example(ADD, given=GIVEN),
    "bigint to int": codes("bigint", "int"),
    "with its column": Example(
        'op.add_column("payments", sa.Column("payer_id", sa.Integer(), sa.ForeignKey("members.id")))',
        given=GIVEN,
    ),
    "the key is widened and the column is not": Example(WIDEN, given=SMALL),
    "the key is widened behind the tables that this deployment makes": Example(
        WIDEN,
        earlier=tuple(f"op.execute({one!r})" for one in SMALL.split(";")),
    ),
    "both are widened": Example(
        'op.alter_column("payments", "member_id", existing_type=sa.Integer(), type_=sa.BigInteger())',
        given=SMALL,
        earlier=(WIDEN,),
        hits=0,
    ),
    "both are widened, the column first": Example(
        WIDEN,
        given=SMALL,
        earlier=('op.alter_column("payments", "member_id", existing_type=sa.Integer(), type_=sa.BigInteger())',),
        hits=0,
    ),
    "one that has differed for long": Example(
        'op.alter_column("payments", "id", existing_type=sa.BigInteger(), type_=sa.Numeric())',
        given=f"{GIVEN};ALTER TABLE payments ADD FOREIGN KEY (member_id) REFERENCES members (id)",
        hits=0,
    ),
    "a change that mends it": Example(
        'op.alter_column("payments", "member_id", existing_type=sa.Integer(), type_=sa.BigInteger())',
        given=f"{GIVEN};ALTER TABLE payments ADD FOREIGN KEY (member_id) REFERENCES members (id)",
        hits=0,
    ),
    "text to varchar": silent(codes("text", "varchar(20)")),
    "varchar to text without a length": silent(codes("varchar", "text")),
    "a longer varchar": silent(codes("varchar(30)", "varchar(20)")),
    "a shorter varchar": codes("varchar(10)", "varchar(20)"),
    "serial is an integer": silent(codes("integer", "serial")),
    "another collation": codes('text COLLATE "C"', "text"),
    "a domain over the type": Example(
        'op.create_foreign_key("fk", "items", "codes", ["code"], ["code"])',
        given="CREATE DOMAIN code AS text;CREATE TABLE codes (code text PRIMARY KEY);"
        "CREATE TABLE items (id bigint PRIMARY KEY, code code)",
        hits=0,
    ),
    "one column of two": Example(
        'op.create_foreign_key("fk", "items", "parts", ["a", "b"], ["a", "b"])',
        given="CREATE TABLE parts (a bigint, b bigint, PRIMARY KEY (a, b));"
        "CREATE TABLE items (id bigint PRIMARY KEY, a bigint, b int)",
    ),
    "to itself": Example(
        """
        op.create_table(
            "nodes",
            sa.Column("id", sa.BigInteger(), primary_key=True),
            sa.Column("parent_id", sa.Integer(), sa.ForeignKey("nodes.id")),
        )
        """
    ),
    "made, dropped and made again": Example(
        f"""
        {ADD}
        op.drop_constraint("fk_payments_member", "payments")
        {ADD[:-1]}, ondelete="CASCADE")
        """,
        given=GIVEN,
    ),
    "the key is widened, and one to it made anew": Example(
        f"""
        {WIDEN}
        op.drop_constraint("payments_member_id_fkey", "payments")
        op.create_foreign_key("payments_member_id_fkey", "payments", "members", ["member_id"], ["id"])
        """,
        given=SMALL,
    ),
    "one that has differed for long, made anew under another name": Example(
        f"""
        op.drop_constraint("payments_member_id_fkey", "payments")
        {ADD}
        """,
        given=f"{GIVEN};ALTER TABLE payments ADD FOREIGN KEY (member_id) REFERENCES members (id)",
        hits=0,
    ),
    "made anew, and narrower than it was": Example(
        f"""
        op.drop_constraint("payments_member_id_fkey", "payments")
        op.alter_column("payments", "member_id", existing_type=sa.Integer(), type_=sa.SmallInteger())
        {ADD}
        """,
        given=f"{GIVEN};ALTER TABLE payments ADD FOREIGN KEY (member_id) REFERENCES members (id)",
    ),
    "a key that is dropped again": Example(
        'op.drop_constraint("fk_payments_member", "payments")', given=GIVEN, earlier=(ADD,), hits=0
    ),
    "MySQL unsigned": Example(
        ADD,
        given="CREATE TABLE members (id BIGINT UNSIGNED PRIMARY KEY);"
        "CREATE TABLE payments (id BIGINT PRIMARY KEY, member_id BIGINT)",
        server="mysql 8.0.36",
        runs=False,
    ),
    "MySQL display width": Example(
        ADD,
        given="CREATE TABLE members (id BIGINT(20) PRIMARY KEY);"
        "CREATE TABLE payments (id BIGINT PRIMARY KEY, member_id BIGINT)",
        server="mysql 8.0.36",
        hits=0,
    ),
    "a length that is the value of a module that is not there": Example(
        """
        from ghosts import LENGTH

        def upgrade():
            op.add_column("payments", sa.Column("ghost", sa.String(LENGTH), sa.ForeignKey("ghosts.code")))
        """,
        given=f"CREATE TABLE ghosts (code varchar(36) PRIMARY KEY);{GIVEN}",
        hits=0,
        runs=False,
    ),
    "SQLite types of one affinity": Example(
        """
        op.create_table(
            "payments",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("member_id", sa.BigInteger(), sa.ForeignKey("members.id")),
        )
        """,
        given="CREATE TABLE members (id INTEGER PRIMARY KEY)",
        server="sqlite",
        hits=0,
    ),
}
