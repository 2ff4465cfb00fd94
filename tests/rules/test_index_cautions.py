"""What an advice to build or drop an index apart says of the script first."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check
from tests.rules.test_fitting_advice import told

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text NOT NULL, kind text)"
BOTH = GIVEN + ";CREATE INDEX ix_both ON orders (email, kind)"
RENEWED = GIVEN + ";CREATE UNIQUE INDEX ix_kind ON orders (kind)"


def test_an_index_that_another_makes_superfluous_is_not_to_be_built_in_any_way(tmp_path: Path) -> None:
    example = Example('op.create_index("ix_email", "orders", ["email"])', given=BOTH)
    assert told("MG401", example, tmp_path).advice.startswith("ix_both finds all that it finds: leave it out (MG924).")


def test_an_index_that_the_deployment_made_itself_need_not_be_dropped_but_left_out(tmp_path: Path) -> None:
    made = 'op.create_index("ix_email", "orders", ["email"])'
    drop = Example('op.drop_index("ix_email", "orders")', given=GIVEN, earlier=(made,))
    assert told("MG402", drop, tmp_path).advice.startswith("The deployment itself makes ix_email (line ")
    there = Example(drop.code, given=f"{GIVEN};CREATE INDEX ix_email ON orders (email)")
    assert told("MG402", there, tmp_path / "there").advice.startswith("Drop it concurrently")


@pytest.mark.parametrize(
    ("between", "before"),
    [
        ('op.alter_column("orders", "kind", type_=sa.Integer(), postgresql_using="kind::int")', False),
        ('op.add_column("orders", sa.Column("k2", sa.Text()))', True),
        (
            'op.add_column("orders", sa.Column("k2", sa.Text()))\n'
            'op.drop_column("orders", "kind")\n'
            'op.alter_column("orders", "k2", new_column_name="kind")',
            False,
        ),
    ],
    ids=["another type", "another column", "another column under the name"],
)
def test_no_index_is_to_be_built_before_its_columns_are_what_they_will_be(
    between: str, before: bool, tmp_path: Path
) -> None:
    renewed = 'op.create_index("ix_kind", "orders", ["kind", "email"], unique=True)'
    code = f'op.drop_index("ix_kind", "orders")\n{between}\n{renewed}'
    build = told("MG401", Example(code, given=RENEWED), tmp_path).advice
    assert ("in a revision before this one" in build) == before
    assert ("in a revision after this one" in build) == (not before)
    if "drop_column" not in between:
        drop = told("MG402", Example(code, given=RENEWED), tmp_path / "drop").advice
        assert ("can only be built after it" in drop) == (not before)


def test_a_switch_of_the_script_is_named(tmp_path: Path) -> None:
    code = """
        import os

        def upgrade():
            apart = os.environ.get("BUILD_APART", "") == "yes"
            op.create_index("ix_email", "orders", ["email"], postgresql_concurrently=apart)

        def downgrade():
            pass
    """
    advice = told("MG401", Example(code, given=GIVEN), tmp_path).advice
    assert advice.startswith(
        "The script does this itself where apart is true, as it was not here (the script reads BUILD_APART). Else build"
    )


def test_a_call_in_a_loop_is_not_shown_as_if_the_script_had_it(tmp_path: Path) -> None:
    code = """
        NAMES = (
            ("ix_email", "email"),
            ("ix_kind", "kind"),
        )

        def upgrade():
            for name, column in NAMES:
                op.create_index(name, "orders", [column])

        def downgrade():
            pass
    """
    advice = told("MG924", Example(code, given=BOTH), tmp_path).advice
    assert advice.startswith("Leave out what makes ix_email (its name stands in line ")


@pytest.mark.parametrize(
    ("test", "index"),
    [('"ix_email" not in there', True), ("not has_index(there)", True), ('"email" not in there', False)],
)
def test_the_condition_of_the_call_goes_with_it(test: str, index: bool, tmp_path: Path) -> None:
    """An invalid index is one as well: where the condition asks for the index, it goes first."""
    code = f"""
        def has_index(names):
            return "ix_email" in names

        def upgrade():
            there = [i["name"] for i in sa.inspect(op.get_bind()).get_indexes("orders")]
            if {test}:
                op.create_index("ix_email", "orders", ["email"])

        def downgrade():
            pass
    """
    advice = told("MG401", Example(code, given=GIVEN), tmp_path).advice
    assert ", under the condition of line " in advice
    assert ("INVALID" in advice) is index


@pytest.mark.parametrize(("test", "said"), [('"ix_email" in there', True), ("there", False)])
def test_the_condition_of_a_drop_goes_with_it_where_it_asks(test: str, said: bool, tmp_path: Path) -> None:
    code = f"""
        def upgrade():
            there = [i["name"] for i in sa.inspect(op.get_bind()).get_indexes("orders")]
            if {test}:
                op.drop_index("ix_email", "orders")

        def downgrade():
            pass
    """
    example = Example(code, given=f"{GIVEN};CREATE INDEX ix_email ON orders (email)")
    assert (", under the condition of line " in told("MG402", example, tmp_path).advice) == said


@pytest.mark.parametrize(("test", "said"), [("rows < 5000", True), ("rows > 5000", False)])
def test_a_bound_of_rows_is_named(test: str, said: bool, tmp_path: Path) -> None:
    code = f"""
        def upgrade():
            rows = op.get_bind().execute(sa.text("SELECT count(*) FROM orders")).scalar()
            if {test}:
                op.create_index("ix_email", "orders", ["email"])

        def downgrade():
            pass
    """
    advice = told("MG401", Example(code, given=GIVEN), tmp_path).advice
    assert advice.startswith("The script builds it only where rows < 5000 (line ") == said


def test_a_plain_index_goes_when_the_one_that_finds_as_much_is_there(tmp_path: Path) -> None:
    code = 'op.drop_index("ix_email", "orders")\nop.create_index("ix_wide", "orders", ["email", "kind"])'
    example = Example(code, given=f"{GIVEN};CREATE INDEX ix_email ON orders (email)")
    assert ", once ix_wide (line " in told("MG402", example, tmp_path).advice
    again = Example(code.replace("ix_wide", "ix_email"), given=example.given)
    assert "which finds what" not in told("MG402", again, tmp_path / "again").advice


def test_a_line_that_locks_several_tables_is_not_shown_with_one(tmp_path: Path) -> None:
    code = """
        def upgrade():
            for name in ("orders", "items"):
                op.execute(f"LOCK TABLE {name} IN EXCLUSIVE MODE")

        def downgrade():
            pass
    """
    example = Example(code, given=f"{GIVEN};CREATE TABLE items (id bigint PRIMARY KEY)", hits=2)
    found = [f for f in check(example, "MG418", tmp_path, "postgresql").report.findings if f.code == "MG418"]
    for advice in (f.advice for f in found):
        assert advice.endswith("do not queue for the lock: let the statement end with MODE NOWAIT.")
    assert len(found) == 2


def test_an_index_that_a_later_revision_overtakes_may_be_left_out_where_it_is_made(tmp_path: Path) -> None:
    first = 'op.create_index("ix_email", "orders", ["email"])'
    example = Example('op.create_index("ix_wide", "orders", ["email", "kind"])', given=GIVEN, earlier=(first,), hits=2)
    found = check(example, "MG401", tmp_path, "postgresql").report.findings
    early = next(f for f in found if f.code == "MG401" and "ix_email" in f.message)
    assert early.advice.startswith("ix_wide, which a later revision of the deployment makes, finds all that it finds")
    assert ", or leave it out in line " in next(f.advice for f in found if f.code == "MG924")
