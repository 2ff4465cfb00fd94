"""MG801 advises what the statement can take, and says in which direction it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

VALUE = 'name = op.get_bind().dialect.name + "x"'


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("DELETE FROM orders WHERE note = '{name}'", "Bind it, without the quotes"),
        ("UPDATE {name} SET note = ''", "A name cannot be bound"),
        ("SELECT count(*) FROM orders WHERE {name}.id = 1", "A name cannot be bound"),
        ("SELECT count(*) FROM orders WHERE {name} = 1", "A name cannot be bound"),
        ("SELECT count(*) FROM orders WHERE id = 1 AND {name} IS NULL", "A name cannot be bound"),
        ("SELECT id, {name} FROM orders", "A value is bound:"),
        ("SELECT {name}, id FROM orders", "A value is bound:"),
        ("INSERT INTO orders (id, note) SELECT id, {name} FROM orders", "The name of a column cannot be"),
        ("SELECT id, {name}.note FROM orders", "A name cannot be bound"),
        ("INSERT INTO orders (id, {name}) VALUES (1, '')", "A name cannot be bound"),
        ("INSERT INTO orders (id, note) VALUES (1, {name})", "Bind it:"),
        ("SELECT id FROM orders WHERE id = {name}", "Bind it:"),
        ("SELECT id FROM orders WHERE id = 1 LIMIT {name}", "Bind it:"),
        ("UPDATE orders SET note = 'by {name}'", "Inside a string literal nothing is bound"),
        ('SELECT "{name}" FROM orders', "A name cannot be bound"),
        ("UPDATE orders_{name} SET note = ''", "A name cannot be bound"),
        ("DELETE FROM orders WHERE id = 1 AND {name}", "A part of a statement cannot be bound"),
        ("DELETE FROM orders WHERE {name}", "A part of a statement cannot be bound"),
        ("DELETE FROM orders {name}", "A part of a statement cannot be bound"),
        ("{name}", "A part of a statement cannot be bound"),
        ("DELETE FROM orders WHERE id BETWEEN 1 AND {name}", "Bind it:"),
        ("DELETE FROM orders WHERE id = coalesce({name}, 1)", "Bind it:"),
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


@pytest.mark.parametrize(
    "text",
    [
        """'DELETE FROM orders WHERE note = %s AND id = 1' % name""",
        """'DELETE FROM %s WHERE id = 1 AND note = %s' % ("orders", name)""",
        """'DELETE FROM orders WHERE id = %(i)d AND note = %(n)s' % {"i": 1, "n": name}""",
        """'DELETE FROM {} WHERE note = {}'.format("orders", name)""",
        """'DELETE FROM {1} WHERE note = {0}'.format(name, "orders")""",
        """'DELETE FROM {t} WHERE note = {n}'.format(n=name, t="orders")""",
        """'DELETE FROM ' + "orders" + ' WHERE note = ' + name""",
    ],
)
@pytest.mark.parametrize("literal", [False, True])
def test_the_place_is_found_however_the_text_is_put_together(tmp_path: Path, text: str, literal: bool) -> None:
    project = Project(tmp_path)
    project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text)")')
    put = text.replace("note = ", "note = \\'x") if literal else text
    project.revision(f"{VALUE}\nop.execute({put})")
    [finding] = [f for f in project.checked().report.findings if f.code == "MG801"]
    assert ("Inside a string literal" if literal else "Bind it:") in finding.advice


@pytest.mark.parametrize(
    ("value", "verified"),
    [
        ("helper(clock())", False),
        ("str(clock().isoformat())", False),
        ("helper(op.get_bind().engine.url.database)", True),
        ("os.getcwd()", True),
    ],
)
def test_what_another_module_gives_is_not_verified(tmp_path: Path, value: str, verified: bool) -> None:
    project = Project(tmp_path)
    project.file("times.py", "import datetime\ndef clock(): return datetime.datetime.now()\nhelper = str")
    project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text)")')
    body = f"""op.execute("UPDATE orders SET note = '%s' WHERE id = 1" % {value})"""
    project.revision(body, top="import os\nfrom times import clock, helper")
    [finding] = [f for f in project.checked().report.findings if f.code == "MG801"]
    assert finding.verified == verified
    assert "Bind it, without" in finding.advice
