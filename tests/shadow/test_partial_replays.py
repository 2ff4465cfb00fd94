"""After an exception: what came before is kept, what follows is run with the names that had their values."""

from __future__ import annotations

import pytest

from migguard.findings import Severity
from migguard.trace import Certainty, Outcome
from tests.shadow.project import Project, codes, sql, tables, upgrade

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'


def test_what_follows_the_exception_is_seen_and_marked_as_read(project: Project) -> None:
    name = project.revision(f'{CREATE}\nraise ValueError("no rows")\nop.add_column("a", sa.Column("b", sa.Integer))')
    traced = project.traced()
    found = upgrade(traced, name)
    assert found.outcome is Outcome.PARTIAL
    assert [s.certainty for s in found.statements] == [Certainty.RAN, Certainty.READ]
    assert found.unseen == "What follows was read from the source."
    assert "MG002" in codes(project.checked())


def test_names_that_had_their_values_are_used(project: Project) -> None:
    name = project.revision(
        f"""
        {CREATE}
        table, bind = "a", op.get_bind()
        first = bind.execute(sa.text("SELECT id FROM a")).one()
        op.add_column(table, sa.Column("b", sa.Integer))
        if sa.inspect(bind).has_table(table):
            op.add_column(table, sa.Column("c", sa.Integer))
        op.execute(f"DELETE FROM a WHERE id = {{first.id}}")
        """
    )
    found = upgrade(project.traced(), name)
    assert sql(found)[2:] == ["ALTER TABLE a ADD COLUMN b INTEGER", "ALTER TABLE a ADD COLUMN c INTEGER"]
    assert found.unseen == "Not seen: lines 11 and 15."


def test_what_a_function_gives_back_is_seen_or_told(project: Project) -> None:
    name = project.revision(
        f"rows = found()\n{CREATE}",
        top="def found():\n    1 / 0\n    return op.get_bind().execute(nothing)\n",
    )
    found = upgrade(project.traced(), name)
    assert sql(found)[0].split()[:2] == ["CREATE", "TABLE"]
    assert found.unseen == "Not seen: line 5."


def test_a_batch_is_run_again_without_the_line_that_raised(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        """
        with op.batch_alter_table("a") as batch:
            batch.add_column(sa.Column("b", sa.Integer))
            batch.add_column(sa.Column("c", nothing))
            batch.add_column(sa.Column("d", sa.Integer))
        """
    )
    found = upgrade(project.traced(), name)
    assert sql(found) == ["ALTER TABLE a ADD COLUMN b INTEGER", "ALTER TABLE a ADD COLUMN d INTEGER"]
    assert found.unseen == "Not seen: line 11."


def test_only_the_side_that_was_running_goes_on(project: Project) -> None:
    name = project.revision(
        f"""
        {CREATE}
        if op.get_bind():
            1 / 0
            op.add_column("a", sa.Column("b", sa.Integer))
        else:
            op.drop_table("a")
        """
    )
    assert [s.split()[0] for s in sql(upgrade(project.traced(), name))] == ["CREATE", "ALTER"]


def test_of_a_condition_that_raises_both_sides_are_read(project: Project) -> None:
    name = project.revision(
        f"""
        {CREATE}
        if missing:
            op.add_column("a", sa.Column("b", sa.Integer))
        else:
            op.add_column("a", sa.Column("c", sa.Integer))
        """
    )
    assert len(sql(upgrade(project.traced(), name))) == 3


def test_a_function_of_the_script_that_raises_is_finished_and_so_is_its_caller(project: Project) -> None:
    name = project.revision(
        f'{CREATE}\nhelp("a")\nop.add_column("a", sa.Column("c", sa.Integer))',
        top='def help(table):\n    1 / 0\n    op.add_column(table, sa.Column("b", sa.Integer))\n',
    )
    assert sql(upgrade(project.traced(), name))[1:] == [
        "ALTER TABLE a ADD COLUMN b INTEGER",
        "ALTER TABLE a ADD COLUMN c INTEGER",
    ]


def test_the_other_rounds_of_a_loop_count_as_unseen(project: Project) -> None:
    name = project.revision(
        f'{CREATE}\nfor column in ("b", "c"):\n    op.add_column("a", sa.Column(column, sa.Integer))\n    1 / 0'
    )
    found = upgrade(project.traced(), name)
    assert len(sql(found)) == 2
    assert found.unseen == "Not seen: lines 10 to 12."


def test_what_follows_a_return_is_not_reached(project: Project) -> None:
    name = project.revision(f'{CREATE}\n1 / 0\nreturn\nop.drop_table("a")')
    assert len(sql(upgrade(project.traced(), name))) == 1


@pytest.mark.parametrize("body", ['op.create_table("a", nothing)', "raise ValueError"])
def test_a_revision_of_which_nothing_was_seen_ends_with_exit_code_3(project: Project, body: str) -> None:
    project.revision(body)
    checked = project.checked()
    assert [r.replay for r in checked.report.revisions] == ["failed"]
    assert checked.exit_code == 3


def test_a_partial_replay_is_a_finding_and_no_failure(project: Project) -> None:
    project.revision(f"{CREATE}\n1 / 0")
    checked = project.checked()
    assert checked.exit_code == 1
    assert checked.report.failures == ()


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "if op.get_bind().dialect.name == 'mysql':\n    op.execute('SELECT 1')",
        'op.execute("SELECT 1") if False else None',
    ],
)
def test_a_revision_that_does_nothing_here_is_replayed_in_full(project: Project, body: str) -> None:
    project.revision(body)
    assert [r.replay for r in project.checked().report.revisions] == ["full"]


def test_a_revision_after_a_failed_one_still_has_the_schema(project: Project) -> None:
    project.revision(CREATE)
    project.revision("raise ValueError")
    project.revision('op.create_table("b", sa.Column("a", sa.Integer, sa.ForeignKey("a.id")))')
    assert tables(project.traced()) == {"a", "b"}


def test_the_way_back_fails_in_one_sentence_that_is_the_downgrades(project: Project) -> None:
    project.revision(CREATE, 'op.drop_table("a")\nraise ValueError("It is too late.")')
    [found] = [f for f in project.checked().report.findings if f.code == "MG203"]
    assert found.message == "downgrade() fails: ValueError: It is too late."
    assert found.direction == "downgrade"


LACKING = {
    "rows": ('op.execute(f"DELETE FROM a WHERE id = {bind.execute(query).fetchone().id}")', "Guard what needs rows"),
    "a table that no revision made": ('sa.Table("old", sa.MetaData(), autoload_with=bind).c["name"]', "`baseline`"),
    "a refused call": ('__import__("subprocess").run(["true"])', "Leave to another job"),
}


@pytest.mark.parametrize(("code", "advice"), LACKING.values(), ids=list(LACKING))
def test_a_way_back_that_may_fail_only_for_what_the_replay_lacks_is_not_said_to_fail(
    project: Project, code: str, advice: str
) -> None:
    given = 'bind, query = op.get_bind(), sa.text("SELECT id FROM a")\n'
    project.revision("pass")  # the history begins on a database that was there
    upgrade = f'{CREATE}\nop.add_column("old", sa.Column("b", sa.Integer))'
    project.revision(upgrade, f'{given}{code}\nop.drop_column("old", "b")\nop.drop_table("a")')
    [found] = [f for f in project.checked().report.findings if f.code == "MG203"]
    assert found.message.startswith("downgrade() could not be replayed to its end: ")
    assert advice in found.advice
    assert (found.severity, found.verified) == (Severity.WARNING, False)


@pytest.mark.parametrize(("first", "certain"), [("rows", True), ("if rows: return", False)])
def test_a_raise_that_is_always_come_to_fails_whatever_rows_there_are(
    project: Project, first: str, certain: bool
) -> None:
    rows = 'rows = op.get_bind().execute(sa.text("SELECT id FROM a")).fetchall()\n'
    project.revision(CREATE, f'{rows}{first}\nop.drop_table("a")\nraise ValueError("It is too late.")')
    [found] = [f for f in project.checked().report.findings if f.code == "MG203"]
    assert found.message.startswith("downgrade() fails: ") == certain


def test_values_in_another_order_are_told_without_the_orders(project: Project) -> None:
    project.revision("op.execute(\"CREATE TYPE mood AS ENUM ('sad', 'ok')\")")
    project.revision('op.execute("DROP TYPE mood")', "op.execute(\"CREATE TYPE mood AS ENUM ('ok', 'sad')\")")
    [found] = [f for f in project.checked().report.findings if f.code == "MG202" and f.revision == "r2"]
    assert found.message.endswith("was: the values of the enum type mood are in another order than they were.")
