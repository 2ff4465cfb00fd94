"""The report as a pull request's comment: Markdown within GitHub's limit, folded into one line where all is well."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from migguard.report import Report
from migguard.reports import markdown

ROOM = 1_000
"""Bytes that are left for the marker by which the comment is found again."""


def render(report: Report, here: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The comment's body."""
    text = markdown.render(report, here, limit=markdown.COMMENT - ROOM, environ=environ)
    if report.failures or any(not f.suppressed for f in report.findings):
        return text
    head, _, rest = text.partition("\n")
    return f"<details><summary>{head.removeprefix('## ')}</summary>\n\n{rest.strip()}\n\n</details>\n"
