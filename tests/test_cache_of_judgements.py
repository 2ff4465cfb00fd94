"""What the rules said of a whole replay, from the cache: never seen in a report either, whatever changes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from migguard import pipeline
from migguard.errors import AnalysisError
from migguard.pipeline import Request, run
from migguard.reports import json_report
from migguard.rules.run import Said
from migguard.shadow import sharing
from migguard.shadow.processes import processors
from migguard.statistics import Statistics, TableStatistics, encoded
from tests.bench.project import revision_id
from tests.test_cache import (
    ALL,
    EVIDENCE,
    RELEASED,
    add,
    edit,
    folder,
    named,
    project,
    released_file,
    replayed,
    settled,
)

pytestmark = pytest.mark.thorough

__all__ = ["folder", "project", "replayed"]  # fixtures
DOWNGRADE = "def downgrade() -> None:\n"


def report(project: Path, *, cache: bool = True, processes: int | None = None, **overrides: object) -> str:
    """All that a check of the whole history says."""
    request = Request(
        config=project / "alembic.ini",
        everything=True,
        cache=cache,
        processes=processes,
        overrides=overrides,
        here=project,
    )
    found = run(request).report
    return "\n".join([json_report.render(found, project), *found.printed, *map(str, found.safe), str(found.revisions)])


def test_a_second_run_over_the_same_revisions_replays_nothing(folder: Path, project: Path, replayed: list[str]) -> None:
    cold = report(project)
    assert len(replayed) == ALL
    replayed.clear()
    assert report(project) == cold
    assert replayed == []
    assert report(project, cache=False) == cold


def new_revision(project: Path) -> None:
    edit(released_file(project, ALL), DOWNGRADE, f"{DOWNGRADE}    op.execute('DROP TABLE nowhere')\n")


def one_more(project: Path) -> None:
    path = released_file(project, ALL)
    text = path.read_text().replace(f'"{revision_id(ALL - 1)}"', f'"{revision_id(ALL)}"')
    path.with_name("more.py").write_text(
        text.replace(f'revision: str = "{revision_id(ALL)}"', 'revision: str = "more"')
    )


def comment(project: Path) -> None:
    add(released_file(project, ALL), "", "op.drop_table('nowhere')  # migguard: ignore[MG301] nobody reads it")


@pytest.mark.parametrize(
    ("prepare", "change"), [*EVIDENCE, (None, new_revision), (None, one_more), (None, comment)], ids=named
)
def test_what_a_judgement_rests_on_is_not_stale(
    folder: Path,
    project: Path,
    replayed: list[str],
    prepare: Callable[[Path], None] | None,
    change: Callable[[Path], None],
) -> None:
    if prepare is not None:
        prepare(project)
    before = report(project)
    replayed.clear()
    assert report(project) == before
    assert replayed == [], "there is an entry"
    change(project)
    after = report(project)
    assert after == report(project, cache=False) != before


@pytest.mark.parametrize("override", [{"server_version": "17"}, {"select": ("MG3",)}, {"check_downgrades": True}])
def test_a_changed_setting_is_not_stale(folder: Path, project: Path, override: dict[str, object]) -> None:
    before = report(project)
    after = report(project, **override)
    assert after == report(project, cache=False, **override) != before


def test_the_base_branch_moves_and_the_rules_are_asked_again(folder: Path, project: Path, replayed: list[str]) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)

    def branch(*, cache: bool = True) -> str:
        found = run(Request(config=project / "alembic.ini", base="main", cache=cache, here=project)).report
        return json_report.render(found, project)

    late = [released_file(project, n) for n in range(RELEASED + 1, ALL + 1)]
    texts = {path: path.read_text() for path in late}
    for path in late:
        path.unlink()
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "released")
    git("checkout", "-b", "feature")
    for path, text in texts.items():
        path.write_text(text)
    settled(project)
    git("add", ".")
    git("commit", "-m", "new")
    before = branch()
    replayed.clear()
    assert branch() == before
    assert replayed == []
    git("checkout", "main")
    late[0].with_name("theirs.py").write_text(texts[late[0]].replace(revision_id(RELEASED + 1), "theirs"))
    git("add", ".")
    git("commit", "-m", "theirs")
    git("checkout", "feature")
    settled(project)
    after = branch()
    assert after == branch(cache=False) != before
    assert "MG102" in after


@pytest.mark.skipif(processors() == 1, reason="processes are not worth it here")
def test_what_a_downgrade_in_another_process_read_is_not_stale(
    folder: Path, project: Path, monkeypatch: pytest.MonkeyPatch, replayed: list[str]
) -> None:
    monkeypatch.setattr(sharing, "LEAST", 4)
    monkeypatch.setattr(sharing, "single_threaded", lambda: True)
    path = released_file(project, ALL)
    (project / "old.sql").write_text("DROP TABLE nowhere")
    line = f"op.execute(open({str(project / 'old.sql')!r}).read())"
    edit(path, DOWNGRADE, f"{DOWNGRADE}    {line}\n")
    settled(project)
    before = report(project, processes=2)
    replayed.clear()
    assert report(project, processes=2) == before
    assert replayed == []
    edit(project / "old.sql", "nowhere", "elsewhere")
    after = report(project, processes=2)
    assert after == report(project, cache=False) != before


def test_what_a_time_limit_ended_is_run_again(folder: Path, project: Path, replayed: list[str]) -> None:
    add(released_file(project, ALL), "", "while True: pass")
    assert report(project, replay_timeout=0.3) == report(project, replay_timeout=0.3)
    assert len(replayed) == 2 * ALL


def test_what_a_rule_failed_on_is_judged_again(
    folder: Path, project: Path, replayed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pipeline.shared

    def failing(*arguments):  # type: ignore[no-untyped-def]
        said = whole(*arguments)
        return Said(said.findings, said.safe, [AnalysisError("a rule failed")])

    monkeypatch.setattr(pipeline, "shared", failing)
    assert "a rule failed" in report(project)
    replayed.clear()
    assert "a rule failed" in report(project)
    assert len(replayed) == ALL


def test_a_report_with_pictures_has_its_statements(folder: Path, project: Path) -> None:
    report(project)
    request = Request(config=project / "alembic.ini", everything=True, pictures=True, here=project)
    assert run(request).report.views


def test_another_snapshot_of_sizes_counts_without_another_replay(
    folder: Path, project: Path, replayed: list[str]
) -> None:
    def sized(rows: int) -> str:
        table = TableStatistics(rows=rows, bytes=rows * 300)
        snapshot = Statistics("2026-01-01T00:00:00Z", "shop", "18", "public", {"public.sized": table})
        (project / "sizes.json").write_bytes(encoded(snapshot))
        since, settings = revision_id(RELEASED), {"statistics": str(project / "sizes.json")}
        found = run(Request(config=project / "alembic.ini", since=since, overrides=settings, here=project)).report
        return json_report.render(found, project)

    add(released_file(project, 3), "", "op.execute('CREATE TABLE sized (id int)')")
    add(released_file(project, ALL), "", "op.create_index('sized_id', 'sized', ['id'])")
    settled(project)
    assert "41 M rows" in sized(41_000_000)
    replayed.clear()
    assert "7 rows" in sized(7)
    assert replayed == []
