"""Findings that a project has accepted as they are: the file that `migguard baseline` writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from migguard.errors import UsageError
from migguard.findings import Finding

FILE = "migguard-baseline.json"
"""Beside the Alembic configuration."""
SCHEMA_VERSION = 1
UNACCEPTABLE = frozenset({"MG006", "MG007"})
"""Findings about ignoring findings: accepting them would come back as one."""
REASON = "known: it is in the baseline"


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One accepted finding. Only the fingerprint counts; the rest is for those who read the file."""

    fingerprint: str
    code: str
    revision: str | None
    message: str


class KnownFindings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All accepted findings."""

    findings: tuple[Known, ...] = ()
    schema_version: int = SCHEMA_VERSION


def read_known(folder: Path) -> KnownFindings:
    """The accepted findings of a project; none where there is no file. Raises UsageError for one that is broken."""
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return KnownFindings()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    try:
        found = msgspec.json.decode(content, type=KnownFindings)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is no baseline: {error}", hint="`migguard baseline --force` writes it anew") from None
    if found.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"{path} has schema_version {found.schema_version}; this migguard reads {SCHEMA_VERSION}",
            hint="`migguard baseline --force` writes it anew",
        )
    return found


def accepted(findings: Iterable[Finding], known: KnownFindings) -> list[Finding]:
    """The findings, those that are known suppressed."""
    prints = {one.fingerprint for one in known.findings}
    return [
        replace(f, suppressed=True, reason=REASON) if f.fingerprint in prints and not f.suppressed else f
        for f in findings
    ]


def unused(findings: Sequence[Finding], known: KnownFindings, checked: frozenset[str]) -> list[Known]:
    """The entries that silence nothing, as far as this run can tell: those of revisions that it did not check may."""
    there = {f.fingerprint for f in findings}
    return [
        one for one in known.findings if one.fingerprint not in there and (one.revision in checked or not one.revision)
    ]


def acceptable(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that can be accepted."""
    return [f for f in findings if f.code not in UNACCEPTABLE]


def encoded(findings: Iterable[Finding]) -> bytes:
    """The file's content for these findings, in their order."""
    entries = tuple(Known(f.fingerprint, f.code, f.revision, f.message) for f in findings)
    return msgspec.json.format(msgspec.json.encode(KnownFindings(entries)), indent=1) + b"\n"
