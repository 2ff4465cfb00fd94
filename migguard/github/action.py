"""The step of the GitHub Action that checks: `migguard check` with the inputs, and its reports where they are read.

Everything comes in by the environment: `INPUT_*` as action.yml sets them, `GITHUB_*` as the runner does. What may write
to GitHub is in the step after this one, which runs nothing of the repository's: here its env.py and scripts run.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from migguard.errors import MigguardError, UsageError
from migguard.github.event import Event, read_event
from migguard.github.inputs import Inputs
from migguard.github.runner import append, outputs, say, uncommanded
from migguard.reports.markdown_text import plain
from migguard.reports.places import in_repository

COMMENTS = ("always", "findings", "never")
BUG = "this is a bug in migguard; nothing was checked (the log has its traceback)"


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Run the step; the exit code of the check."""
    try:
        return step(environ)
    except MigguardError as error:
        say("error", str(error))
        outputs(environ, {"exit-code": error.exit_code})
        return error.exit_code


def step(environ: Mapping[str, str]) -> int:
    """The step, mistakes in its inputs raised as MigguardError."""
    inputs = Inputs(environ)
    wanted = inputs.choice("comment", COMMENTS)
    folder, sarif_name = inputs.text("working-directory"), inputs.line("sarif")
    if inputs.flag("rehearse"):
        raise UsageError("this version of migguard does not rehearse", hint="leave the input rehearse out")
    if folder:
        if not Path(folder).is_dir():
            raise UsageError(f"the input working-directory is {folder!r}, which is no folder here")
        os.chdir(folder)
    event = read_event(environ)
    if event.name == "pull_request_target" and event.fork:
        raise UsageError(
            "on pull_request_target a fork's env.py and migrations would run with this repository's token and secrets",
            hint="run on pull_request",
        )
    scratch = Path(tempfile.mkdtemp(prefix="migguard-", dir=environ.get("RUNNER_TEMP")))
    sarif = Path(sarif_name).resolve() if sarif_name else None
    os.environ["MIGGUARD_COMMIT"] = event.commit  # the merge commit of a pull request is shown to nobody
    with uncommanded():
        code, mistake = checked(arguments(inputs, scratch, sarif))
    report = read_report(scratch / "report.json")
    if report is None and mistake is None:
        code, mistake = 3, "nothing was checked: the input args asked for something else"
    if mistake is not None:
        say("error", mistake)
        for name in ("summary.md", "comment.md"):
            (scratch / name).write_text(f"## 🛑 migguard could not check\n\n{plain(mistake)}\n", encoding="utf-8")
    if inputs.flag("annotations"):
        sys.stdout.write(text_of(scratch / "annotations.txt"))
    if inputs.flag("summary"):
        append(environ.get("GITHUB_STEP_SUMMARY"), text_of(scratch / "summary.md"))
    totals = report["summary"] if report is not None else {}
    loud = code == 3 or any(totals.get(word) for word in ("error", "warning", "notice"))
    outputs(
        environ,
        {
            "exit-code": code,
            "errors": totals.get("error", ""),
            "warnings": totals.get("warning", ""),
            "notices": totals.get("notice", ""),
            "report-json": scratch / "report.json" if report is not None else "",
            "sarif-file": sarif if sarif is not None and sarif.is_file() else "",
            **comment_outputs(event, inputs, wanted, scratch, create=loud or wanted == "always"),
        },
    )
    return code


def arguments(inputs: Inputs, scratch: Path, sarif: Path | None) -> list[str]:
    """The command line of the check."""
    given = ["check"]
    for name, option in (("config", "--config"), ("section", "--name"), ("base", "--base"), ("fail-on", "--fail-on")):
        if inputs.text(name):
            given += [option, inputs.text(name)]
    for form, name in (
        ("json", "report.json"),
        ("comment", "comment.md"),
        ("markdown", "summary.md"),
        ("github", "annotations.txt"),
    ):
        given += ["--output", f"{form}={scratch / name}"]
    if sarif is not None:
        given += ["--output", f"sarif={sarif}"]
    return [*given, *shlex.split(inputs.text("args"))]


def checked(words: list[str]) -> tuple[int, str | None]:
    """Run the command line in this process; its exit code, and what let nothing be checked."""
    from migguard.cli.main import run

    try:
        return run(words) or 0, None
    except MigguardError as error:
        return error.exit_code, str(error)
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would read as findings
        if hasattr(error, "format_message"):  # an option of the input args that is none
            return 2, f"the input args cannot be used: {error.format_message()}"
        traceback.print_exc()
        return 3, BUG


def comment_outputs(event: Event, inputs: Inputs, wanted: str, scratch: Path, *, create: bool) -> dict[str, object]:
    """What the next step is to write on the pull request; a fork's token cannot, which is said and is no failure."""
    if wanted == "never" or event.pull_request is None:
        return {}
    if event.fork:
        say("notice", "this pull request comes from a fork, whose token cannot comment; see the job's summary")
        return {}
    project = f"{in_repository(Path.cwd() / inputs.text('config'), Path.cwd())} {inputs.text('section')}".strip()
    content = {"project": project, "create": create, "body": text_of(scratch / "comment.md")}
    (scratch / "comment.json").write_text(json.dumps(content), encoding="utf-8")
    return {"comment-file": scratch / "comment.json"}


def read_report(path: Path) -> dict[str, Any] | None:
    """The JSON report; None where the check ended before there was one."""
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def text_of(path: Path) -> str:
    """A report's text; empty where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
