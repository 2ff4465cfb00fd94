"""Write docs/reference/settings.md and docs/reference/commands.md, and the report that the README shows.

They come from what migguard itself knows of them, and from a check of sample_migrations.

python tools/reference_pages.py            writes what is not as it should be
python tools/reference_pages.py --check    writes nothing; names what is not current, and exits 1 if there is any
"""

from __future__ import annotations

import argparse
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from typer.models import ArgumentInfo, OptionInfo

from migguard.cli.arguments import declared
from migguard.cli.main import COMMANDS, EPILOG
from migguard.settings import DEFAULT_VERSIONS, Settings

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
SHOWN = re.compile(r"(?<=<!-- report: `make reference` writes it -->\n).*?(?=<!-- end of report -->)", re.DOTALL)
CARETS = re.compile(r"^ +│ +\^+\n", re.MULTILINE)
SAMPLE = ["-c", "sample_migrations/alembic.ini", "--since", "5d2e9a41c7f0"]

SETTINGS = """\
# Settings

Settings stand in `[tool.migguard]` of pyproject.toml, or without that header in `migguard.toml`. They are looked for
beside the Alembic configuration, then in the current directory and the folders above it, up to the repository's root.
All are optional. A hyphen may stand for an underscore. An unknown key is an error that names the nearest one. What is
given on the command line wins. Durations are `500ms`, `10s`, `1min`, or a number of milliseconds.

`make reference` writes this page from `migguard/settings.py`; do not edit it.
"""
COMMANDS_INTRODUCTION = f"""\
# Commands

{EPILOG} [More on exit codes](exit-codes.md). `migguard COMMAND --help` says the same as this page.

`migguard --version` prints the version. `migguard --install-completion` installs completion for your shell,
`--show-completion` prints it. `python -m migguard` is the same as `migguard`.

`make reference` writes this page from the commands themselves; do not edit it.
"""


# --- settings -----------------------------------------------------------------------------------------------------


def settings_page() -> str:
    """Every setting: what it means, its type, its default. Raises ValueError where one is not described."""
    words = tomllib.loads((FOLDER / "settings.toml").read_text(encoding="utf-8"))
    fields = {f.name: f for f in msgspec.structs.fields(Settings)}
    if words.keys() != fields.keys():
        raise ValueError(f"settings.toml and Settings differ in {sorted(words.keys() ^ fields.keys())}")
    hints = get_type_hints(Settings)
    parts = [SETTINGS]
    for group, names in groupby(words, key=lambda name: words[name]["group"]):
        parts.append(f"## {group}\n")
        for name in names:
            default = fields[name].default
            if default is msgspec.NODEFAULT:
                default = fields[name].default_factory()
            parts.append(
                f"(setting-{name.replace('_', '-')})=\n### `{name}`\n\n{words[name]['says']}\n\n"
                f"Type: {kind(hints[name])}. Default: {valued(default)}.\n\n```toml\n{words[name]['example']}\n```\n"
            )
    rows = "\n".join(f"| {e} | {'.'.join(map(str, v))} |" for e, v in DEFAULT_VERSIONS.items())
    parts.append(f"## Versions taken where none is set\n\n| engine | version |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def kind(hint: Any) -> str:
    """A type in words."""
    members = [m for m in get_args(hint) if m is not type(None)]
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(f"`{w}`" for w in members)
    if get_origin(hint) is tuple:
        return "a list of texts"
    if get_origin(hint) is dict:
        return "a table"
    if set(members) == {int, str}:
        return "a duration"
    if len(members) == 1:
        return kind(members[0])
    return {str: "a text", bool: "true or false", float: "a number", int: "a whole number"}[hint]


def valued(value: Any) -> str:
    """A default as it would be written."""
    match value:
        case None:
            return "unset"
        case () | {}:
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return "`[" + ", ".join(f'"{v}"' for v in value) + "]`"
        case str():
            return f'`"{value}"`'
        case _:
            return f"`{value}`"


# --- commands -----------------------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command with its arguments and options."""
    return "\n".join([COMMANDS_INTRODUCTION, *(command(function) for function in COMMANDS)])


def command(function: Callable[..., None]) -> str:
    """One command."""
    hints = get_type_hints(function, include_extras=True)
    taken = {name: (p.default, *declared(hints[name])) for name, p in inspect.signature(function).parameters.items()}
    arguments = [(n, d, t, i) for n, (d, t, i) in taken.items() if isinstance(i, ArgumentInfo)]
    options = [(d, t, i) for d, t, i in taken.values() if isinstance(i, OptionInfo)]
    usage = " ".join(["migguard", function.__name__, "[OPTIONS]", *(shape(n, d, t, i) for n, d, t, i in arguments)])
    rows = [f"| `{shape(n, d, t, i)}` | {cell(i.help)} | |" for n, d, t, i in arguments]
    rows += [
        f"| {', '.join(f'`{w}`' for w in spellings(i, t))} | {cell(i.help)} | {preset(d, i)} |" for d, t, i in options
    ]
    table = "\n".join(["| argument or option | meaning | default |", "|---|---|---|", *rows])
    return f"## `migguard {function.__name__}`\n\n{text(function.__doc__ or '')}\n\n```text\n{usage}\n```\n\n{table}\n"


def shape(name: str, default: Any, hint: Any, info: ArgumentInfo) -> str:
    """An argument as the usage line has it."""
    word = info.metavar or name.upper()
    several = "..." if get_origin(hint) is list else ""
    return f"{word}{several}" if default is inspect.Parameter.empty else f"[{word}]{several}"


def spellings(info: OptionInfo, hint: Any) -> Iterator[str]:
    """The words of an option, the long ones with what they take."""
    words = [w for w in (info.default, *(info.param_decls or ())) if isinstance(w, str) and w.startswith("-")]
    for word in words:
        for one in word.split("/"):
            yield one if hint is bool or not one.startswith("--") else f"{one} {info.metavar or 'VALUE'}"


def preset(default: Any, info: OptionInfo) -> str:
    """What holds without the option."""
    if default is inspect.Parameter.empty:
        return "required" + (f" (or `{info.envvar}`)" if info.envvar else "")
    if isinstance(info.show_default, str):
        return f"`{info.show_default}`"
    return "" if default in (None, False) else f"`{default}`"


def cell(words: str | None) -> str:
    """A text in a table."""
    return (words or "").replace("\\[", "[").replace("|", "\\|")


def text(docstring: str) -> str:
    """A command's docstring as Markdown; its examples are code."""
    parts = []
    for part in inspect.cleandoc(docstring).split("\n\n"):
        if "[bold]" in part:
            parts.append("```console\n" + "\n".join(f"$ {line}" for line in examples(part.splitlines())) + "\n```")
        else:
            parts.append(part)
    return "\n\n".join(parts)


def examples(lines: list[str]) -> Iterator[str]:
    """Examples with what they do as a comment."""
    cut = [line.strip().removeprefix("[bold]").split("[/bold]") for line in lines]
    width = max(len(words) for words, _ in cut)
    for words, does in cut:
        yield f"{words:<{width}}  # {does.strip()}" if does.strip() else words


# --- the README's report ------------------------------------------------------------------------------------------


def readme() -> str:
    """The README with the first findings of `make demo` and its last lines, as a terminal shows them."""
    command = [sys.executable, "-m", "migguard", "check", *SAMPLE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 1:
        raise ValueError(f"the check of the sample ended with {done.returncode}: {done.stderr}")
    sections = CARETS.sub("", done.stdout).split("\n\n")
    last = sections[-1].strip()
    first = "\n\n".join(sections[:4])
    block = f"```text\n{first}\n\n[…]\n\n{last}\n```\n"
    return SHOWN.sub(lambda _: block, (ROOT / "README.md").read_text(encoding="utf-8"), count=1)


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is not current")
    given = parser.parse_args()
    stale = 0
    pages = {
        FOLDER / "settings.md": settings_page(),
        FOLDER / "commands.md": commands_page(),
        ROOT / "README.md": readme(),
    }
    for path, wanted in pages.items():
        if path.is_file() and path.read_text(encoding="utf-8") == wanted:
            continue
        stale = 1
        if given.check:
            sys.stderr.write(f"{path} is not current; `make reference` writes it\n")
        else:
            path.write_text(wanted, encoding="utf-8")
    return stale if given.check else 0


if __name__ == "__main__":
    sys.exit(main())
