"""Whatever statements come, and in whatever order: the catalog takes each or refuses it, and never raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migguard.catalog.apply import apply
from migguard.catalog.edit import constraint_names, named_indexes, parents, references, used_types
from migguard.catalog.schema import Catalog, Server
from migguard.catalog.start import empty
from migguard.catalog.together import together
from migguard.changes import Engine
from migguard.sql.read import read
from tests.catalog.scripts import SCRIPTS

POOL = sorted({statement for script in SCRIPTS.values() for statement in script})
SOME = st.lists(st.sampled_from(POOL), min_size=1, max_size=40)
WHOLE = st.sampled_from(sorted(SCRIPTS))


def run(catalog: Catalog, statements: list[str]) -> Catalog:
    for statement in statements:
        for change in together(catalog, read(statement, Engine.POSTGRESQL)):
            made = apply(catalog, change)
            if made.refusal is not None:
                assert made.catalog is catalog
                assert made.refusal.message
                break
            catalog = made.catalog
    return catalog


def members(found: dict[tuple[str, str], set[tuple[str, str]]]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    return {key: value for key, value in found.items() if value}


def reverse_maps_are_true(catalog: Catalog) -> None:
    """What a catalog keeps to find its way back is what its tables and views say."""
    owners = {
        key: r.key for r in (*catalog.tables.values(), *catalog.views.values()) for key in named_indexes(catalog, r)
    }
    assert dict(catalog.index_owner) == owners
    referring: dict[tuple[str, str], set[tuple[str, str]]] = {}
    below: dict[tuple[str, str], set[tuple[str, str]]] = {}
    users: dict[tuple[str, str], set[tuple[str, str]]] = {}
    names: dict[tuple[str, str], int] = {}
    for table in catalog.tables.values():
        for key in references(table):
            referring.setdefault(key, set()).add(table.key)
        for key in parents(table):
            below.setdefault(key, set()).add(table.key)
        for key in used_types(table.columns, catalog):
            users.setdefault(key, set()).add(table.key)
        for key, number in constraint_names(table, catalog).items():
            names[key] = names.get(key, 0) + number
    assert {k: set(v) for k, v in catalog.referenced_by.items()} == members(referring)
    assert {k: set(v) for k, v in catalog.children.items()} == members(below)
    assert {k: set(v) for k, v in catalog.type_users.items()} == members(users)
    assert dict(catalog.constraint_names) == names


@pytest.mark.thorough
@settings(max_examples=400, deadline=None)
@given(WHOLE, SOME, st.sampled_from((15, 16, 18)))
def test_statements_in_any_order_are_taken_or_refused(script: str, statements: list[str], version: int) -> None:
    catalog = run(empty(Server(Engine.POSTGRESQL, (version, 0), timezone="UTC")), SCRIPTS[script])
    run(catalog, statements)


@pytest.mark.thorough
@settings(max_examples=200, deadline=None)
@given(WHOLE, SOME)
def test_the_reverse_maps_stay_true(script: str, statements: list[str]) -> None:
    catalog = empty(Server(Engine.POSTGRESQL, (18, 0), timezone="UTC"))
    catalog = run(catalog, ["CREATE TABLE here (a integer)", *SCRIPTS[script], *statements])
    reverse_maps_are_true(catalog)
