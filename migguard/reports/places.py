"""Paths and texts as other programs take them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")

# What XML 1.0 cannot hold at all: https://www.w3.org/TR/xml/#charsets
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SURROGATES = re.compile("[\ud800-\udfff]")


def in_repository(path: Path, here: Path, environ: Mapping[str, str] = os.environ) -> str:
    """A path as the forge knows it: relative to the checkout in CI, else to the current directory."""
    for name in ROOTS:
        root = environ.get(name)
        if root and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    try:
        return Path(os.path.relpath(path, here)).as_posix() if path.is_absolute() else path.as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()


def xml_text(text: str) -> str:
    """Text that XML can hold."""
    return NOT_XML.sub("\ufffd", text)


def unicode_text(text: str) -> str:
    """Text that can be encoded: names of files may hold bytes that are no text."""
    return SURROGATES.sub("\ufffd", text)
