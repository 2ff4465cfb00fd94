"""The models of the base are loaded as the application would load them, and nothing of the user's is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest

from migguard.running import load
from tests.cli.projects import INI, environment
from tests.running.project import (
    BASE,
    DECIDED,
    ENV,
    FAX,
    SETTINGS,
    UNDECIDED,
    branch,
    check,
    decided,
    leftovers,
    released,
    spoken,
    why,
)

pytestmark = pytest.mark.thorough

MODELS = BASE.format(column=FAX)


def extra(base: str = "Base", key: str = "sa.Integer", name: str = "extra") -> str:
    """One more class of the models."""
    return f"class Extra({base}):\n    __tablename__ = {name!r}\n    id = sa.Column({key}, primary_key=True)\n"


def test_the_repository_is_as_it_was_and_nothing_is_left_behind(tmp_path: Path) -> None:
    made = released(tmp_path / "p")
    branch(made)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    inside = made.root / ".git"

    def state() -> tuple[object, ...]:
        index = (inside / "index").read_bytes(), (inside / "index").stat().st_mtime_ns
        listed = sorted(p.relative_to(inside).as_posix() for p in inside.rglob("*"))
        told = (
            made.git("--no-optional-locks", "status", "--porcelain"),
            made.git("worktree", "list"),
            made.git("config", "--list", "--local"),
        )
        return made.files(), listed, index, told

    state()
    before = state()
    assert decided(made, TMPDIR=str(scratch)) == DECIDED
    assert state() == before
    assert leftovers(scratch) == set()


def test_what_was_loaded_once_is_kept_by_commit(tmp_path: Path) -> None:
    made = released(tmp_path / "p")
    branch(made)
    assert decided(made) == DECIDED
    with mock.patch.object(load, "Background", side_effect=AssertionError("a process was started")):
        assert decided(made) == DECIDED


def test_a_finding_names_the_line_of_the_model_at_the_base(tmp_path: Path) -> None:
    made = released(tmp_path / "p")
    branch(made)
    line = MODELS.splitlines().index("    " + FAX) + 1
    said = next(f["message"] for f in check(made).report["findings"] if f["code"] == "MG603")
    assert f"app/models.py:{line} at {made.git('rev-parse', 'main')[:8]} maps the column" in said


@pytest.mark.parametrize("layout", ["src", "subfolder"])
def test_packages_are_found_below_src_and_below_the_root(tmp_path: Path, layout: str) -> None:
    files = {"src/shop/__init__.py": "", "src/shop/tables.py": MODELS}
    made = released(tmp_path / "p", files, "from shop.tables import Base", prepend="src")
    if layout == "subfolder":
        outer = tmp_path / "outer"
        outer.mkdir()
        (made.root / ".git").rename(tmp_path / "aside")
        made.root.rename(outer / "service")
        made = type(made)(outer / "service")
        top = type(made)(outer)
        top.write("other/alembic.ini", INI)
        top.commit()
    made.revision("b2b2", "a1a1", 'op.drop_column("users", "fax")\nop.drop_column("users", "old")')
    assert decided(made) == DECIDED
    if layout == "subfolder":
        done = type(made)(made.root.parent).run(
            "check", "--base", "main", "--format", "json", "-c", "service/alembic.ini"
        )
        assert spoken(done, "MG302", "MG603") == DECIDED


def test_models_may_be_in_several_metadata_objects(tmp_path: Path) -> None:
    imports = "import sqlalchemy as sa\nfrom app.models import Base\nmore = sa.MetaData()\nsa.Table('t', more)"
    made = released(tmp_path / "p", None, imports, "target_metadata=[more, Base.metadata]")
    branch(made)
    assert decided(made) == DECIDED


ASYNC = """\
import asyncio
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from app.models import Base


def run(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    async with engine.connect() as connection:
        await connection.run_sync(run)


asyncio.run(main())
"""
MULTIDB = """\
import sqlalchemy as sa
from alembic import context
from sqlalchemy import create_engine
from app.models import Base

more = sa.MetaData()
sa.Table("users", more, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("fax", sa.Text))
for name, target in {"main": Base.metadata, "audit": more}.items():
    with create_engine(f"postgresql+psycopg://nobody@127.0.0.1:1/{name}").connect() as connection:
        context.configure(connection=connection, target_metadata=target)
        with context.begin_transaction():
            context.run_migrations()
"""


def test_an_asynchronous_env_py_gives_its_models(tmp_path: Path) -> None:
    made = released(tmp_path / "p", env=ASYNC)
    branch(made)
    assert decided(made) == DECIDED


def test_tables_on_which_two_databases_do_not_agree_are_not_known(tmp_path: Path) -> None:
    made = released(tmp_path / "p", env=MULTIDB)
    branch(made)
    assert decided(made) == UNDECIDED


def test_two_classes_of_one_table_use_what_either_uses(tmp_path: Path) -> None:
    second = (
        f"{BASE.format(column=FAX)}\n\nclass Slim(Base):\n    __table__ = User.__table__\n"
        '    __mapper_args__ = {"exclude_properties": ["fax"]}\n'
    )
    made = released(tmp_path / "p", {"app/models.py": second})
    branch(made)
    assert decided(made) == DECIDED


def test_worktrees_and_detached_heads_are_read_as_well(tmp_path: Path) -> None:
    made = released(tmp_path / "p")
    made.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    there = type(made)(tmp_path / "tree")
    branch(there)
    assert decided(there) == DECIDED


def test_submodules_come_along_where_the_work_tree_has_them(tmp_path: Path) -> None:
    part = type(released(tmp_path / "unused"))(tmp_path / "part")
    part.write("tables.py", MODELS)
    part.commit()
    made = released(tmp_path / "p", None, "from common.tables import Base")
    made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.root), "common")
    made.commit()
    branch(made, models=None)
    assert decided(made) == DECIDED


def test_files_that_git_ignores_and_the_code_is_imported_with_come_along(tmp_path: Path) -> None:
    made = released(tmp_path / "p", {"app/models.py": f"from app._version import version\n{MODELS}"})
    made.write(".gitignore", "_version.py\n__pycache__/\n")
    made.write("app/_version.py", "version = 1\n")
    made.commit()
    branch(made)
    assert decided(made) == DECIDED


def test_an_installed_copy_of_the_project_is_not_taken_for_its_base(tmp_path: Path) -> None:
    """A job that installs the branch before it checks it has the branch's models as a library."""
    made = released(
        tmp_path / "p",
        {"src/shop/__init__.py": "", "src/shop/tables.py": MODELS},
        "from shop.tables import Base",
        prepend="migrations",
    )
    made.revision("b2b2", "a1a1", 'op.drop_column("users", "fax")\nop.drop_column("users", "old")')
    library = tmp_path / "lib" / "site-packages"
    (library / "shop").mkdir(parents=True)
    (library / "shop" / "__init__.py").write_text("")
    (library / "shop" / "tables.py").write_text(BASE.format(column="pass"))
    with mock.patch.object(sys, "path", [*sys.path, str(library)]):
        assert decided(made) == DECIDED


def test_noise_does_not_matter(tmp_path: Path) -> None:
    noise = "import os, sys\nprint('x' * 100_000)\nos.write(1, b'y' * 100_000)\nsys.stderr.write('z' * 300_000)\n"
    made = released(tmp_path / "p", {"app/models.py": noise + MODELS})
    branch(made)
    assert decided(made) == DECIDED


def test_programs_that_the_repository_names_as_filters_are_not_run(tmp_path: Path) -> None:
    made = released(tmp_path / "p", {".gitattributes": "*.py filter=big\n"})
    marker = tmp_path / "marker"
    for setting, value in (("smudge", f"touch {marker}; cat"), ("required", "true")):
        made.git("config", f"filter.big.{setting}", value)
    branch(made)
    marker.unlink(missing_ok=True)
    assert decided(made) == DECIDED
    assert not marker.exists()


# --- where they are not known -------------------------------------------------------------------------------------


def test_a_setting_that_the_models_need_is_named(tmp_path: Path) -> None:
    made = released(tmp_path / "p", {"app/models.py": f"import os\nos.environ['SHOP_DSN']\n{MODELS}"})
    branch(made)
    assert decided(made) == UNDECIDED
    assert "SHOP_DSN" in why(made) or "app.models" in why(made)
    assert decided(made, SHOP_DSN="x") == DECIDED


def test_an_env_py_without_models_is_said(tmp_path: Path) -> None:
    made = released(tmp_path / "p", options="target_metadata=None")
    branch(made)
    assert decided(made) == UNDECIDED
    assert "no target_metadata" in why(made)


def test_models_of_an_env_py_that_broke_off_are_not_taken_for_all(tmp_path: Path) -> None:
    """What raises after the first database may hide the models of a second one."""
    whole = ENV.format(imports="from app.models import Base", options="target_metadata=Base.metadata")
    made = released(tmp_path / "p", env=f"{whole}\n1 / 0\n")
    branch(made)
    made.write("migrations/env.py", whole)
    assert decided(made) == UNDECIDED
    assert "ZeroDivisionError" in why(made)


def test_a_base_without_the_configuration_is_said(tmp_path: Path) -> None:
    made = released(tmp_path / "p")
    made.git("mv", "alembic.ini", "other.ini")
    made.git("commit", "--quiet", "-m", "x")
    made.git("mv", "other.ini", "alembic.ini")
    branch(made)
    assert decided(made) == UNDECIDED
    assert "alembic.ini was not there yet" in why(made)


def test_models_that_never_finish_loading_are_given_up(tmp_path: Path) -> None:
    made = released(
        tmp_path / "p",
        {"app/models.py": f"while True:\n    pass\n{MODELS}"},
        settings=SETTINGS + "replay_timeout = 1.0\n",
    )
    branch(made)
    assert decided(made) == UNDECIDED
    assert "more than" in why(made)


@pytest.mark.parametrize(
    ("top", "bottom", "known"),
    [
        pytest.param("from notthere import helper", "", True, id="unused"),
        pytest.param("import notthere", "notthere.register(print)", True, id="called"),
        pytest.param(
            "import notthere",
            extra(key="notthere.Odd"),
            True,
            id="type",
        ),
        pytest.param(
            "from notthere import Mixin",
            extra("Mixin, Base"),
            False,
            id="mixin",
        ),
        pytest.param("import notthere", "notthere.extend(User)", False, id="given a model"),
        pytest.param("import notthere", "if notthere.ON:\n    User.more = sa.Column(sa.Text)", False, id="decides"),
    ],
)
def test_a_module_that_is_not_installed_matters_where_the_tables_depend_on_it(
    tmp_path: Path, top: str, bottom: str, known: bool
) -> None:
    source = f"{top}\n{MODELS}\n\n{bottom}\n"
    made = released(tmp_path / "p", {"app/models.py": source})
    branch(made)
    assert decided(made) == (DECIDED if known else UNDECIDED)
    assert ("notthere" in why(made)) is not known


def test_metadata_of_a_module_that_is_not_installed_is_said(tmp_path: Path) -> None:
    made = released(tmp_path / "p", None, "from notthere import Base")
    branch(made)
    assert decided(made) == UNDECIDED
    assert "notthere is not installed here" in why(made)


def test_models_that_are_read_from_a_database_are_not_known(tmp_path: Path) -> None:
    top = "from sqlalchemy.ext.automap import automap_base"
    source = f"{top}\n{MODELS}\n\nAuto = automap_base()\n\n\n{extra('Auto')}"
    made = released(tmp_path / "p", {"app/models.py": source})
    branch(made)
    assert decided(made) == UNDECIDED
    assert "AutomapBase" in why(made)


def test_a_table_of_a_file_that_env_py_forgot_is_not_taken_for_unused(tmp_path: Path) -> None:
    """Autogenerate proposes to drop the table of a model that env.py does not import."""
    forgotten = f"from app.models import Base, sa\n\n\n{extra(name='bills')}"
    made = released(tmp_path / "p", {"app/bills.py": forgotten})
    key = "sa.Column('id', sa.Integer(), primary_key=True)"
    made.revision("a2a2", "a1a1", f"op.create_table('bills', {key})\nop.create_table('gone', {key})")
    made.commit()
    made.revision("b2b2", "a2a2", "op.drop_table('bills')\nop.drop_table('gone')")
    assert spoken(check(made), "MG301", "MG604") == {"MG301 bills": "error", "MG301 gone": "notice"}


# --- processes ----------------------------------------------------------------------------------------------------


def alive(scratch: Path) -> list[str]:
    """The processes that were started with a folder below `scratch`."""
    listed = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(scratch) in line and "migguard.running.child" in line]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_a_check_that_is_ended(tmp_path: Path, how: signal.Signals) -> None:
    made = released(tmp_path / "p", {"app/models.py": f"import time\ntime.sleep(50)\n{MODELS}"})
    branch(made)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "migguard", "check", "--base", "main"]
    variables = environment(made.cache | {"TMPDIR": str(scratch)})
    running = subprocess.Popen(
        command, cwd=made.root, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    patience = time.monotonic() + 40
    while not any((scratch / n / "files" / "app").exists() for n in leftovers(scratch)) and time.monotonic() < patience:
        time.sleep(0.1)
    time.sleep(1)
    try:
        assert alive(scratch)
        os.kill(running.pid, how)
        running.wait(timeout=30)
    finally:
        running.kill()
    patience = time.monotonic() + 20
    while (alive(scratch) or [n for n in leftovers(scratch) if "models" in n]) and time.monotonic() < patience:
        time.sleep(0.1)
    assert alive(scratch) == []
    assert not [n for n in leftovers(scratch) if "models" in n]


# --- new code first -----------------------------------------------------------------------------------------------


def test_new_code_that_runs_first_is_held_against_the_old_schema(tmp_path: Path) -> None:
    made = released(tmp_path / "p", settings=SETTINGS + 'deploy = "code-first"\n')
    branch(
        made,
        'op.drop_column("users", "fax")\nop.add_column("users", sa.Column("mail", sa.Text()))\n'
        'op.add_column("users", sa.Column("later", sa.Text()))',
        BASE.format(column="mail = sa.Column(sa.Text)"),
    )
    done = check(made)
    said = [f["message"] for f in done.report["findings"] if f["code"] == "MG613"]
    assert len(said) == 1
    assert "users.mail (app/models.py:12)" in said[0]
    assert spoken(done, "MG302", "MG603") == {"MG302 users.fax": "notice"}
