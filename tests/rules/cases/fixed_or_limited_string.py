"""Cases of MG919."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20), note text)"

CASES: dict[str, Example] = {
    "varchar with a length": Example('op.add_column("orders", sa.Column("name", sa.String(50)))', given=GIVEN),
    "char without a length is char(1)": Example('op.execute("ALTER TABLE orders ADD COLUMN flag char")', given=GIVEN),
    "another length": Example(
        'op.alter_column("orders", "code", existing_type=sa.String(20), type_=sa.String(30))', given=GIVEN
    ),
    "varchar without a length": Example('op.add_column("orders", sa.Column("name", sa.String()))', given=GIVEN, hits=0),
    "becomes text": Example('op.alter_column("orders", "code", type_=sa.Text())', given=GIVEN, hits=0),
    "an old column": Example('op.alter_column("orders", "code", nullable=False)', given=GIVEN, hits=0),
    "dropped again": Example(
        'op.drop_column("orders", "name")',
        given=GIVEN,
        earlier=('op.add_column("orders", sa.Column("name", sa.String(50)))',),
        hits=0,
    ),
    "MySQL needs the length": Example(
        'op.create_table("codes", sa.Column("code", sa.String(50), primary_key=True))',
        server="mysql 8.0.36",
        hits=0,
    ),
}
