"""Write the page of every rule under docs/rules, and their list.

python tools/rule_pages.py            writes what is not as it should be
python tools/rule_pages.py --check    writes nothing; names what is not, and exits 1 if there is any
"""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from pathlib import Path

from migguard.rules.frame import Rule
from migguard.rules.page import page
from migguard.rules.registry import builtin_rules

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"
FAMILIES = {
    "MG0": "What could not be told",
    "MG1": "History",
    "MG2": "The way back",
    "MG3": "Data loss",
    "MG4": "Blocking: work that grows with the table under a lock that stops the application",
    "MG5": "Transactions, locks and retries",
    "MG6": "The code that is still running",
    "MG7": "Fails, or fails on real data",
    "MG8": "The script and env.py",
    "MG9": "Schema: drift and conventions",
}
INTRODUCTION = """\
# The rules

A rule of severity **off** speaks only where a project selects it (`extend_select`). `migguard explain CODE`
prints these pages at the terminal. `make rule-pages` writes them from the rules themselves; do not edit them.
"""

HEAD = ("| code | name | severity | fires when |", "|---|---|---|---|")


def pages() -> dict[str, str]:
    """Every file of the folder by its name."""
    rules = builtin_rules()
    return {f"{rule.code}.md": page(rule) for rule in rules} | {"README.md": index(rules)}


def index(rules: tuple[Rule, ...]) -> str:
    """The list of the rules, family by family."""
    parts = [INTRODUCTION]
    for family, members in groupby(rules, key=lambda rule: rule.family):
        rows = [f"| [{r.code}]({r.code}.md) | {r.name} | {r.severity.word} | {r.summary} |" for r in members]
        parts.append("\n".join([f"## {family} {FAMILIES[family]}\n", *HEAD, *rows, ""]))
    return "\n".join(parts)


def stale(folder: Path, wanted: dict[str, str]) -> list[str]:
    """The names of files that are missing, differ, or belong to no rule."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def write(folder: Path, wanted: dict[str, str], names: list[str]) -> None:
    """Bring these files up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is not current")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they are; default: docs/rules")
    given = parser.parse_args()
    wanted = pages()
    names = stale(given.folder, wanted)
    if not given.check:
        write(given.folder, wanted, names)
        sys.stdout.write(f"{len(wanted)} files, {len(names)} of them changed or removed.\n")
        return 0
    for name in names:
        sys.stderr.write(f"{given.folder / name} is not current\n")
    if names:
        sys.stderr.write("`make rule-pages` writes them.\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
