"""Cases of MG203."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"

CASES: dict[str, Example] = {
    "an exception behind other steps": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given=GIVEN,
        downgrade="""
        op.drop_column("orders", "note")
        raise ValueError("There is no way back.")
        """,
    ),
    "an exception alone": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given=GIVEN,
        downgrade='raise ValueError("There is no way back.")',
        hits=0,
    ),
}
