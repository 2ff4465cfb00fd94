"""What an advice to build or drop an index apart says of the script first."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
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
