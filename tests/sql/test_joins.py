"""What a join over small tables gives, whichever way its rows are found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from migguard.changes import Engine
from migguard.sql.evaluate import Relation, Run, evaluate

TABLES = {
    "orders": Relation(("id", "customer", "label"), [
        {"id": 1, "customer": 10, "label": "10"}, {"id": 2, "customer": 20, "label": "x"},
        {"id": 3, "customer": None, "label": None}]),
    "customers": Relation(("id", "name"), [
        {"id": 10, "name": "ann"}, {"id": 10, "name": "bob"}, {"id": 30, "name": None}]),
    "mixed": Relation(("key", "flag"), [{"key": 10, "flag": True}, {"key": "10", "flag": False}]),
}  # fmt: skip


def rows(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    def unknown(name: str, arguments: Sequence[Any]) -> Any:
        raise AssertionError(name)

    return evaluate(sql, parameters, Engine.POSTGRESQL, lambda name: TABLES.get(name.name), unknown).rows


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer", [(1, "ann"), (1, "bob")]),
        ("SELECT o.id, c.name FROM orders o, customers c WHERE o.customer = c.id", [(1, "ann"), (1, "bob")]),
        ("SELECT o.id, c.name FROM orders o LEFT JOIN customers c ON c.id = o.customer",
         [(1, "ann"), (1, "bob"), (2, None), (3, None)]),
        ("SELECT o.id FROM orders o LEFT JOIN customers c ON c.id = o.customer WHERE c.name = 'bob'", [(1,)]),
        ("SELECT o.id FROM orders o LEFT JOIN customers c ON c.id = o.customer WHERE c.id IS NULL", [(2,), (3,)]),
        ("SELECT c.id FROM customers c WHERE c.name = 'ann' OR c.id = 30", [(10,), (30,)]),
        ("SELECT c.name FROM customers c WHERE NOT (c.id = 10)", [(None,)]),
    ],
)  # fmt: skip
def test_rows_are_joined_as_the_conditions_say(sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(sql) == expected


def test_values_of_several_types_are_joined_as_they_compare() -> None:
    """A number equals the text that spells it, so such rows cannot be looked up by value."""
    assert rows("SELECT m.flag FROM orders o JOIN mixed m ON m.key = o.customer") == [(True,), (False,)]
    assert rows("SELECT c.name FROM orders o JOIN customers c ON c.id = o.label") == [("ann",), ("bob",)]


def test_an_alias_of_a_subquery_hides_the_one_around_it() -> None:
    sql = "SELECT a.id FROM orders a WHERE EXISTS (SELECT 1 FROM customers a WHERE a.id = a.id AND a.name = 'bob')"
    assert rows(sql) == [(1,), (2,), (3,)]


def test_a_correlated_subquery_is_asked_for_each_row() -> None:
    sql = "SELECT o.id, (SELECT count(*) FROM customers c WHERE c.id = o.customer) FROM orders o"
    assert rows(sql) == [(1, 2), (2, 0), (3, 0)]


def test_what_a_join_looks_at_does_not_grow_with_every_pair_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that asks for the constraints of a large schema would run into the time limit."""
    looked_at = 0
    compared = Run.compared

    def counted(self: Run, node: Any, row: Any) -> Any:
        nonlocal looked_at
        looked_at += 1
        return compared(self, node, row)

    monkeypatch.setattr(Run, "compared", counted)
    many = Relation(("id", "name"), [{"id": i, "name": f"n{i}"} for i in range(300)])
    sql = "SELECT a.name FROM t a JOIN t b ON a.id = b.id JOIN t c ON c.name = b.name"
    found = evaluate(sql, None, Engine.POSTGRESQL, lambda _: many, lambda *_: None).rows
    assert found == [(f"n{i}",) for i in range(300)]
    assert looked_at == 600
