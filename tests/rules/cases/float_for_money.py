"""Cases of MG921."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12, 2), amount real)"


def column(name: str, kind: str, *, hits: int = 1, server: str = "") -> Example:
    """A new column of a type."""
    return Example(f'op.add_column("orders", sa.Column("{name}", {kind}))', given=GIVEN, hits=hits, server=server)


CASES: dict[str, Example] = {
    "double precision": column("amount_due", "sa.Double()"),
    "real": column("balance", "sa.REAL()"),
    "in camel case": column("unitPrice", "sa.Float()"),
    "in the plural": column("totals", "sa.Float()"),
    "a change of type": Example('op.alter_column("orders", "total", type_=sa.Float())', given=GIVEN),
    "on MySQL": column("price", "sa.Float()", server="mysql 8.0.36"),
    "on SQLite": column("price", "sa.Float()", server="sqlite"),
    "another word around it": column("priceless", "sa.Float()", hits=0),
    "no money": column("weight", "sa.Float()", hits=0),
    "cents": column("amount_cents", "sa.BigInteger()", hits=0),
    "decimals": column("price", "sa.Numeric(12, 2)", hits=0),
    "an old column": Example('op.alter_column("orders", "amount", nullable=False)', given=GIVEN, hits=0),
}
