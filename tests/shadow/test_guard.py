"""What a migration has no business doing: refused, noted as MG803, and the rest is looked at all the same."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from migguard.trace import NoteKind, Outcome
from tests.shadow.project import Project, codes, notes, sql, tables, upgrade

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.mark.parametrize(
    ("does", "kind"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', 1))", NoteKind.SOCKET),
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1')", NoteKind.SOCKET),
        ("import psycopg\npsycopg.connect('host=127.0.0.1 port=1')", NoteKind.SOCKET),
        ("import pymysql\npymysql.connect(host='127.0.0.1', port=1)", NoteKind.SOCKET),
        ("import subprocess\nsubprocess.run(['true'])", NoteKind.PROCESS),
        ("import os\nos.system('true')", NoteKind.PROCESS),
        ("open(__file__ + '.bak', 'w')", NoteKind.WRITE),
        ("import os\nos.remove(__file__)", NoteKind.WRITE),
        ("import pathlib\npathlib.Path(__file__).rename('gone.py')", NoteKind.WRITE),
        ("import sqlite3\nsqlite3.connect(__file__ + '.db')", NoteKind.WRITE),
    ],
)
def test_the_outside_world_is_refused_noted_and_what_follows_is_still_seen(
    project: Project, does: str, kind: NoteKind
) -> None:
    name = project.revision(f"{does}\n{CREATE}")
    files = sorted(project.versions.iterdir())
    traced = project.traced()
    found = upgrade(traced, name)
    assert notes(found, kind)
    assert found.outcome is Outcome.PARTIAL
    assert tables(traced) == {"a"}
    assert sorted(project.versions.iterdir()) == files


def test_what_was_refused_is_mg803(project: Project) -> None:
    project.revision("import os\nos.system('true')")
    assert "MG803" in codes(project.checked())


def test_a_refusal_that_the_script_swallows_is_noted_all_the_same(project: Project) -> None:
    name = project.revision(
        f"import socket\ntry:\n    socket.create_connection(('x', 1))\nexcept OSError:\n    pass\n{CREATE}"
    )
    found = upgrade(project.traced(), name)
    assert found.outcome is Outcome.FULL
    assert notes(found, NoteKind.SOCKET)


def test_a_file_opened_while_the_script_is_imported_is_refused(project: Project) -> None:
    name = project.revision(CREATE, top="open(__file__ + '.bak', 'w')")
    assert notes(upgrade(project.traced(), name), NoteKind.WRITE)


@pytest.mark.parametrize(
    "leave", ["import os\nos._exit(1)", "import sys\nsys.exit(1)", "import os\nos.abort()", "raise SystemExit"]
)
def test_a_script_cannot_end_the_process(project: Project, leave: str) -> None:
    name = project.revision(f"{CREATE}\n{leave}")
    found = upgrade(project.traced(), name)
    assert notes(found, NoteKind.EXIT) == [""]
    assert len(sql(found)) == 1


def test_files_written_into_the_working_directory_go_into_a_scratch_folder(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    project.revision(f"open('backup.csv', 'w').write('x')\n{CREATE}")
    assert project.traced().failures == []
    assert not Path("backup.csv").exists()
    assert Path.cwd() == tmp_path


def test_the_environment_is_what_it_was_after_a_script_changed_it(project: Project) -> None:
    project.revision("import os\nos.environ['MIGGUARD_LEFT_BEHIND'] = '1'")
    project.traced()
    assert "MIGGUARD_LEFT_BEHIND" not in os.environ


def test_drivers_connect_again_after_the_replay(project: Project) -> None:
    import psycopg

    before = psycopg.connect
    project.revision(CREATE)
    project.traced()
    assert psycopg.connect == before


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("body", "top"),
    [
        ("while True:\n    pass", ""),
        ("import time\nwhile True:\n    try:\n        time.sleep(9)\n    except Exception:\n        pass", ""),
        ("pass", "import time\ntime.sleep(60)"),
    ],
    ids=["upgrade", "an upgrade that swallows exceptions", "import"],
)
def test_a_script_that_takes_too_long_is_stopped_and_is_mg009(project: Project, body: str, top: str) -> None:
    project.overrides["replay_timeout"] = 0.2
    project.revision(body, top=top)
    began = time.monotonic()
    checked = project.checked()
    assert time.monotonic() - began < 10
    assert "MG009" in codes(checked)
    assert checked.exit_code == 3


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("open(f'/var/old/orders-{time.time_ns()}.csv', 'w')", "/var/old/orders-….csv"),
        ("open(__file__ + '.bak', 'w')", "….bak"),
        ("open(__file__, 'a')", ""),
        ("os.remove('/var/old/orders.csv')", "/var/old/orders.csv"),
        ("os.remove(os.path.join('/var/old', 'orders.csv'))", "/var/old/orders.csv"),
        ("subprocess.run(['pg_dump', '-f', f'/var/old/{time.time_ns()}.sql'])", "pg_dump"),
        ("os.system(f'pg_dump -f /var/old/{time.time_ns()}.sql')", "pg_dump -f /var/old/….sql"),
        ("subprocess.run([sys.executable, str(time.time_ns())])", Path(sys.executable).name),
    ],
)
def test_what_is_told_of_a_file_or_command_is_the_same_in_every_run(project: Project, does: str, told: str) -> None:
    name = project.revision(does, top="import os, subprocess, sys, time")
    found = upgrade(project.traced(), name)
    assert {n.subject for n in found.notes if n.kind in (NoteKind.WRITE, NoteKind.PROCESS)} == {told}
    first, second = ([f.fingerprint for f in project.checked().report.findings] for _ in range(2))
    assert first == second
