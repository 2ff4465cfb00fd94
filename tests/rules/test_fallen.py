"""What MG308 says of the things that CASCADE takes along: all of them, and which the transaction makes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE customers (id bigint CONSTRAINT customers_pkey PRIMARY KEY);"
    "CREATE TABLE orders (id bigint, customer_id bigint CONSTRAINT fk_orders REFERENCES customers);"
    "CREATE TABLE bills (id bigint, customer_id bigint)"
)
DROP = 'op.execute("ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE")\n'
KEY = 'op.create_primary_key("customers_pkey", "customers", ["id"])\n'
AGAIN = 'op.create_foreign_key("fk_orders", "orders", "customers", ["customer_id"], ["id"]{more})\n'
BILLS = 'op.create_foreign_key("fk_bills", "bills", "customers", ["customer_id"], ["id"])\n'


def told(example: Example, root: Path) -> Finding:
    [found] = [f for f in check(example, "MG308", root, "postgresql").report.findings if f.code == "MG308"]
    return found


def test_what_the_deployment_made_itself_is_named_beside_the_rest(tmp_path: Path) -> None:
    message = told(Example(DROP, given=GIVEN, earlier=(BILLS,)), tmp_path).message
    assert message.endswith("also drops the foreign key bills.fk_bills and the foreign key orders.fk_orders.")


def test_many_are_all_named_and_dropped_by_name(tmp_path: Path) -> None:
    tables = [f"CREATE TABLE t{n} (c bigint CONSTRAINT fk_{n} REFERENCES customers)" for n in range(10)]
    found = told(Example(DROP, given=";".join((GIVEN, *tables))), tmp_path)
    assert all(f"t{n}.fk_{n}" in found.message and f'"fk_{n}"' in found.recipe for n in range(10))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (KEY + AGAIN.format(more=""), " The same transaction makes it again."),
        (KEY + AGAIN.format(more=', ondelete="CASCADE"'), ""),
        (KEY + AGAIN.format(more="").replace("fk_orders", "fk_other"), ""),
        (KEY, ""),
        (KEY + f"with op.get_context().autocommit_block():\n    {AGAIN.format(more='')}", ""),
    ],
    ids=["again", "otherwise", "under another name", "not", "in another transaction"],
)
def test_a_foreign_key_that_the_transaction_makes_again_comes_back(tmp_path: Path, after: str, said: str) -> None:
    assert told(Example(DROP + after, given=GIVEN), tmp_path).message.endswith(f"orders.fk_orders.{said}")


def test_only_those_that_come_back_are_said_to(tmp_path: Path) -> None:
    given = f"{GIVEN};ALTER TABLE bills ADD CONSTRAINT fk_bills FOREIGN KEY (customer_id) REFERENCES customers"
    message = told(Example(DROP + KEY + BILLS, given=given), tmp_path).message
    assert message.endswith("orders.fk_orders. The same transaction makes the foreign key bills.fk_bills again.")


def test_a_view_comes_back_too(tmp_path: Path) -> None:
    view = "CREATE VIEW known AS SELECT id FROM customers"
    code = f'op.execute("ALTER TABLE customers DROP COLUMN name CASCADE")\nop.execute({view!r})'
    given = f"CREATE TABLE customers (id bigint, name text);{view.replace('SELECT id', 'SELECT id, name')}"
    message = told(Example(code, given=given), tmp_path).message
    assert message == (
        "Dropping customers.name with CASCADE also drops the view known. The same transaction makes it again."
    )
