"""The findings as comma-separated values, for spreadsheets."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from migguard.report import Report
from migguard.reports.places import in_repository, unicode_text

COLUMNS = (
    "code",
    "name",
    "severity",
    "revision",
    "direction",
    "path",
    "line",
    "table",
    "message",
    "sql",
    "suppressed",
    "reason",
)
FORMULA = ("=", "+", "-", "@", "\t", "\n")
"""What a spreadsheet takes for the beginning of a formula."""


def render(report: Report, here: Path) -> str:
    """A line for each finding, suppressed ones included, and for each failure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for f in report.findings:
        path = in_repository(f.origin.path, here) if f.origin else ""
        line = f.origin.line if f.origin else ""
        row = (f.code, f.name, f.severity.word, f.revision, f.direction, path, line, f.table, f.message, f.sql)
        writer.writerow(cell(v) for v in (*row, "yes" if f.suppressed else "", f.reason))
    for failure in report.failures:
        writer.writerow(cell(v) for v in ("", "not analysed", "error", "", "", "", "", "", failure.message, "", "", ""))
    return text.getvalue()


def cell(value: object) -> str:
    """A value as text that no spreadsheet runs."""
    text = unicode_text("" if value is None else str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(FORMULA) else text
