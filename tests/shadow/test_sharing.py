"""Several processes: the same report as by one, and no process that fails or stays unnoticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migguard import judged_together
from migguard.errors import AnalysisError
from migguard.pipeline import Request, run
from migguard.reports import json_report
from migguard.shadow import processes, sharing
from migguard.shadow.processes import Channel, forked, processors, single_threaded
from migguard.shadow.sharing import put
from tests.bench.project import revision_id, write_project

COUNT = 40
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(processors() == 1 and not hasattr(os, "fork"), reason="processes cannot be forked here"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose every few revisions are worth a process, in a process that has no other threads."""
    monkeypatch.setenv("MIGGUARD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sharing, "LEAST", 8)
    monkeypatch.setattr(sharing, "single_threaded", lambda: True)
    write_project(tmp_path / "project", COUNT)
    return tmp_path / "project"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that are forked."""
    seen: list[int] = []

    def counted(work, others):  # type: ignore[no-untyped-def]
        made = forked(work, others)
        seen.append(made.pid)
        return made

    monkeypatch.setattr(sharing, "forked", counted)
    return seen


def report(folder: Path, count: int) -> tuple[str, tuple[str, ...], int]:
    """What so many processes say: the report, what scripts printed, the exit code."""
    outcome = run(Request(config=folder / "alembic.ini", everything=True, cache=False, processes=count, here=folder))
    return json_report.render(outcome.report, folder), outcome.report.printed, outcome.exit_code


def of(folder: Path, number: int) -> Path:
    """The file of a revision."""
    return next((folder / "migrations" / "versions").glob(f"{revision_id(number)}_*.py"))


def put_in(path: Path, function: str, *lines: str) -> None:
    """Put lines at the beginning of a revision's function."""
    head = f"def {function}() -> None:\n"
    text = path.read_text()
    assert head in text
    path.write_text(text.replace(head, head + "".join(f"    {line}\n" for line in lines)))


def gone(pids: list[int]) -> bool:
    """Whether none of the processes is left, not even as a zombie."""
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_several_processes_report_what_one_does(folder: Path, started: list[int]) -> None:
    put_in(of(folder, 3), "upgrade", "print('up 3')", "op.execute('COMMIT')")
    put_in(of(folder, 4), "downgrade", "print('down 4')")
    put_in(of(folder, 12), "downgrade", "raise ValueError('not this one')")
    put_in(of(folder, 20), "upgrade", "print('up 20')", "raise ValueError('nor this')")
    put_in(of(folder, 25), "downgrade", "print('down 25')", "op.execute('LOCK TABLE alembic_version')")
    put_in(of(folder, 37), "downgrade", "import time", "time.sleep(1)")  # the parent is done long before
    put_in(of(folder, 38), "downgrade", "print('down', 38)", "open('written', 'w').write('x')")
    put_in(of(folder, 39), "downgrade", "import os", "os.fork()")
    alone = report(folder, 1)
    assert not started
    assert alone[1] == ("up 3", "down 4", "up 20", "down 25", "down 38")
    assert '"findings": []' not in alone[0]
    for count in (2, 3):
        assert report(folder, count) == alone
        assert len(started) == count - 1
        assert gone(started)
        started.clear()


def test_downgrades_share_no_state_with_the_upgrades_behind_them(folder: Path, started: list[int]) -> None:
    put_in(of(folder, 6), "downgrade", "op.execute(\"CREATE TYPE mood AS ENUM ('x')\")")
    put_in(of(folder, 30), "upgrade", "op.execute(\"CREATE TYPE mood AS ENUM ('y')\")")
    put_in(of(folder, 30), "downgrade", 'op.execute("DROP TYPE mood")')
    assert report(folder, 2) == report(folder, 1)
    assert started


def test_a_rule_that_fails_in_another_process_is_a_failure_of_the_report(
    folder: Path, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(subject, context):  # type: ignore[no-untyped-def]
        raise ValueError("a defect")
        yield

    def broken(selection, *given):  # type: ignore[no-untyped-def]
        rules = []
        for rule in selection.rules:
            rules.append(rule)
            if rule.code == "MG201":
                object.__setattr__(rule, "function", failing)
        return whole(selection, *given)

    whole = judged_together.rules.judge_of
    from migguard.rules.registry import all_rules

    one = next(r for r in all_rules(()) if r.code == "MG201")
    kept = one.function
    monkeypatch.setattr(judged_together.rules, "judge_of", broken)
    try:
        alone, shared = report(folder, 1), report(folder, 2)
    finally:
        object.__setattr__(one, "function", kept)
    assert started
    assert alone == shared
    assert alone[2] == 3
    assert "the rule MG201 failed" in alone[0]


@pytest.mark.parametrize("when", ["while it replays", "while it judges"])
def test_a_process_that_raises_ends_the_run_as_a_failure(
    folder: Path, started: list[int], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    parent = os.getpid()

    def raising(whole):  # type: ignore[no-untyped-def]
        def function(*given):  # type: ignore[no-untyped-def]
            if os.getpid() != parent:
                raise ValueError("a defect")
            return whole(*given)

        return function

    if when == "while it replays":
        monkeypatch.setattr(sharing, "resume", raising(sharing.resume))
    else:
        monkeypatch.setattr(judged_together.rules, "judge_of", raising(judged_together.rules.judge_of))
    with pytest.raises(AnalysisError, match=r"failed: ValueError: a defect") as error:
        report(folder, 2)
    assert error.value.exit_code == 3
    assert started
    assert gone(started)


def test_a_process_that_is_ended_from_outside_ends_the_run_as_a_failure(
    folder: Path, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()
    whole, end = sharing.resume, processes._exit

    def ending(*given) -> None:  # type: ignore[no-untyped-def]
        if os.getpid() != parent:
            end(9)
        whole(*given)

    monkeypatch.setattr(sharing, "resume", ending)
    with pytest.raises(AnalysisError, match="ended before its work was done"):
        report(folder, 2)
    assert started
    assert gone(started)


def test_a_run_that_ends_early_leaves_no_process(
    folder: Path, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("migguard.pipeline.history_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        report(folder, 3)
    assert len(started) == 2
    assert gone(started)


def test_few_revisions_are_not_shared(folder: Path, started: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "LEAST", COUNT)
    report(folder, 2)
    assert not started


def test_a_process_with_other_threads_is_not_forked(
    folder: Path, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    alone = report(folder, 1)
    monkeypatch.setattr(sharing, "single_threaded", single_threaded)
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        assert report(folder, 2) == alone
    finally:
        end.set()
        other.join()
    assert not started


def test_a_process_whose_parent_is_gone_ends() -> None:
    def work(channel: Channel) -> None:
        channel.hear()

    made = forked(work, [])
    made.channel.writes.close()
    _, status = os.waitpid(made.pid, 0)
    made.channel.reads.close()
    assert os.waitstatus_to_exitcode(status) == 1


def test_what_was_printed_elsewhere_is_put_where_it_belongs() -> None:
    import io

    text = io.StringIO()
    text.write("ab")
    put(text, [(2, "C"), (1, "x"), (1, "y"), (0, "")])
    assert text.getvalue() == "axybC"
    text.write("d")
    assert text.getvalue() == "axybCd"
