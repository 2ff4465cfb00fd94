"""`migguard init`: settings, workflow and pre-commit entry for a project that begins to use migguard."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options
from migguard.errors import UsageError


def init(
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    dialect: options.DIALECT = None,
    server_version: options.SERVER_VERSION = None,
    base: Annotated[
        str | None, typer.Option("--base", help="The branch that pull requests go to.", show_default="main")
    ] = None,
    github: Annotated[
        bool | None, typer.Option("--github/--no-github", help="Write the GitHub workflow.", show_default=False)
    ] = None,
    pre_commit: Annotated[
        bool | None,
        typer.Option("--pre-commit/--no-pre-commit", help="Write the pre-commit entry.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")] = False,
) -> None:
    """Write what a project needs to use migguard: its settings, a GitHub workflow, a pre-commit entry.

    Asks what is not said by an option, on a terminal. A file that is there is left alone without --force.

    [bold]migguard init[/bold]
    [bold]migguard init --server-version 16 --github --no-pre-commit --yes[/bold]
    """
    from migguard import __version__, adoption
    from migguard.project.config import find_project
    from migguard.settings import DEFAULT_VERSIONS, load_settings, parse_version
    from migguard.shadow.engines import guess

    here = Path.cwd()
    project = find_project(here, config, name)
    asking = not yes and sys.stdin.isatty()
    if dialect is None:
        told = guess(project.url)
        dialect = told.value if told is not None else "postgresql"
        dialect = ask("Which database", dialect, asking)
    if dialect not in DEFAULT_VERSIONS:
        raise UsageError(f"--dialect is {dialect!r}", hint=f"it is one of {', '.join(DEFAULT_VERSIONS)}")
    if server_version is None and asking:
        server_version = ask("The version of the server in production", "", asking) or None
    if server_version is not None:
        parse_version(server_version)
    wanted = adoption.Wanted(
        dialect,
        server_version,
        base or ask("The branch that pull requests go to", "main", asking),
        relative(project.config_path, here),
        relative(project.script_location, here),
        __version__,
    )
    github = github if github is not None else asking and typer.confirm("Write a GitHub workflow?", default=True)
    if pre_commit is None:
        pre_commit = asking and typer.confirm("Write a pre-commit entry?", default=False)
    there = load_settings(here, project.config_path).path
    if there is not None and there.name != adoption.SETTINGS.name:
        sys.stderr.write(f"the settings in {there.name} were left alone\n")
        written = []
    else:
        written = [(adoption.SETTINGS, adoption.settings(wanted))]
    written += [(adoption.WORKFLOW, adoption.workflow(wanted))] if github else []
    written += [(adoption.HOOKS, adoption.hooks(wanted))] if pre_commit else []
    left = [path for path, text in written if not write(here / path, text, force=force)]
    if adoption.HOOKS in left:
        sys.stderr.write(f"Add to {adoption.HOOKS}:\n{adoption.hooks(wanted)}")
    sys.stderr.write("Next: `migguard check`, and `migguard baseline` where it finds much that is old.\n")
    raise typer.Exit(2 if left else 0)


def ask(question: str, default: str, asking: bool) -> str:
    """The user's answer, or the default where nobody is there to ask."""
    return str(typer.prompt(question, default=default, err=True)) if asking else default


def relative(path: Path, here: Path) -> str:
    """A path below the current directory, with forward slashes. Raises UsageError for one elsewhere."""
    try:
        return path.resolve().relative_to(here.resolve()).as_posix()
    except ValueError:
        raise UsageError(f"{path} is not below {here}", hint="run migguard init at the top of the repository") from None


def write(path: Path, text: str, *, force: bool) -> bool:
    """Write a file; False, and a word about it, where one is there."""
    if path.exists() and not force:
        sys.stderr.write(f"{path.name} is there already and was left alone (--force writes it anew)\n")
        return False
    with options.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stderr.write(f"wrote {path}\n")
    return True
