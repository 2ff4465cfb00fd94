"""Ignore comments: what they silence, and which of them silence nothing."""

from __future__ import annotations

import ast
import datetime
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import field

from migguard.findings import Finding
from migguard.records import dataclass
from migguard.source import Origin, Script

COMMENT = re.compile(
    r"#\s*migguard:\s*(?P<verb>ignore-file|ignore)\s*\[(?P<codes>[^\]]*)\](?P<rest>.*)$", re.IGNORECASE
)
UNTIL = re.compile(r"\buntil=(?P<date>\S+)")


@dataclass(slots=True, eq=False)
class Suppression:
    """One ignore comment. `first` to `last` are the lines it covers (the whole file for `ignore-file`)."""

    origin: Origin
    patterns: tuple[str, ...]
    first: int
    last: int
    reason: str | None = None
    until: datetime.date | None = None
    bad_date: str | None = None
    whole_file: bool = False
    used: set[str] = field(default_factory=set)

    def expired(self, today: datetime.date) -> bool:
        """Whether its date has passed (or cannot be read, which must not keep anything silent)."""
        return self.bad_date is not None or (self.until is not None and self.until < today)

    def covers(self, finding: Finding) -> str | None:
        """The pattern by which it silences the finding, or None."""
        origin = finding.origin
        if origin is None or origin.path != self.origin.path:
            return None
        if not self.whole_file and not (self.first <= (origin.end_line or origin.line) and origin.line <= self.last):
            return None
        for pattern in self.patterns:
            if pattern == finding.name or finding.code.startswith(pattern.upper()):
                return pattern
        return None


def suppressions(script: Script) -> list[Suppression]:
    """The ignore comments of a script, each with the lines it covers.

    One behind code covers every line of that statement; one on a line of its own covers the statement below it.
    """
    if "migguard:" not in script.text:
        return []
    comments = [(t, m) for t in tokens(script.text) if t.type == tokenize.COMMENT and (m := COMMENT.search(t.string))]
    spans = list(statement_spans(script.tree)) if script.tree is not None else []
    return [made for token, match in comments if (made := read(script, token, match, spans)) is not None]


def tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a text, as far as it can be tokenized."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return  # the file cannot be loaded either: MG001 says so


def read(
    script: Script, token: tokenize.TokenInfo, match: re.Match[str], spans: list[tuple[int, int]]
) -> Suppression | None:
    """The suppression that a comment spells."""
    patterns = tuple(p.strip() for p in match["codes"].split(",") if p.strip())
    line, column = token.start
    start = len((token.line[:column] + token.string[: match.start()]).encode())
    end = len((token.line[:column] + token.string).encode())
    origin = Origin(script.path, line, start + 1, line, end + 1)
    rest = match["rest"]
    head, dashes, reason = rest.partition("--")
    dated = UNTIL.search(head)
    until, bad = None, None
    if dated:
        try:
            until = datetime.date.fromisoformat(dated["date"])
        except ValueError:
            bad = dated["date"]
    first = last = line
    alone = not token.line[:column].strip()
    if alone:
        below = next(
            (number for number in range(line + 1, len(script.lines) + 1) if meaningful(script.lines[number - 1])), line
        )
        first = last = below
    first, last = widest(first, last, spans)
    whole = match["verb"].lower() == "ignore-file"
    return Suppression(origin, patterns, first, last, reason.strip() or None if dashes else None, until, bad, whole)


def meaningful(line: str) -> bool:
    """Whether a line holds code."""
    return bool(line.strip()) and not line.strip().startswith("#")


def widest(first: int, last: int, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The simple statement that covers the line, all of its lines."""
    around = [s for s in spans if s[0] <= first <= s[1]]
    return min(around, key=lambda s: s[1] - s[0], default=(first, last))


def statement_spans(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """The lines of every statement without a body of its own, and the heads of those that have one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = node.end_lineno or node.lineno
            if isinstance(body, list) and body:
                end = max(node.lineno, body[0].lineno - 1)
            yield node.lineno, end


def suppress(findings: Iterable[Finding], found: Iterable[Suppression], today: datetime.date) -> list[Finding]:
    """The findings, those that a comment covers marked suppressed with its reason; notes which comments were used."""
    from dataclasses import replace

    by_path: dict[object, list[Suppression]] = {}
    for one in found:
        by_path.setdefault(one.origin.path, []).append(one)
    result = []
    for finding in findings:
        for one in by_path.get(finding.origin.path, ()) if finding.origin else ():
            pattern = one.covers(finding)
            if pattern is None:
                continue
            one.used.add(pattern)
            if not one.expired(today):
                finding = replace(finding, suppressed=True, reason=one.reason)
                break
        result.append(finding)
    return result
