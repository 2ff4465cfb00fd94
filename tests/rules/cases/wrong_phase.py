"""Cases of MG112: phases by docstring and branch label, and what any phase may do."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text, note varchar(20))"


def phased(phase: str, body: str) -> str:
    """A whole revision that declares a phase."""
    return f'"""A change.\n\n{phase}\n"""\n\ndef upgrade():\n    {body}\n'


CASES = {
    "contract_may_drop": Example(phased("Phase: contract", 'op.drop_column("orders", "fax")'), given=GIVEN, hits=0),
    "contract_may_not_add": Example(
        phased("Phase: contract", 'op.add_column("orders", sa.Column("x", sa.Text()))'), given=GIVEN
    ),
    "no_phase_no_rule": Example(phased("Nothing more.", 'op.drop_column("orders", "fax")'), given=GIVEN, hits=0),
    "data_belongs_between": Example(
        phased("Phase: expand", "op.execute(\"UPDATE orders SET note = ''\")"), given=GIVEN
    ),
    "migrate_may_write": Example(
        phased("Phase: migrate", "op.execute(\"UPDATE orders SET note = ''\")"), given=GIVEN, hits=0
    ),
    "a_wider_type_expands": Example(
        phased("Phase: expand", 'op.alter_column("orders", "note", type_=sa.String(200))'), given=GIVEN, hits=0
    ),
    "a_narrower_type_contracts": Example(
        phased("Phase: expand", 'op.alter_column("orders", "note", type_=sa.String(5))'), given=GIVEN
    ),
    "not_null_contracts": Example(
        phased("Phase: expand", 'op.alter_column("orders", "note", nullable=False)'), given=GIVEN
    ),
    "a_plain_index_is_free": Example(
        phased("Phase: contract", 'op.create_index("ix", "orders", ["note"])'), given=GIVEN, hits=0
    ),
    "new_tables_are_free": Example(
        phased("Phase: expand", 'op.drop_column("fresh", "a")'),
        given=GIVEN,
        earlier=(
            'op.create_table("fresh", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("a", sa.Text()))',
        ),
        hits=0,
    ),
    "a_branch_label_is_a_phase": Example(
        'branch_labels = ("expand",)\n\ndef upgrade():\n    op.drop_column("orders", "fax")\n', given=GIVEN
    ),
}
