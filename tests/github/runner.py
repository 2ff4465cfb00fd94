"""A runner of composite actions: it does with action.yml what GitHub's does, as far as this action needs it.

Sources: https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax,
https://docs.github.com/actions/reference/workflows-and-actions/expressions and
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KEPT = 10
"""Annotations of one level that GitHub keeps from a step."""
TOKENS = re.compile(r"'((?:[^']|'')*)'|(&&|\|\||==|!=|!|\(|\))|([A-Za-z_][\w.-]*)|(\s+)|(.)")
COMMAND = re.compile(r"^::(?P<name>[a-z-]+)(?: (?P<properties>.*?))?::(?P<text>.*)$")


@dataclass
class Annotation:
    """An annotation as the web page shows it."""

    level: str
    text: str
    properties: dict[str, str]


@dataclass
class StepRun:
    """What one step did."""

    id: str
    code: int
    out: str
    outputs: dict[str, str]
    summary: str
    annotations: list[Annotation]
    dropped: int

    @property
    def log(self) -> str:
        """What a person reads in the step's log: text, without the commands that were carried out."""
        return "\n".join(line for line, taken in commanded(self.out) if not taken)


@dataclass
class ActionRun:
    """What the action did. `failed` is the conclusion that a workflow sees."""

    steps: dict[str, StepRun] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return any(step.code for step in self.steps.values())

    @property
    def annotations(self) -> list[Annotation]:
        return [one for step in self.steps.values() for one in step.annotations]

    @property
    def summary(self) -> str:
        return "".join(step.summary for step in self.steps.values())

    @property
    def everything(self) -> str:
        return "\n".join(step.out for step in self.steps.values())


def run_action(
    action: Path, given: Mapping[str, str], workspace: Path, temporary: Path, environment: Mapping[str, str], token: str
) -> ActionRun:
    """Run a composite action with inputs in a checkout. `environment` is what the runner sets for each step."""
    described = yaml.safe_load(action.read_text(encoding="utf-8"))
    assert described["runs"]["using"] == "composite"
    unknown = set(given) - set(described["inputs"])
    assert not unknown, f"no such inputs: {unknown}"
    github = {"action_path": str(action.parent), "token": token}
    inputs = {n: expand(str(one.get("default", "")), {"github": github}) for n, one in described["inputs"].items()}
    inputs |= given
    done = ActionRun()
    for number, step in enumerate(described["runs"]["steps"]):
        assert "uses" not in step, "this runner runs no other action"
        assert step["shell"] == "bash"
        contexts = {"inputs": inputs, "github": github, "steps": {n: s.outputs for n, s in done.steps.items()}}
        contexts["state"] = {"failed": done.failed}
        if not truth(evaluate(stripped(str(step.get("if", "success()"))), contexts), step, done):
            continue
        assert "${{" not in step["run"], "an expression in a script is a way in for whoever names a branch"
        own = {name: expand(str(value), contexts) for name, value in step.get("env", {}).items()}
        name = step.get("id", str(number))
        done.steps[name] = run_step(name, step["run"], workspace, temporary, dict(environment) | own)
    contexts = {"steps": {n: s.outputs for n, s in done.steps.items()}}
    done.outputs = {n: expand(str(one["value"]), contexts) for n, one in described["outputs"].items()}
    return done


def truth(value: Any, step: Mapping[str, Any], done: ActionRun) -> bool:
    """Whether a step runs. Without a status function in its condition it does only where all went well."""
    asked = str(step.get("if", "success()"))
    if not re.search(r"\b(always|success|failure|cancelled)\(\)", asked) and done.failed:
        return False
    return bool(value)


def run_step(name: str, script: str, workspace: Path, temporary: Path, environment: dict[str, str]) -> StepRun:
    """Run a script as `shell: bash` does."""
    folder = temporary / f"step-{name}-{len(list(temporary.iterdir()))}"
    folder.mkdir(parents=True)
    (folder / "script.sh").write_text(script, encoding="utf-8")
    files = {n: folder / n.lower() for n in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")}
    for path in files.values():
        path.touch()
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(folder / "script.sh")],
        cwd=workspace,
        env=environment | {n: str(path) for n, path in files.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    out = done.stdout.decode(errors="replace")
    found = [annotation(line) for line, taken in commanded(out) if taken]
    annotations, seen = [], Counter[str]()
    for one in (a for a in found if a is not None):
        seen[one.level] += 1
        if seen[one.level] <= KEPT:
            annotations.append(one)
    summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    assert len(summary.encode()) <= 1_048_576
    outputs = output_file(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
    return StepRun(name, done.returncode, out, outputs, summary, annotations, seen.total() - len(annotations))


def output_file(text: str) -> dict[str, str]:
    """The outputs in a file of `name=value` lines. A line that is none is an error on GitHub too."""
    found = {}
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        assert sign, f"not an output: {line!r}"
        found[name] = value
    return found


def commanded(out: str) -> list[tuple[str, bool]]:
    """The lines of a log, and whether each is a command that is carried out."""
    found, stopped = [], None
    for line in re.split(r"\r\n|\r|\n", out):
        if stopped is not None:
            taken = line.strip() == f"::{stopped}::"
            stopped = None if taken else stopped
            found.append((line, taken))
            continue
        command = COMMAND.match(line.lstrip())
        if command is not None and command["name"] == "stop-commands":
            stopped = command["text"]
        found.append((line, command is not None or "##[" in line))
    return found


def annotation(line: str) -> Annotation | None:
    """The annotation that a command makes."""
    command = COMMAND.match(line.lstrip())
    if command is None or command["name"] not in ("error", "warning", "notice"):
        return None
    pairs = (pair.partition("=") for pair in (command["properties"] or "").split(",") if pair)
    properties = {name: unescaped(value, properties=True) for name, _, value in pairs}
    return Annotation(command["name"], unescaped(command["text"]), properties)


def unescaped(text: str, *, properties: bool = False) -> str:
    """What the runner makes of an escaped text."""
    for escape, char in (("%3A", ":"), ("%2C", ",")) if properties else ():
        text = text.replace(escape, char)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


# --- expressions --------------------------------------------------------------------------------------------------


def expand(text: str, contexts: Mapping[str, Any]) -> str:
    """Text with the values of its expressions."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: shown(evaluate(found[1], contexts)), text)


def shown(value: Any) -> str:
    """A value as text."""
    return {True: "true", False: "false", None: ""}.get(value, value) if not isinstance(value, str) else value


def stripped(condition: str) -> str:
    """A condition without its optional braces."""
    found = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", condition)
    return found[1] if found else condition


def evaluate(text: str, contexts: Mapping[str, Any]) -> Any:
    """The value of an expression: names, strings, `==`, `!=`, `!`, `&&`, `||`, the functions of a job's status."""
    words: list[tuple[str, str]] = []
    for literal, sign, name, blank, other in TOKENS.findall(text.strip()):
        assert not other, f"not an expression that this runner reads: {text}"
        if not blank:
            kind = "sign" if sign else "name" if name else "text"
            words.append((kind, sign or name or literal.replace("''", "'")))
    value, rest = either(words, contexts)
    assert not rest, f"not an expression that this runner reads: {text}"
    return value


def either(words: list[tuple[str, str]], contexts: Mapping[str, Any]) -> tuple[Any, list[tuple[str, str]]]:
    """`a || b`."""
    value, words = both(words, contexts)
    while words and words[0] == ("sign", "||"):
        other, words = both(words[1:], contexts)
        value = value or other
    return value, words


def both(words: list[tuple[str, str]], contexts: Mapping[str, Any]) -> tuple[Any, list[tuple[str, str]]]:
    """`a && b`."""
    value, words = compared(words, contexts)
    while words and words[0] == ("sign", "&&"):
        other, words = compared(words[1:], contexts)
        value = value and other
    return value, words


def compared(words: list[tuple[str, str]], contexts: Mapping[str, Any]) -> tuple[Any, list[tuple[str, str]]]:
    """`a == b`. Text is compared without case."""
    value, words = single(words, contexts)
    while words and words[0] in (("sign", "=="), ("sign", "!=")):
        sign = words[0][1]
        other, words = single(words[1:], contexts)
        value = (shown(value).lower() == shown(other).lower()) is (sign == "==")
    return value, words


def single(words: list[tuple[str, str]], contexts: Mapping[str, Any]) -> tuple[Any, list[tuple[str, str]]]:
    """A name, a string, a function, a negation."""
    kind, word = words[0]
    if (kind, word) == ("sign", "!"):
        value, rest = single(words[1:], contexts)
        return not value, rest
    if (kind, word) == ("sign", "("):
        value, rest = either(words[1:], contexts)
        assert rest[0] == ("sign", ")")
        return value, rest[1:]
    if kind == "text":
        return word, words[1:]
    if words[1:3] == [("sign", "("), ("sign", ")")]:
        failed = contexts["state"]["failed"]
        return {"always": True, "success": not failed, "failure": failed, "cancelled": False}[word], words[3:]
    value = contexts
    for part in [p for p in word.split(".") if p != "outputs"]:
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value, words[1:]


def environment(
    workspace: Path, temporary: Path, event: str, payload: Mapping[str, Any], commit: str, path: str
) -> dict[str, str]:
    """What the runner sets for each step."""
    temporary.mkdir(parents=True, exist_ok=True)
    file = temporary / "event.json"
    file.write_text(json.dumps(payload), encoding="utf-8")
    pull = payload.get("pull_request", {})
    base = {"GITHUB_BASE_REF": pull["base"]["ref"], "GITHUB_HEAD_REF": pull["head"]["ref"]} if pull else {}
    return {
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(temporary),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": commit,
        "GITHUB_WORKSPACE": str(workspace),
        "RUNNER_TEMP": str(temporary),
        **base,
    }
