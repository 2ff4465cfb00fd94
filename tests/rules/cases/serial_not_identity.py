"""Cases of MG920."""

from migguard.rules.frame import Example

CASES: dict[str, Example] = {
    "in raw SQL": Example('op.execute("CREATE TABLE orders (id smallserial PRIMARY KEY)")'),
    "added to a table": Example(
        'op.execute("ALTER TABLE orders ADD COLUMN number bigserial")',
        given="CREATE TABLE orders (id bigint PRIMARY KEY)",
    ),
    "generated always as identity": Example(
        'op.execute("CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")', hits=0
    ),
    "no number of its own": Example(
        'op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False))',
        hits=0,
    ),
    "a uuid": Example('op.create_table("orders", sa.Column("id", sa.Uuid(), primary_key=True))', hits=0),
    "an old serial": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given="CREATE TABLE orders (id serial PRIMARY KEY)",
        hits=0,
    ),
    "an old serial that is widened": Example(
        'op.alter_column("orders", "id", type_=sa.BigInteger())',
        given="CREATE TABLE orders (id serial PRIMARY KEY)",
        hits=0,
    ),
    "MySQL": Example(
        'op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))',
        server="mysql 8.0.36",
        hits=0,
    ),
}
