"""The outcome of a check: the value that reports print and the exit code comes from."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from migguard.findings import Finding, Safe, Severity
from migguard.records import dataclass
from migguard.source import Script

if TYPE_CHECKING:
    from migguard.graphview import GraphView
    from migguard.sqlview import StatementView


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One revision in the report. `replay` is full, partial or failed."""

    revision: str
    down_revision: tuple[str, ...]
    path: str
    checked: bool
    replay: str
    statements: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be analysed: it makes the exit code 3."""

    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule, for readers of reports. `documentation` is Markdown."""

    code: str
    name: str
    severity: Severity
    summary: str
    documentation: str = ""

    @property
    def family(self) -> str:
        """`MG4` of MG401."""
        return self.code[:3]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a check found out.

    `statements` and `understood` count those of all replayed revisions; `scope` says in words what was taken as new.
    `scripts` holds the checked revisions' source for quoting, by revision. `rules` are those that spoke; `views` the
    checked revisions' statements and `graph` the revision graph, where a format asked for them. `models` says in words
    what is known of the models, `compared` whether they could be compared with what the migrations build.
    """

    config: str
    dialect: str
    server_version: str
    scope: str
    revisions: tuple[RevisionLine, ...]
    findings: tuple[Finding, ...]
    statements: int
    understood: int
    failures: tuple[Failure, ...] = ()
    scripts: dict[str, Script] = field(default_factory=dict)
    printed: tuple[str, ...] = ()
    safe: tuple[Safe, ...] = ()
    models: str = ""
    compared: bool = False
    rules: tuple[RuleInfo, ...] = ()
    views: tuple[StatementView, ...] = ()
    graph: GraphView | None = None
    fail_on: Severity = Severity.ERROR

    def count(self, severity: Severity) -> int:
        """How many unsuppressed findings have exactly that severity."""
        return sum(1 for f in self.findings if f.severity is severity and not f.suppressed)

    @property
    def suppressed(self) -> int:
        """How many findings a comment or the baseline silences."""
        return sum(1 for f in self.findings if f.suppressed)

    def exit_code(self, fail_on: Severity) -> int:
        """3 where something could not be analysed, 1 for findings at or above `fail_on`, else 0."""
        if self.failures:
            return 3
        loud = (f for f in self.findings if not f.suppressed and f.severity >= fail_on)
        return 1 if next(loud, None) else 0
