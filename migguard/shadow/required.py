"""Which SQLAlchemy a project asks for, as its own files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
DECLARATIONS = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile")
REQUIREMENTS = ("requirements*.txt", "requirements/*.txt", "constraints*.txt", "requirements*.in")
LOCKED = re.compile(r'name = "sqlalchemy"\s+version = "(\d+)\.|"sqlalchemy": \{[^}]*?"version": "==(\d+)\.', re.I)
DECLARED = re.compile(
    r"""(?<![\w.\-])sqlalchemy(?:\[[^\]]*\])?["']?\s*
        (?: (?:=\s*\{[^}\n]*?version\s*)?=\s*["'](?P<table>[^"'\n]*)["'] | (?P<list>(?:[<>!~^]|==)[^"'\n\#;]*) )""",
    re.I | re.X,
)
"""`SQLAlchemy = "^1.4"` and `{version = "^1.4"}` in a table, `sqlalchemy>=1.4,<2` in a list."""
BOUND = re.compile(r"(~=|==|<=|<|>=|>|\^|~)?\s*[\"']?(\d+)(?:\.(\d+|\*))?")


def wants_old_sqlalchemy(start: Path) -> bool | None:
    """Whether the project around a folder cannot do with SQLAlchemy 2; None where none of its files says."""
    for folder in folders(start):
        for name in LOCKS:
            for found in LOCKED.finditer(text_of(folder / name)):
                return int(found[1] or found[2]) < 2
        declared = [folder / name for name in DECLARATIONS]
        declared += [p for pattern in REQUIREMENTS for p in sorted(folder.glob(pattern))]
        for path in declared:
            for found in DECLARED.finditer(text_of(path)):
                said = old(found["table"] or found["list"])
                if said is not None:
                    return said
    return None


def folders(start: Path) -> Iterator[Path]:
    """The folders that may hold a project's files: from one upwards to the root of the repository."""
    for folder in (start, *list(start.parents)[:4]):
        yield folder
        if (folder / ".git").exists():
            return


def text_of(path: Path) -> str:
    """A file's text; nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def old(requirement: str) -> bool | None:
    """Whether a requirement such as `>=1.4,<2` keeps SQLAlchemy 2 out; None where it names no version."""
    bounds = [(b[1] or "==", int(b[2]), b[3]) for b in BOUND.finditer(requirement)]
    if not bounds:
        return None
    for sign, major, minor in bounds:
        if sign == "<" and (major < 2 or (major == 2 and minor in (None, "0"))):
            return True
        if sign in ("==", "~=", "^", "~", "<=") and major < 2:
            return True
    return False
