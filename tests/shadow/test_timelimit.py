"""Time limits on scripts: each counts for itself, and nothing that one has cut short is taken for the whole."""

from __future__ import annotations

import time

import pytest

from migguard.errors import AnalysisError
from migguard.shadow.session import Replay
from migguard.shadow.timelimit import TimeUp, limited, paused
from tests.shadow.project import Project


def wait(seconds: float) -> None:
    """Pass time as a script does, in steps that can be interrupted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)


def test_a_limit_stands_still_between_the_limits_that_begin_while_it_is_paused() -> None:
    with limited(0.2):
        with paused():
            for _ in range(4):
                with limited(5):
                    wait(0.05)
                wait(0.1)
        wait(0.05)


def test_a_limit_goes_on_after_a_pause() -> None:
    def script() -> None:
        with paused(), limited(5):
            wait(0.3)
        wait(2)

    with pytest.raises(TimeUp), limited(0.2):
        script()


def test_a_limit_in_a_pause_holds() -> None:
    with limited(5), paused():
        with pytest.raises(TimeUp), limited(0.1):
            wait(2)
        wait(0.1)


def test_an_outer_limit_goes_on_when_an_inner_one_is_over() -> None:
    def script() -> None:
        with limited(5):
            wait(0.1)
        wait(2)

    with pytest.raises(TimeUp), limited(0.2):
        script()


def test_a_replay_that_is_cut_short_is_no_report(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stops it: the revisions that are missing then may be the dangerous ones."""
    for name in "abc":
        project.revision(f'op.create_table("{name}", sa.Column("id", sa.Integer, primary_key=True))')
    whole = Replay.revision

    def short(self: Replay, *given: object) -> object:
        if len(self.summaries) == 2:
            raise TimeUp
        return whole(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Replay, "revision", short)
    with pytest.raises(AnalysisError, match="not all revisions were replayed"):
        project.checked()


def test_a_revision_that_no_replay_tells_of_is_a_failure(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        project.revision(f'op.create_table("{name}", sa.Column("id", sa.Integer, primary_key=True))')
    whole = Replay.finish

    def without_the_last(self: Replay, *given: object) -> object:
        self.summaries.popitem()
        return whole(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Replay, "finish", without_the_last)
    checked = project.checked()
    assert [f.message for f in checked.report.failures] == ["r2 was not replayed"]
    assert checked.exit_code == 3
