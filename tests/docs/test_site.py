"""The documentation speaks of what there is: commands, options, settings, formats, rules, files."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.models import OptionInfo

from migguard.cli.arguments import declared
from migguard.cli.main import COMMANDS
from migguard.reports.formats import FORMATS
from migguard.rules.registry import builtin_rules
from migguard.settings import Settings, convert
from migguard.upgrade_guard import Guard
from tests.docs.pages import DOCS, ROOT, blocks, written

PAGES = written()
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"\bMG\d{3}\b")


def options_of(command: str) -> set[str]:
    """The words that a command knows as options."""
    function = next(f for f in COMMANDS if f.__name__ == command)
    infos = [declared(h)[1] for h in typing.get_type_hints(function, include_extras=True).values()]
    words = [w for i in infos if isinstance(i, OptionInfo) for w in (i.default, *(i.param_decls or ()))]
    return {one for w in words if isinstance(w, str) for one in w.split("/")} | {"--help", "-h"}


def calls() -> Iterator[tuple[str, str, list[str]]]:
    """Every `migguard COMMAND …` in a code block: page, command, the words that look like options."""
    for page, text in PAGES.items():
        for block in blocks(text):
            if block.language not in ("console", "yaml", "ini", "bash"):
                continue
            for line in re.findall(r"(?:^\$ |run: |^\s+- |options = )(?:migguard )?(.+)$", block.text, re.MULTILINE):
                words = shlex.split(line, comments=True)
                if words and words[0] in {f.__name__ for f in COMMANDS}:
                    yield page, words[0], [w.partition("=")[0] for w in words[1:] if w.startswith("-")]


def test_commands_in_the_documentation_exist_with_their_options() -> None:
    found = list(calls())
    assert {command for _, command, _ in found} >= {"check", "sql", "drift", "stats", "probe", "baseline", "init"}
    unknown = [(page, command, o) for page, command, used in found for o in used if o not in options_of(command)]
    assert unknown == []


@pytest.mark.thorough
@pytest.mark.parametrize("tool", ["reference_pages.py", "lock_tables.py"])
def test_the_generated_pages_are_current(tool: str) -> None:
    """Settings and commands are those that exist; the locks are those of the effects model."""
    command = [sys.executable, str(ROOT / "tools" / tool), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_example_of_a_setting_is_a_valid_setting() -> None:
    words = tomllib.loads((DOCS / "reference" / "settings.toml").read_text(encoding="utf-8"))
    for name, one in words.items():
        table = tomllib.loads(one["example"])
        assert list(table) == [name]
        assert convert(table, Path("example")) != Settings() or name in ("deploy", "downgrade")


@pytest.mark.parametrize("page", PAGES)
def test_settings_files_shown_in_the_documentation_are_valid(page: str) -> None:
    for block in blocks(PAGES[page]):
        if block.language == "toml" and "tool.migguard" in block.text:
            convert(tomllib.loads(block.text)["tool"]["migguard"], Path(page))


def test_every_command_and_format_has_its_words() -> None:
    commands, reports = PAGES["docs/reference/commands.md"], PAGES["docs/reference/reports.md"]
    assert [f.__name__ for f in COMMANDS if f"## `migguard {f.__name__}`" not in commands] == []
    assert re.findall(r"^\| `(\w+)` \|", reports, re.MULTILINE) == list(FORMATS)


def test_rules_named_in_the_documentation_exist() -> None:
    known = {r.code for r in builtin_rules()} | {"MG399"}  # the one that CONTRIBUTING.md shows how to write
    assert {(p, c) for p, text in PAGES.items() for c in CODE.findall(text) if c not in known} == set()


def test_links_within_the_repository_lead_somewhere() -> None:
    broken = []
    for page, text in PAGES.items():
        for target in LINK.findall(text):
            path, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            if path and not (ROOT / page).parent.joinpath(path).exists():
                broken.append((page, target))
            if not path and anchor and f"({anchor})=" not in "".join(PAGES.values()):
                broken.append((page, target))
    assert broken == []


def test_what_the_ci_page_gives_to_the_action_are_its_inputs() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    workflow = next(b for b in blocks(PAGES["docs/guide/ci.md"]) if "migguard/migguard@" in b.text)
    [job] = yaml.safe_load(workflow.text)["jobs"].values()
    given = next(step["with"] for step in job["steps"] if "migguard" in step["uses"])
    assert given.keys() <= inputs.keys()


def test_the_guard_takes_what_its_page_says() -> None:
    parameters = inspect.signature(Guard).parameters
    page = PAGES["docs/guide/guard.md"]
    named = set(re.findall(r"`(\w+)(?:=[\w\"]+)?`", page)) & {"lock_timeout", "retries", "backoff", "check"}
    assert named == {"lock_timeout", "retries", "backoff", "check"}
    assert named <= parameters.keys()


@pytest.mark.docs
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for page in PAGES:
        if page.startswith("docs/"):
            assert (tmp_path / Path(page).relative_to("docs").with_suffix(".html")).is_file()
