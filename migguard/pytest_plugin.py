"""`pytest --migguard`: a test for each checked revision and for each thing that the whole project must hold.

Without the option nothing is collected, imported or started. The fixture `migguard` gives the report with or without.
"""

from __future__ import annotations

import io
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from migguard.check_process import Checking
    from migguard.findings import Finding
    from migguard.report import Report

NAME = "migguard"
ANALYSIS, HISTORY, DRIFT, PROJECT = "analysis", "history", "drift", "project"
DIFFERENCES = "MG90"
"""What the codes of differences between models and migrations begin with: they belong to the whole project."""

started = pytest.StashKey["Checking"]()
written = pytest.StashKey[bytes]()
reported = pytest.StashKey["Report"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup(NAME, "Alembic migrations")
    group.addoption("--migguard", action="store_true", help="Also check the Alembic migrations: a test a revision.")
    group.addoption(
        "--migguard-config",
        metavar="FILE",
        help="alembic.ini, or the pyproject.toml with [tool.alembic]. Default: found in the current directory.",
    )
    group.addoption("--migguard-base", metavar="GITREF", help="Check what the merge base with it does not have.")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the check, so that it runs while tests are collected. Workers of pytest-xdist are given its outcome."""
    if not config.getoption("--migguard"):
        return
    config.addinivalue_line("markers", "migguard: a check of the Alembic migrations")
    handed = getattr(config, "workerinput", {}).get(NAME)
    if handed is not None:
        config.stash[written] = handed
    else:
        config.stash[started] = start(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker of pytest-xdist the outcome of the one check."""
    if node.config.getoption("--migguard"):
        found(node.config)  # a mistake ends the session here, and not in each worker
        node.workerinput[NAME] = content(node.config)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests."""
    if config.getoption("--migguard"):
        collector = Migrations.from_parent(session, name=NAME, nodeid=NAME)
        collector.add_marker(pytest.mark.migguard)
        items.extend(collector.collect())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was checked."""
    if config.getoption("--migguard") and (reported in config.stash or written in config.stash):
        report = found(config)
        checked = sum(1 for r in report.revisions if r.checked)
        terminalreporter.write_line(f"migguard: {report.scope}; {checked} of {len(report.revisions)} revisions checked")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End a check that nobody waited for."""
    if started in config.stash:
        config.stash[started].stop()


@pytest.fixture(scope="session", name=NAME)
def report_fixture(request: pytest.FixtureRequest) -> Report:
    """The report of migguard's check of this project: a `migguard.report.Report`."""
    return found(request.config)


def start(config: pytest.Config) -> Checking:
    """The check, on its way in a process of its own: a replay must not touch the modules that the tests have loaded."""
    from migguard.check_process import Checking
    from migguard.pipeline import Request

    here, given = config.invocation_params.dir, config.getoption("--migguard-config")
    return Checking(
        Request(config=here / given if given else None, base=config.getoption("--migguard-base"), here=here)
    )


def content(config: pytest.Config) -> bytes:
    """What the check came to, as bytes. Ends the session with an error where it could not be made."""
    if written not in config.stash:
        from migguard.errors import MigguardError

        if started not in config.stash:
            config.stash[started] = start(config)
        try:
            config.stash[written] = config.stash[started].content()
        except MigguardError as error:
            raise pytest.UsageError(f"migguard: {error}") from None
    return config.stash[written]


def found(config: pytest.Config) -> Report:
    """The report of the check."""
    if reported not in config.stash:
        from migguard.check_process import opened
        from migguard.errors import MigguardError

        try:
            config.stash[reported] = opened(content(config)).report
        except MigguardError as error:
            raise pytest.UsageError(f"migguard: {error}") from None
    return config.stash[reported]


class Migrations(pytest.Collector):
    """All tests of the migrations."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each checked revision, and those of the project."""
        report = found(self.config)
        checked = {r.revision: r for r in report.revisions if r.checked}
        of: dict[str, list[Finding]] = {name: [] for name in (*checked, HISTORY, DRIFT, PROJECT)}
        for finding in report.findings:
            if not finding.suppressed:
                of[test_of(finding, checked)].append(finding)
        for name, line in checked.items():
            yield Findings.from_parent(
                self, name=name, path=Path(line.path), findings=of[name], unseen=line.replay == "failed"
            )
        yield Findings.from_parent(self, name=HISTORY, findings=of[HISTORY])
        yield Findings.from_parent(
            self, name=DRIFT, findings=of[DRIFT], skipped=None if report.compared else no_models(report)
        )
        yield Findings.from_parent(self, name=PROJECT, findings=of[PROJECT])
        yield Analysis.from_parent(self, name=ANALYSIS)


def test_of(finding: Finding, checked: Container[str]) -> str:
    """The name of the test that a finding fails."""
    if finding.code.startswith(DIFFERENCES):
        return DRIFT
    if finding.revision is not None and finding.revision in checked:
        return finding.revision
    return HISTORY if finding.code.startswith("MG1") else PROJECT


def no_models(report: Report) -> str:
    """Why models and migrations were not compared."""
    return report.models or "there are no models to compare with the migrations"


class MigrationError(Exception):
    """What the test of a revision fails with; its text is the report."""


class Migration(pytest.Item):
    """A test whose failure is a text of ours."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text alone, where it is ours."""
        return str(excinfo.value) if isinstance(excinfo.value, MigrationError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is from, and its name as it is reported."""
        return self.path, None, f"{NAME}::{self.name}"


class Findings(Migration):
    """No finding at or above `fail_on` in one revision, or in the project. The others are shown beside the test."""

    def __init__(
        self, *, findings: list[Finding], unseen: bool = False, skipped: str | None = None, **rest: Any
    ) -> None:
        super().__init__(**rest)
        self.findings, self.unseen, self.skipped = findings, unseen, skipped

    def runtest(self) -> None:
        """Fail for what is found."""
        report = found(self.config)
        loud = [f for f in self.findings if f.severity >= report.fail_on]
        quiet = [f for f in self.findings if f.severity < report.fail_on]
        if quiet:
            self.add_report_section("call", NAME, shown(quiet, report, self.config.invocation_params.dir))
        if self.unseen:
            raise MigrationError(f"nothing of {self.name} could be replayed: see migguard::{ANALYSIS}")
        if loud:
            raise MigrationError(shown(loud, report, self.config.invocation_params.dir))
        if self.skipped is not None:
            pytest.skip(self.skipped)


class Analysis(Migration):
    """Everything could be analysed."""

    def runtest(self) -> None:
        """Fail for what could not."""
        failures = found(self.config).failures
        if failures:
            raise MigrationError("\n".join(f"{f.message} ({f.hint})" if f.hint else f.message for f in failures))


def shown(findings: Iterable[Finding], report: Report, here: Path) -> str:
    """Findings as `migguard check` shows them."""
    from migguard.reports.console import console, show
    from migguard.reports.text import block

    stream = io.StringIO()
    target = console(colour=False, file=stream)
    for finding in findings:
        show(block(finding, report, here, carets=True), target)
        stream.write("\n")
    return stream.getvalue().rstrip()
