"""Cases of MG922."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE members (id bigint PRIMARY KEY);CREATE TABLE orders (id bigint PRIMARY KEY, "
    "member_id bigint, code text)"
)
RULES = """
[naming]
pk = "pk_%(table_name)s"
fk = "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"
uq = "uq_%(table_name)s_%(column_0_N_name)s"
ck = "ck_%(table_name)s_%(constraint_name)s"
ix = "ix_%(column_0_label)s"
"""


def named(code: str, *, hits: int = 1, given: str = GIVEN, server: str = "") -> Example:
    """Code under the convention."""
    return Example(code, given=given, settings=RULES, hits=hits, server=server)


def key(name: str) -> str:
    """A foreign key of that name."""
    return f'op.create_foreign_key("{name}", "orders", "members", ["member_id"], ["id"])'


CASES: dict[str, Example] = {
    "a foreign key": named(key("fk_orders_members")),
    "a foreign key as it should be": named(key("fk_orders_member_id_members"), hits=0),
    "a check": named('op.create_check_constraint("positive", "orders", "id > 0")'),
    "a check as it should be": named('op.create_check_constraint("ck_orders_positive", "orders", "id > 0")', hits=0),
    "a primary key": named('op.execute("CREATE TABLE visits (id bigint CONSTRAINT visits_key PRIMARY KEY)")'),
    "the server's name breaks it too": named('op.execute("CREATE TABLE visits (id bigint PRIMARY KEY)")'),
    "a unique constraint over two columns": named(
        'op.create_unique_constraint("uq_orders_member_id_code", "orders", ["member_id", "code"])', hits=0
    ),
    "an index": named('op.create_index("orders_code_idx", "orders", ["code"])'),
    "an index as it should be": named('op.create_index("ix_orders_code", "orders", ["code"])', hits=0),
    "an index that goes on with its columns": named(
        'op.create_index("ix_orders_code_member_id", "orders", ["code", "member_id"])', hits=0
    ),
    "an index over an expression": named(
        'op.create_index("ix_orders_lower_code", "orders", [sa.text("lower(code)")])', hits=0
    ),
    "a unique index may be named as either": named(
        'op.create_index("uq_orders_code", "orders", ["code"], unique=True)', hits=0
    ),
    "renamed away from it": named(
        'op.execute("ALTER TABLE orders RENAME CONSTRAINT pk_orders TO orders_key")',
        given=("CREATE TABLE orders (id bigint CONSTRAINT pk_orders PRIMARY KEY)"),
    ),
    "renamed to it": named(
        'op.execute("ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO pk_orders")',
        given="CREATE TABLE orders (id bigint PRIMARY KEY)",
        hits=0,
    ),
    "an index renamed to it": named(
        'op.execute("ALTER INDEX odd RENAME TO ix_orders_code")',
        given=("CREATE TABLE orders (id bigint PRIMARY KEY, code text);CREATE INDEX odd ON orders (code)"),
        hits=0,
    ),
    "names that were there before": named('op.add_column("orders", sa.Column("note", sa.Text()))', hits=0),
    "no convention": Example(key("members_of_orders"), given=GIVEN, hits=0),
    "a kind without a template": Example(
        key("members_of_orders"), given=GIVEN, settings='[naming]\npk = "pk_%(table_name)s"', hits=0
    ),
    "a token of the project's own": Example(
        key("fk_3f2a_orders"), given=GIVEN, settings='[naming]\nfk = "fk_%(guid)s_%(table_name)s"', hits=0
    ),
    "MySQL calls every primary key PRIMARY": named(
        'op.create_table("visits", sa.Column("id", sa.BigInteger(), primary_key=True))',
        server="mysql 8.0.36",
        hits=0,
    ),
    "a long name is cut": named(
        'op.create_unique_constraint("uq_orders_a_very_long_name_of_a_column_that_goes_on_and_on_1234", '
        '"orders", ["a_very_long_name_of_a_column_that_goes_on_and_on_to_the_end"])',
        given="CREATE TABLE orders (a_very_long_name_of_a_column_that_goes_on_and_on_to_the_end text)",
        hits=0,
    ),
}
