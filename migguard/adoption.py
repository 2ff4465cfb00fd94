"""The files with which a project begins to use migguard, as texts."""

from __future__ import annotations

from pathlib import Path

from migguard.records import dataclass

ACTION = "migguard/migguard@v0"
REPOSITORY = "https://github.com/migguard/migguard"
SETTINGS, WORKFLOW, HOOKS = (
    Path("migguard.toml"),
    Path(".github/workflows/migrations.yml"),
    Path(".pre-commit-config.yaml"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user chose. `config` and `migrations`, the folder of the scripts, are relative to the repository."""

    dialect: str
    server_version: str | None
    base: str
    config: str
    migrations: str
    version: str


def settings(wanted: Wanted) -> str:
    """migguard.toml."""
    lines = [f'dialect = "{wanted.dialect}"']
    if wanted.server_version:
        lines.append(f'server_version = "{wanted.server_version}"  # of the server in production')
    lines += [
        f'base = "{wanted.base}"',
        "",
        "# small_tables = []                     # waiting for these does not matter",
        '# busy_tables = ["orders"]              # and for these always does',
        "# lock_timeout_set_elsewhere = true     # the server or the role sets it",
        '# statistics = "migguard-stats.json"    # `migguard stats --url … -o migguard-stats.json`',
    ]
    return "\n".join(lines) + "\n"


def workflow(wanted: Wanted) -> str:
    """The GitHub workflow."""
    config = "" if wanted.config == "alembic.ini" else f"        with:\n          config: {wanted.config}\n"
    return f"""name: migrations
on: pull_request
permissions:
  contents: read
  pull-requests: write # for the comment; leave it out with `comment: never`
jobs:
  migguard:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0 # what is new is told by the merge base
      - uses: {ACTION} # or where you keep it
{config}"""


def hooks(wanted: Wanted) -> str:
    """The pre-commit configuration, or the entry for one that is there already."""
    return f"""repos:
  - repo: {REPOSITORY}
    rev: v{wanted.version}
    hooks:
      - id: migguard
        files: ^{wanted.migrations}/.*\\.py$
"""
