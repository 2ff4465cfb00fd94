"""A foreign key that is led to another column of the same table finds the values of the old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.rules.frame import Example
from tests.live.servers import PostgresServer
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE groups (id uuid PRIMARY KEY, name text NOT NULL CONSTRAINT uq UNIQUE);"
    "CREATE TABLE members (id int PRIMARY KEY, group_id uuid CONSTRAINT fk_id REFERENCES groups)"
)
LOOSE = 'op.drop_constraint("fk_id", "members")\n'
MOVED = 'op.alter_column("members", "group_id", new_column_name="group_name", type_=sa.String(99))\n'
GONE = 'op.drop_column("groups", "id")\n'
KEY = 'op.create_foreign_key("fk_name", "members", "groups", ["group_name"], ["name"])\n'


def told(code: str, tmp_path: Path) -> list[Finding]:
    """What MG704 says."""
    report = examples.check(Example(code, given=GIVEN), "MG704", tmp_path, "postgresql").report
    return [f for f in report.findings if f.code == "MG704"]


def test_the_values_of_the_old_column_are_in_the_way(tmp_path: Path, server: PostgresServer) -> None:
    """The recipe lets the key be made, with rows there."""
    [found] = told(LOOSE + MOVED + GONE + KEY, tmp_path)
    assert found.severity is Severity.WARNING
    assert "its values are those of groups.id, to which fk_id referred" in found.message
    assert found.advice.startswith(
        "Put what groups.name is in its rows into group_name first, after group_name has its"
    )
    assert "new type and before line " in found.advice
    assert found.probe == "SELECT 1 FROM members WHERE group_id IS NOT NULL LIMIT 1"
    database = server.create_database()
    with server.connect(database) as connection:
        connection.execute(GIVEN)
        connection.execute("INSERT INTO groups SELECT gen_random_uuid(), 'g' || i FROM generate_series(1, 3) i")
        connection.execute("INSERT INTO members SELECT row_number() OVER (), id FROM groups")
        assert connection.execute(found.probe).fetchall()
        connection.execute("ALTER TABLE members DROP CONSTRAINT fk_id")
        connection.execute("ALTER TABLE members ALTER group_id TYPE varchar(99)")
        connection.execute("ALTER TABLE members RENAME group_id TO group_name")
        connection.execute(found.recipe.removeprefix('op.execute("').removesuffix('")'))
        connection.execute("ALTER TABLE members ADD FOREIGN KEY (group_name) REFERENCES groups (name)")
    server.drop_database(database)


@pytest.mark.parametrize(
    "code",
    [
        LOOSE + MOVED + 'op.execute("UPDATE members SET group_name = g.name FROM groups g")\n' + KEY,
        LOOSE + 'op.create_foreign_key("fk_name", "members", "groups", ["group_id"], ["id"])',
        LOOSE + 'op.add_column("members", sa.Column("group_name", sa.Text()))\n' + KEY,
    ],
    ids=["new values", "the same column", "another column of its own"],
)
def test_else_nothing_is_said_of_the_old_key(code: str, tmp_path: Path) -> None:
    assert not any("referred" in found.message for found in told(code, tmp_path))
