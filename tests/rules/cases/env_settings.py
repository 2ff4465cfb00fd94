"""Cases of MG809."""

from migguard.rules.frame import Example

CODE = 'op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True))'

CASES: dict[str, Example] = {
    "one transaction for all": Example(CODE),
    "a transaction for each": Example(CODE, env=("transaction_per_migration",), hits=0),
    "mysql has no transactions to share": Example(CODE, server="mysql 8.0", hits=0),
    "nor does sqlite need them": Example(CODE, server="sqlite", hits=0),
}
