"""What is not understood, or not in the schema, is unknown: never a statement without locks."""

from __future__ import annotations

import pytest

from tests.live.predicted import Foretold, Prediction

SETUP = ("CREATE TABLE orders (id int PRIMARY KEY)",)


def said_of(statement: str) -> Prediction:
    return Foretold(18, SETUP).of(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABEL orders ADD COLUMN note text",
        "ALTER TABLE orders FROBNICATE",
        "CREATE INDEX ix ON orders USING (id",
        "DO $$ DECLARE text text; BEGIN SELECT id::text INTO text FROM orders; EXECUTE text; END $$",
        "DROP EXTENSION postgis CASCADE",
        "CLUSTER",
    ],
)
def test_what_is_not_understood_has_an_unknown_effect(statement: str) -> None:
    prediction = said_of(statement)
    assert not prediction.known
    assert prediction.effect.reasons


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE customers",
        "VACUUM FULL customers",
        "LOCK TABLE customers",
        "UPDATE customers SET id = 1",
        "REFRESH MATERIALIZED VIEW customers",
        "ALTER TABLE customers ADD COLUMN note text",
        "CREATE INDEX ix ON customers (id)",
    ],
)
def test_a_table_that_is_not_in_the_schema_is_refused_or_unknown(statement: str) -> None:
    prediction = said_of(statement)
    assert prediction.refusal is not None or not prediction.known or prediction.facts.locks


@pytest.mark.parametrize(
    "statement", ["ALTER TABLE IF EXISTS customers ADD COLUMN note text", "SELECT 1", "SET a.b = 1"]
)
def test_what_may_be_missing_or_touches_nothing_is_known_to_lock_nothing(statement: str) -> None:
    prediction = said_of(statement)
    assert prediction.known
    assert prediction.facts.locks == {}
