"""The step of the GitHub Action: run `migguard check` with the inputs, and put what it says where it is read.

Everything comes in by the environment: `INPUT_*` as action.yml sets them, `GITHUB_*` as the runner does.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from migguard.errors import MigguardError, UsageError
from migguard.github.comment import CommentError, marker, publish
from migguard.github.event import Event, read_event
from migguard.reports.github import command

YES, NO = ("true", "yes", "1"), ("false", "no", "0", "")
COMMENTS = ("always", "findings", "never")


class Inputs:
    """The inputs of the action, each checked where it is asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        """An input as it was given; empty where it was not."""
        return self._environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()

    def flag(self, name: str) -> bool:
        """An input that is true or false. Raises UsageError for anything else."""
        value = self.text(name).lower()
        if value not in (*YES, *NO):
            raise UsageError(f"the input {name} is {self.text(name)!r}", hint="it is true or false")
        return value in YES

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        """An input that is one of a few words. Raises UsageError for any other."""
        value = self.text(name)
        if value not in among:
            raise UsageError(f"the input {name} is {value!r}", hint=f"it is one of {', '.join(among)}")
        return value


def arguments(inputs: Inputs, scratch: Path, sarif: Path | None) -> list[str]:
    """The command line of the check."""
    given = ["check"]
    for name, option in (("config", "--config"), ("section", "--name"), ("base", "--base"), ("fail-on", "--fail-on")):
        if inputs.text(name):
            given += [option, inputs.text(name)]
    given += ["--format", "github" if inputs.flag("annotations") else "text"]
    given += ["--output", f"json={scratch / 'report.json'}", "--output", f"comment={scratch / 'comment.md'}"]
    given += ["--output", f"markdown={scratch / 'summary.md'}"]
    if sarif is not None:
        given += ["--output", f"sarif={sarif}"]
    return [*given, *shlex.split(inputs.text("args"))]


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Run the step; the exit code of the check."""
    try:
        return step(environ)
    except MigguardError as error:
        sys.stdout.write(command("error", str(error), title="migguard") + "\n")
        return error.exit_code


def step(environ: Mapping[str, str]) -> int:
    """The step, mistakes raised as MigguardError."""
    inputs = Inputs(environ)
    wanted = inputs.choice("comment", COMMENTS)
    folder = inputs.text("working-directory")
    if inputs.flag("rehearse"):
        raise UsageError("this version of migguard does not rehearse", hint="leave the input rehearse out")
    if folder:
        if not Path(folder).is_dir():
            raise UsageError(f"the input working-directory is {folder!r}, which is no folder here")
        os.chdir(folder)
    event = read_event(environ)
    scratch = Path(tempfile.mkdtemp(prefix="migguard-", dir=environ.get("RUNNER_TEMP")))
    sarif = Path(inputs.text("sarif")).resolve() if inputs.text("sarif") else None
    os.environ["MIGGUARD_COMMIT"] = event.commit  # the merge commit of a pull request is shown to nobody
    code = checked(arguments(inputs, scratch, sarif))
    report = read_report(scratch / "report.json")
    if inputs.flag("summary"):
        append(environ.get("GITHUB_STEP_SUMMARY"), text_of(scratch / "summary.md"))
    if wanted != "never" and event.pull_request is not None and report is not None:
        commented(event, scratch, report, wanted, environ)
    totals = report["summary"] if report is not None else {}
    outputs = {
        "exit-code": code,
        "errors": totals.get("error", 0),
        "warnings": totals.get("warning", 0),
        "report-json": scratch / "report.json" if report is not None else "",
        "sarif-file": sarif if sarif is not None and sarif.exists() else "",
    }
    append(environ.get("GITHUB_OUTPUT"), "".join(f"{name}={value}\n" for name, value in outputs.items()))
    return code


def checked(words: list[str]) -> int:
    """Run the command line in this process; its exit code."""
    from migguard.cli.main import main as command_line

    before = sys.argv
    sys.argv = ["migguard", *words]
    try:
        command_line()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = before
    return 0


def commented(event: Event, scratch: Path, report: dict[str, Any], wanted: str, environ: Mapping[str, str]) -> None:
    """Write the comment. A fork's token cannot: that is said, and is no failure."""
    if event.fork:
        said = "this pull request comes from a fork, whose token cannot comment; see the step's summary"
        sys.stdout.write(command("notice", said, title="migguard") + "\n")
        return
    totals = report["summary"]
    loud = any(totals[word] for word in ("error", "warning", "notice")) or bool(report.get("failures"))
    mark = marker(report["project"]["config"])
    try:
        done = publish(event, mark, text_of(scratch / "comment.md"), create=loud or wanted == "always", environ=environ)
    except CommentError as error:
        said = f"the pull request was not commented on: {error} (it needs `permissions: pull-requests: write`)"
        sys.stdout.write(command("warning", said, title="migguard") + "\n")
        return
    sys.stderr.write(f"migguard: {done}\n")


def read_report(path: Path) -> dict[str, Any] | None:
    """The JSON report; None where the check ended before there was one."""
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def text_of(path: Path) -> str:
    """A report's text; empty where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def append(path: str | None, text: str) -> None:
    """Add to one of the runner's files, where it gives one."""
    if path and text:
        with open(path, "a", encoding="utf-8") as stream:
            stream.write(text if text.endswith("\n") else f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
