"""MG801 advises what the statement can take, and says in which direction it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shadow.project import Project

VALUE = 'name = op.get_bind().dialect.name + "x"'


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("DELETE FROM orders WHERE note = '{name}'", "Bind it"),
        ("UPDATE {name} SET note = ''", "A name cannot be bound"),
        ("SELECT count(*) FROM orders WHERE {name}.id = 1", "Bind it"),
        ('SELECT "{name}" FROM orders', "A name cannot be bound"),
        ("CREATE TYPE {name} AS ENUM ('a')", "takes no bound parameters"),
        ("ALTER TABLE orders ADD COLUMN {name} int", "takes no bound parameters"),
    ],
)
@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_its_advice_fits_the_statement(tmp_path: Path, statement: str, advice: str, direction: str) -> None:
    project = Project(tmp_path)
    project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text)")')
    body = f"{VALUE}\nop.execute(f'''{statement} ''')"
    project.revision(*(("pass", body) if direction == "downgrade" else (body, "pass")))
    [finding] = [f for f in project.checked().report.findings if f.code == "MG801"]
    assert advice in finding.advice
    assert finding.direction == direction
