"""A project on disk for one test, and its replay in this process."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from migguard.pipeline import Checked, Request, Traced, run, trace
from migguard.trace import NoteKind, RevisionTrace, Summary

PREAMBLE = "import sqlalchemy as sa\nfrom alembic import op\n"
PLAIN = """
from alembic import context
from sqlalchemy import engine_from_config

engine = engine_from_config(context.config.get_section("alembic"), prefix="sqlalchemy.")
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
ONLINE = """
from alembic import context
import sqlalchemy as sa

def run(engine, **options):
    with engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
"""
"""What an env.py begins with that has its own way to an engine."""


class Project:
    """Revisions are added one after the other; `traced` and `checked` look at them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.versions = root / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        self.env(PLAIN)
        self.url = "postgresql+psycopg://someone@nowhere.invalid/db"
        self.overrides: dict[str, Any] = {"dialect": "postgresql"}
        self._last: str | None = None

    def env(self, text: str) -> None:
        """Write env.py."""
        (self.root / "migrations" / "env.py").write_text(textwrap.dedent(text))

    def file(self, name: str, text: str) -> None:
        """Write a file beside alembic.ini, where the project's packages are."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def revision(self, upgrade: str, downgrade: str = "pass", *, top: str = "") -> str:
        """Add a revision: the bodies of its functions, and what stands above them."""
        name = f"r{len(list(self.versions.glob('*.py'))) + 1}"
        bodies = [textwrap.indent(textwrap.dedent(b).strip(), "    ") for b in (upgrade, downgrade)]
        (self.versions / f"{name}_x.py").write_text(
            f"{PREAMBLE}{textwrap.dedent(top)}\nrevision = {name!r}\ndown_revision = {self._last!r}\n\n\n"
            f"def upgrade():\n{bodies[0]}\n\n\ndef downgrade():\n{bodies[1]}\n"
        )
        self._last = name
        return name

    def script(self, name: str, text: str) -> str:
        """Add a revision whose file is written out whole but for its ids."""
        (self.versions / f"{name}_x.py").write_text(
            f"{PREAMBLE}revision = {name!r}\ndown_revision = {self._last!r}\n{textwrap.dedent(text)}"
        )
        self._last = name
        return name

    def request(self) -> Request:
        """Check everything."""
        (self.root / "alembic.ini").write_text(
            "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s\npath_separator = os\n"
            f"sqlalchemy.url = {self.url}\n"
        )
        return Request(
            config=self.root / "alembic.ini", everything=True, here=self.root, cache=False, overrides=self.overrides
        )

    def traced(self) -> Traced:
        """The replay."""
        return trace(self.request())

    def checked(self) -> Checked:
        """The report."""
        return run(self.request())


def upgrade(traced: Traced, revision: str) -> RevisionTrace:
    """What a revision's upgrade did, on the first database."""
    [found] = [u for u in traced.deployments[0].upgrades if u.revision == revision]
    return found


def summary(traced: Traced, revision: str) -> Summary:
    """How a revision fared."""
    return traced.deployments[0].summaries[revision]


def sql(trace_: RevisionTrace) -> list[str]:
    """The statements of a revision, each on one line."""
    return [" ".join(s.sql.split()) for s in trace_.statements]


def notes(trace_: RevisionTrace, kind: NoteKind) -> list[str]:
    """What the notes of a kind are about."""
    return [n.subject for n in trace_.notes if n.kind is kind]


def tables(traced: Traced) -> set[str]:
    """The tables at the end of the history."""
    final = traced.deployments[0].final
    assert final is not None
    return {name for _, name in final.tables}


def codes(checked: Checked) -> list[str]:
    """The codes of the findings, in order."""
    return [f.code for f in checked.report.findings]
