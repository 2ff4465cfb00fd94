"""Which SQLAlchemy a project asks for, as its own files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
DECLARATIONS = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile")
REQUIREMENTS = ("requirements*.txt", "requirements/*.txt", "constraints*.txt", "requirements*.in")
LOCKED = re.compile(
    r'name = "sqlalchemy"\s+version = "(\d+[\d.]*)|"sqlalchemy": \{[^}]*?"version": "==(\d+[\d.]*)', re.I
)
DECLARED = re.compile(
    r"""(?<![\w.\-])sqlalchemy(?:\[[^\]]*\])?["']?\s*
        (?: (?:=\s*\{[^}\n]*?version\s*)?=\s*["'](?P<table>[^"'\n]*)["'] | (?P<list>(?:[<>!~^]|==)[^"'\n\#;]*) )""",
    re.I | re.X,
)
"""`SQLAlchemy = "^1.4"` and `{version = "^1.4"}` in a table, `sqlalchemy>=1.4,<2` in a list."""
BOUND = re.compile(r"(~=|==|!=|<=|<|>=|>|\^|~)?\s*[\"']?(\d+)(?:\.(\d+|\*))?(?:\.(\d+|\*))?[\w.]*")
Release = tuple[int, ...]


def wants_old_sqlalchemy(start: Path) -> bool | None:
    """Whether the project around a folder cannot do with SQLAlchemy 2; None where none of its files says."""
    return next((said for one in requirements(start) if (said := old(one)) is not None), None)


def asks_for_older(start: Path, release: Release) -> bool:
    """Whether every SQLAlchemy that the files of the project around a folder allow is older than a release."""
    said = next((one for one in requirements(start) if BOUND.search(one)), None)
    return said is not None and older(said, release)


def requirements(start: Path) -> Iterator[str]:
    """What the files say of SQLAlchemy, such as `>=1.4,<2`; first what is locked."""
    for folder in folders(start):
        for name in LOCKS:
            for found in LOCKED.finditer(text_of(folder / name)):
                yield f"=={found[1] or found[2]}"
        declared = [folder / name for name in DECLARATIONS]
        declared += [p for pattern in REQUIREMENTS for p in sorted(folder.glob(pattern))]
        for path in declared:
            for found in DECLARED.finditer(text_of(path)):
                yield found["table"] or found["list"]


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


def older(requirement: str, release: Release) -> bool:
    """Whether a requirement keeps a release and all after it out."""
    for found in BOUND.finditer(requirement):
        sign, parts = found[1] or "==", tuple(int(part) for part in found.groups()[1:] if part not in (None, "*"))
        exact = parts + (0,) * (3 - len(parts))
        match sign:
            case "<":
                out = exact <= release
            case "<=":
                out = exact < release
            case "==" if "*" not in found.groups():
                out = exact < release
            case "==":
                out = parts < release[: len(parts)]
            case "~=":
                out = parts[:-1] < release[: len(parts) - 1]
            case "^" | "~":
                kept = parts[: 1 if sign == "^" else 2]
                out = kept < release[: len(kept)]
            case _:
                out = False
        if out:
            return True
    return False
