"""Paths and texts as other programs take them."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from migguard.findings import Finding, Safe
from migguard.report import Failure, Report, RevisionLine
from migguard.source import Origin

ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")

# What XML 1.0 cannot hold at all: https://www.w3.org/TR/xml/#charsets
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SURROGATES = re.compile("[\ud800-\udfff]")
# What a terminal acts upon, and what makes text look otherwise than it is: https://www.unicode.org/reports/tr9/
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def in_repository(path: Path, here: Path, environ: Mapping[str, str] = os.environ) -> str:
    """A path as the forge knows it: relative to the repository in CI, else to the current directory."""
    whole = path if path.is_absolute() else here / path
    for name in ROOTS:
        root = environ.get(name)
        inside = below(whole, root) if root else None
        if inside is not None:
            return inside
    try:
        return Path(os.path.relpath(whole, here)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()


def below(path: Path, workspace: str) -> str | None:
    """A path relative to its repository in the workspace, which may be checked out into a folder of it; or None."""
    top, real = Path(real_path(workspace)), Path(real_path(str(path.parent)), path.name)
    if not real.is_relative_to(top):
        return None
    return real.relative_to(checkout(real, top)).as_posix()


@lru_cache(maxsize=4096)
def real_path(path: str) -> str:
    """The path without symbolic links."""
    return os.path.realpath(path)


def checkout(path: Path, workspace: Path) -> Path:
    """The nearest folder with a repository, from a path up to the workspace; the workspace itself without one."""
    around = (folder for folder in (path, *path.parents) if folder.is_relative_to(workspace) and has_repository(folder))
    return next(around, workspace)


@lru_cache(maxsize=4096)
def has_repository(folder: Path) -> bool:
    """Whether a folder is the top of a work tree."""
    return os.path.lexists(folder / ".git")


def configuration(report: Report, here: Path) -> Path:
    """Where what has no place of its own is shown."""
    return here / report.config


def line_of(report: Report, revision: str | None, origin: Origin, line: int) -> str | None:
    """A line of the file that an origin is in, where the report has the file."""
    script = report.scripts.get(revision or "")
    if script is None or script.path != origin.path or not 0 < line <= len(script.lines):
        return None
    return script.lines[line - 1]


def uri(path: str) -> str:
    """A path as it stands in a URI; bytes that are no text keep their values."""
    try:
        return quote(path.encode(errors="surrogateescape"))
    except UnicodeEncodeError:  # half of a surrogate pair, which no file system hands out
        return quote(path.encode(errors="replace"))


def xml_text(text: str) -> str:
    """Text that XML can hold; line ends are what its readers make of them."""
    return NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def unicode_text(text: str) -> str:
    """Text that can be encoded: names of files may hold bytes that are no text."""
    return SURROGATES.sub("\ufffd", text)


def readable(text: str) -> str:
    """Text for people: control characters by their pictures, and none that turns what follows around."""
    return INVISIBLE.sub(picture, text.replace("\r\n", "\n"))


Shown = TypeVar("Shown", Finding, Safe, Failure, RevisionLine)


def readable_fields(value: Shown) -> Shown:
    """A part of a report with readable text in its fields."""
    fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
    texts: dict[str, Any] = {
        name: readable(text) for name, text in fields if isinstance(text, str) and INVISIBLE.search(text)
    }
    return dataclasses.replace(value, **texts) if texts else value


def picture(found: re.Match[str]) -> str:
    """What stands for a control character."""
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def json_text(document: Any) -> str:
    """A document as indented JSON."""
    try:
        encoded = msgspec.json.encode(document)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(encodable(document))
    return msgspec.json.format(encoded, indent=2).decode()


def encodable(document: Any) -> Any:
    """The document with text that can be encoded."""
    match document:
        case str():
            return unicode_text(document)
        case dict():
            return {encodable(key): encodable(value) for key, value in document.items()}
        case list() | tuple():
            return [encodable(value) for value in document]
        case _:
            return document
