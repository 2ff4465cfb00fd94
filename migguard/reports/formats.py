"""The formats of a report that are text, by name. Each is imported when it is wanted."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import cast

from migguard.report import Report

TEXT = "text"
MODULES = {
    "json": "json_report",
    "sarif": "sarif",
    "github": "github",
    "markdown": "markdown",
    "comment": "comment",
    "gitlab": "gitlab",
    "junit": "junit",
    "rdjson": "rdjson",
    "html": "html",
    "csv": "table",
}
FORMATS = (TEXT, *MODULES)
PICTURED = frozenset({"markdown", "comment", "html"})
"""Formats that show every statement with its lock, and the revision graph."""


def render(name: str, report: Report, here: Path) -> str:
    """The report in a format, ending with a line feed."""
    module = importlib.import_module(f"migguard.reports.{MODULES[name]}")
    text = cast(str, module.render(report, here))
    return text if text.endswith("\n") or not text else f"{text}\n"
