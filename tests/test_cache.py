"""The cache of the released revisions: never seen in a report, whatever changes."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from migguard import judged_before
from migguard.cache import evidence
from migguard.cache.folder import MAGIC, Folder
from migguard.cache.repeatable import Verdict
from migguard.cache.values import packed, unpacked
from migguard.catalog.schema import Catalog, ConstraintKind
from migguard.pipeline import Request, run
from migguard.reports import json_report
from migguard.shadow import memory
from migguard.shadow.database import Database
from migguard.shadow.session import Replay
from migguard.shadow.sqlite_database import SqliteDatabase
from tests.bench.project import ENV_PY, revision_id, write_project

pytestmark = pytest.mark.thorough
RELEASED, ALL = 12, 14
SINCE = revision_id(RELEASED)
HEADER = '"""r"""\nfrom alembic import op\nimport sqlalchemy as sa\n'
UPGRADE = "def upgrade() -> None:\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's own folder; everything is worth keeping."""
    monkeypatch.setenv("MIGGUARD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(memory, "WORTH", 0.0)
    return tmp_path / "cache"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of some released revisions and two new ones."""
    write_project(tmp_path / "project", ALL)
    return settled(tmp_path / "project")


@pytest.fixture(autouse=True)
def judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rules said is not remembered here, so that the new revisions run each time."""
    monkeypatch.setattr(judged_before, "possible", lambda selection: False)


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The revisions that are run, one entry each."""
    seen: list[str] = []
    whole = Replay.revision

    def counted(self: Replay, revision, arguments):  # type: ignore[no-untyped-def]
        seen.append(revision.id)
        return whole(self, revision, arguments)

    monkeypatch.setattr(Replay, "revision", counted)
    return seen


def settled(folder: Path) -> Path:
    """The folder, with files that are older than any run: one that changes during a run is not trusted."""
    for path in folder.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def edit(path: Path, old: str, new: str) -> None:
    """Replace a part of a file, which has to be there. Its date stays: it may not be what tells."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    os.utime(path, (1_700_000_000, 1_700_000_000))


def report(project: Path, *, cache: bool = True, since: str = SINCE, **overrides: object) -> str:
    """The report of a check as JSON, with what the scripts printed."""
    request = Request(config=project / "alembic.ini", since=since, cache=cache, overrides=overrides, here=project)
    found = run(request).report
    return json_report.render(found, project) + "\n".join(found.printed)


def released_file(project: Path, number: int) -> Path:
    """The file of a revision."""
    return next((project / "migrations" / "versions").glob(f"{revision_id(number)}_*.py"))


def add(path: Path, imports: str, line: str) -> None:
    """Let a revision import something and run a line first."""
    edit(path, "from alembic import op\n", f"from alembic import op\n{imports}\n")
    edit(path, UPGRADE, f"{UPGRADE}    {line}\n")


def test_a_second_run_replays_only_what_is_new(folder: Path, project: Path, replayed: list[str]) -> None:
    cold = report(project)
    assert len(replayed) == ALL
    replayed.clear()
    warm = report(project)
    assert replayed == [revision_id(n) for n in range(RELEASED + 1, ALL + 1)]
    replayed.clear()
    assert report(project, cache=False) == cold == warm
    assert len(replayed) == ALL


def test_without_the_cache_nothing_is_written(folder: Path, project: Path) -> None:
    report(project, cache=False)
    assert not folder.exists()


def test_a_later_release_begins_where_the_earlier_one_ended(folder: Path, project: Path, replayed: list[str]) -> None:
    report(project)
    replayed.clear()
    since = revision_id(RELEASED + 1)
    warm = report(project, since=since)
    assert replayed == [revision_id(RELEASED + 1), revision_id(ALL)]
    replayed.clear()
    assert report(project, since=since) == warm
    assert replayed == [revision_id(ALL)]
    assert report(project, since=since, cache=False) == warm


def with_helper(project: Path) -> None:
    """An old revision asks a module of the project's own what to do."""
    (project / "helper.py").write_text("def wanted():\n    return True\n")
    add(released_file(project, 3), "import helper", "if helper.wanted(): op.execute('CREATE TABLE seen (id int)')")
    add(released_file(project, ALL), "", "op.execute('DROP TABLE seen')")
    settled(project)


def with_data_file(project: Path) -> None:
    """An old revision runs what is in a file beside it."""
    (project / "old.sql").write_text("CREATE TABLE seen (id int)")
    line = f"op.execute(Path({str(project / 'old.sql')!r}).read_text())"
    add(released_file(project, 3), "from pathlib import Path", line)
    add(released_file(project, ALL), "", "op.execute('DROP TABLE seen')")
    settled(project)


def with_missing_module(project: Path) -> None:
    """An old revision imports what is not there."""
    line = "op.execute(f'CREATE TABLE {name_of_it()} (id int)')"
    add(released_file(project, 3), "from nowhere import name_of_it", line)
    add(released_file(project, ALL), "", "op.execute('DROP TABLE here')")


def with_models(project: Path) -> None:
    """env.py names models, so drift is looked for as well."""
    (project / "models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('seen', metadata, sa.Column('id', sa.Integer))\n"
    )
    path = project / "migrations" / "env.py"
    edit(path, "target_metadata = None", "from models import metadata as target_metadata")
    add(released_file(project, 3), "", "op.execute('CREATE TABLE seen (id int, more text)')")
    settled(project)


def old_revision(project: Path) -> None:
    add(released_file(project, 2), "", "op.execute('CREATE TABLE other (id int)')")


def old_order(project: Path) -> None:
    edit(released_file(project, 3), f'= "{revision_id(2)}"', f'= "{revision_id(1)}"')


def env_py(project: Path) -> None:
    edit(
        project / "migrations" / "env.py",
        "target_metadata=target_metadata)",
        "target_metadata=target_metadata, transaction_per_migration=True)",
    )


def helper(project: Path) -> None:
    edit(project / "helper.py", "True", "False")


def data_file(project: Path) -> None:
    edit(project / "old.sql", "seen", "unseen")


def module_found(project: Path) -> None:
    (project / "nowhere.py").write_text("def name_of_it():\n    return 'here'\n")


def models(project: Path) -> None:
    edit(project / "models.py", "sa.Integer", "sa.Text")


def configuration(project: Path) -> None:
    edit(project / "alembic.ini", "postgresql+psycopg://app@localhost/app", "mysql+pymysql://app@localhost/app")


EVIDENCE: list[tuple[Callable[[Path], None] | None, Callable[[Path], None]]] = [
    (None, old_revision),
    (None, old_order),
    (None, env_py),
    (None, configuration),
    (with_helper, helper),
    (with_data_file, data_file),
    (with_missing_module, module_found),
    (with_models, models),
]
"""How a project is made ready to rest on something, and how that changes."""


def named(function: Callable[[Path], None] | None) -> str:
    """How a change is called in a test's name."""
    return function.__name__ if function is not None else "plain"


@pytest.mark.parametrize(("prepare", "change"), EVIDENCE, ids=named)
def test_what_the_released_revisions_rest_on_is_not_stale(
    folder: Path,
    project: Path,
    replayed: list[str],
    prepare: Callable[[Path], None] | None,
    change: Callable[[Path], None],
) -> None:
    if prepare is not None:
        prepare(project)
    cold = report(project)
    replayed.clear()
    assert report(project) == cold
    assert len(replayed) == ALL - RELEASED, "there is an entry"
    change(project)
    replayed.clear()
    after = report(project)
    assert len(replayed) > ALL - RELEASED
    assert after == report(project, cache=False)


def test_a_variable_that_a_script_reads_is_not_stale(
    folder: Path, project: Path, replayed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "op.execute(f\"CREATE TABLE {os.environ.get('OLD_TABLE', 'seen')} (id int)\")"
    add(released_file(project, 3), "import os", line)
    add(released_file(project, ALL), "", "op.execute('DROP TABLE seen')")
    before = report(project)
    replayed.clear()
    assert report(project) == before
    assert len(replayed) == ALL - RELEASED
    monkeypatch.setenv("OLD_TABLE", "other")
    replayed.clear()
    after = report(project)
    assert len(replayed) == ALL
    assert after == report(project, cache=False) != before


@pytest.mark.parametrize("override", [{"server_version": "17"}, {"dialect": "mysql"}, {"replay_timeout": 9.0}])
def test_a_changed_setting_is_not_stale(folder: Path, project: Path, override: dict[str, object]) -> None:
    report(project)
    assert report(project, **override) == report(project, cache=False, **override)


def test_a_baseline_is_not_stale(folder: Path, project: Path) -> None:
    (project / "migguard.toml").write_text('baseline = "schema.sql"\n')
    (project / "schema.sql").write_text("CREATE TABLE legacy (id bigint PRIMARY KEY);\n")
    add(released_file(project, ALL), "", "op.add_column('legacy', sa.Column('a', sa.Integer(), nullable=False))")
    settled(project)
    before = report(project)
    assert report(project) == before
    edit(project / "schema.sql", "id bigint", "a bigint, id bigint")
    after = report(project)
    assert after == report(project, cache=False) != before


def test_what_scripts_printed_is_printed_again(folder: Path, project: Path, replayed: list[str]) -> None:
    add(released_file(project, 2), "", "print('old news')")
    cold = report(project)
    replayed.clear()
    assert report(project) == cold
    assert len(replayed) == ALL - RELEASED
    assert "old news" in cold


def test_sqlite_goes_on_with_its_own_content(folder: Path, tmp_path: Path, replayed: list[str]) -> None:
    project = tmp_path / "sqlite"
    versions = project / "migrations" / "versions"
    versions.mkdir(parents=True)
    (project / "alembic.ini").write_text("[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///x.db\n")
    (project / "migrations" / "env.py").write_text(ENV_PY)
    (versions / "a.py").write_text(
        HEADER + "revision = 'aaaa'\ndown_revision = None\ndef upgrade():\n"
        "    op.execute('CREATE TABLE t (id INTEGER PRIMARY KEY)')\n    op.execute('INSERT INTO t VALUES (7)')\n"
    )
    (versions / "b.py").write_text(
        HEADER + "revision = 'bbbb'\ndown_revision = 'aaaa'\ndef upgrade():\n"
        "    for row in op.get_bind().execute(sa.text('SELECT id FROM t')):\n"
        "        op.execute(f'CREATE TABLE t{row.id} (id INT)')\n"
    )
    settled(project)
    cold = report(project, since="aaaa")
    replayed.clear()
    assert report(project, since="aaaa") == cold
    assert replayed == ["bbbb"]
    assert report(project, since="aaaa", cache=False) == cold
    assert "CREATE TABLE t7" in cold


# --- what may be passed over --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "import sqlalchemy\nsqlalchemy.NOT_MINE = 1\n",
        "import sqlalchemy as sa\nsa.event.listen(sa.Table, 'before_create', print)\n",
        "import sys\nsys.path.insert(0, 'lib')\n",
        "import functools\n@functools.cache\ndef helper():\n    pass\n",
        "for x in (1, 2):\n    pass\n",
    ],
)
def test_a_script_that_may_touch_others_when_it_is_loaded_is_not_passed_over(body: str) -> None:
    assert not Verdict((HEADER + body + "def upgrade():\n    pass\n").encode()).repeatable
    assert not Verdict((HEADER + "def upgrade():\n    pass\n" + body).encode()).repeatable


def test_a_script_that_looks_for_files_is_not_passed_over() -> None:
    looking = HEADER + "import os\ndef upgrade():\n    if os.path.exists('x'):\n        op.drop_table('t')\n"
    assert not Verdict(looking.encode()).repeatable
    assert Verdict((HEADER + "def upgrade():\n    op.execute(sa.select(sa.exists()))\n").encode()).repeatable


def test_a_script_that_knows_the_time_is_told() -> None:
    assert Verdict((HEADER + "import datetime\ndef upgrade():\n    pass\n").encode()).clock
    assert Verdict((HEADER + "def upgrade():\n    from datetime import date\n").encode()).clock
    assert not Verdict((HEADER + "def upgrade():\n    op.execute(sa.func.now())\n").encode()).clock


def test_a_day_later_a_script_that_knows_the_time_is_replayed(
    folder: Path, project: Path, replayed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(released_file(project, 2), "from datetime import date", "date.today()")
    report(project)
    replayed.clear()
    report(project)
    assert len(replayed) == ALL - RELEASED
    monkeypatch.setattr(memory, "today", lambda: "2099-01-01")
    replayed.clear()
    report(project)
    assert len(replayed) == ALL


# --- the folder ---------------------------------------------------------------------------------------------------


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def of_another_version(path: Path) -> None:
    path.write_bytes(b"migguard 0\n" + path.read_bytes()[len(MAGIC) :])


def writable_by_others(path: Path) -> None:
    path.chmod(0o666)


@pytest.mark.parametrize("harm", [damaged, cut, of_another_version, writable_by_others], ids=lambda f: f.__name__)
def test_an_entry_that_cannot_be_believed_is_passed_by(
    folder: Path, project: Path, replayed: list[str], harm: Callable[[Path], None]
) -> None:
    cold = report(project)
    for path in folder.iterdir():
        harm(path)
    replayed.clear()
    assert report(project) == cold
    assert len(replayed) == ALL


def test_a_folder_that_others_may_write_to_is_not_used(folder: Path, project: Path, replayed: list[str]) -> None:
    report(project)
    folder.chmod(0o777)
    replayed.clear()
    report(project)
    assert len(replayed) == ALL


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    here = Folder(tmp_path / "file" / "cache")
    here.write("a", b"x")
    assert here.read("a") is None
    assert here.names() == frozenset()


def test_the_oldest_entries_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migguard.cache.folder.ROOM", 300)
    here = Folder(tmp_path / "cache")
    for number, name in enumerate("abc"):
        here.write(name, b"x" * 100)
        os.utime(tmp_path / "cache" / name, (number, number))
    here.write("d", b"x" * 100)
    assert here.names() == {"c", "d"}


class Running:
    """Pickles as a call of os.system."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_a_pickle_that_asks_for_more_than_values_is_not_read() -> None:
    assert unpacked(pickle.dumps(Running())) is None
    assert unpacked(pickle.dumps(print)) is None
    assert unpacked(b"no pickle") is None
    assert packed(lambda: 0) is None


def test_files_in_memory_are_files_and_devices_are_none() -> None:
    assert evidence.own_files(["/dev/shm/project/helper.py", "/dev/urandom", "/proc/stat"], ()) == [
        "/dev/shm/project/helper.py"
    ]


def test_variables_are_compared_by_name_and_value() -> None:
    assert evidence.of_variables({"*"}, {"A": "1"}) != evidence.of_variables({"*"}, {"A": "1", "B": "2"})
    assert evidence.of_variables({"A"}, {"A": "1"}) == evidence.of_variables({"A"}, {"A": "1", "B": "2"})
    assert evidence.of_variables({"A"}, {}) != evidence.of_variables({"A"}, {"A": ""})


def test_every_field_of_a_database_is_kept_or_set_again() -> None:
    """A new field has to be thought about: does it change while released revisions run?"""
    kept = {"catalog", "_boundary", "transaction", "savepoints", "version_rows", "_last_row", "_dirty", "real"}
    unsettled = {"left", "begun"}  # nothing is kept while one of them is set
    set_again = {"server", "recorder", "certainty", "transactional_ddl", "version_table", "begins_again", "pending"}
    set_again |= {"watcher", "settings", "released", "absent", "beside", "apart", "ready", "raised", "_refused"}
    set_again |= {"too_long", "stated", "stated_table"}
    fields = {*Database.__dataclass_fields__, *SqliteDatabase.__dataclass_fields__}
    assert fields == kept | unsettled | set_again


@dataclass(frozen=True)
class Reduced:
    """Is written as Python 3.11.0 to 3.11.3 write the member of an enum: as an attribute of its class."""

    of: object
    name: str

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, str]]:
        return getattr, (self.of, self.name)


def test_a_member_of_an_enum_is_read_back_as_every_python_writes_it() -> None:
    content = packed(Reduced(ConstraintKind, "UNIQUE"))
    assert content is not None
    assert unpacked(content) is ConstraintKind.UNIQUE


@pytest.mark.parametrize(("of", "name"), [(ConstraintKind, "mro"), (Path, "home"), (Catalog, "__init__")])
def test_no_other_attribute_of_anything_is_read_back(of: object, name: str) -> None:
    content = packed(Reduced(of, name))
    assert content is not None
    assert unpacked(content) is None
