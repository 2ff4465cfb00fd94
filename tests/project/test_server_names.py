"""Which names of servers the revisions of a project rest on."""

from pathlib import Path

import pytest

from migguard.history import ServerName
from migguard.project.server_names import used_names

SCRIPTS = {
    "dropped": ('op.drop_constraint("t_a_fkey", "t")', "pass", ["t_a_fkey"]),
    "dropped by a word": ('op.drop_constraint(table_name="t", constraint_name=op.f("t_a_key1"))', "pass", ["t_a_key1"]),
    "in a batch": ('with op.batch_alter_table("t") as b:\n        b.drop_constraint("t_pkey")', "pass", ["t_pkey"]),
    "in SQL": (
        'op.execute("ALTER TABLE t DROP CONSTRAINT IF EXISTS \\"t_check\\", DROP CONSTRAINT x")',
        "pass",
        ["t_check"],
    ),
    "renamed": ('op.execute("alter table t rename constraint t_a_excl to x")', "pass", ["t_a_excl"]),
    "renamed with its index": ('op.execute("ALTER INDEX IF EXISTS s.t_a_key RENAME TO x")', "pass", ["t_a_key"]),
    "of an index that is only moved": ('op.execute("ALTER INDEX t_a_key SET TABLESPACE fast")', "pass", []),
    "in a loop": (
        'for name, table in (("t_a_key", "t"), ("u_a_key", "u")):\n        op.drop_constraint(name, table)',
        "pass",
        ["t_a_key", "u_a_key"],
    ),
    "of columns in a loop": ('for name in ("api_key",):\n        op.drop_column("t", name)', "pass", []),
    "MySQL's": ('op.drop_constraint("t_ibfk_12", "t")', "pass", ["t_ibfk_12"]),
    "backwards": ('op.create_unique_constraint(None, "t", ["a"])', 'op.drop_constraint("t_a_key", "t")', ["t_a_key"]),
    "made again backwards": (
        'op.drop_constraint("t_a_key", "t")',
        'op.create_unique_constraint("t_a_key", "t", ["a"])',
        ["t_a_key"],
    ),
    "given": ('op.create_unique_constraint(op.f("t_a_key"), "t", ["a"])', 'op.drop_constraint("t_a_key", "t")', []),
    "given in a table": (
        'op.create_table("t", sa.UniqueConstraint("a", name="t_a_key"))',
        'op.drop_constraint("t_a_key", "t")',
        [],
    ),
    "renamed to, and back": (
        'op.execute("ALTER INDEX uq RENAME TO t_a_key")',
        'op.execute("ALTER INDEX t_a_key RENAME TO uq")',
        [],
    ),
    "renamed to, and back by another name": (
        'op.execute("ALTER INDEX o_pkey RENAME TO t_pkey")',
        'op.execute("ALTER INDEX tt_pkey RENAME TO o_pkey")',
        ["o_pkey"],
    ),
    "renamed back from what others made": (
        'op.execute("ALTER INDEX o_pkey RENAME TO uq")',
        'op.execute("ALTER INDEX tt_pkey RENAME TO x")',
        ["o_pkey", "tt_pkey"],
    ),
    "the user's": ('op.drop_constraint("uq_t_a", "t")', "pass", []),
    "made and not dropped": ('op.execute("COMMENT ON CONSTRAINT t_a_key ON t IS NULL")', "pass", []),
    "no Python": ('op.drop_constraint("t_a_key"', "pass", []),
}


@pytest.mark.parametrize(("up", "down", "names"), SCRIPTS.values(), ids=list(SCRIPTS))
def test_the_names_that_revisions_rest_on(up: str, down: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "r1.py"
    path.write_text(f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n")
    assert [one.name for one in used_names([path, tmp_path / "gone.py"])] == names


def test_what_another_revision_gives_is_nobody_elses(tmp_path: Path) -> None:
    first, second = tmp_path / "r1.py", tmp_path / "r2.py"
    first.write_text('def upgrade():\n    op.create_unique_constraint("t_a_key", "t", ["a"])\n')
    second.write_text(
        'def upgrade():\n    op.drop_constraint("t_a_key", "t")\n    op.drop_constraint("t_b_key", "t")\n'
    )
    assert used_names([first, second]) == (ServerName("t_b_key", ahead=True),)


@pytest.mark.parametrize("ahead", [True, False])
def test_a_name_that_only_a_downgrade_takes_is_in_the_way_of_no_upgrade(ahead: bool, tmp_path: Path) -> None:
    path, drop = tmp_path / "r1.py", 'op.drop_constraint("t_a_key", "t")'
    up, down = (drop, "pass") if ahead else ("pass", drop)
    path.write_text(f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n")
    assert used_names([path]) == (ServerName("t_a_key", ahead),)
