"""Read what a revision file says of itself, without running it."""

from __future__ import annotations

import ast
import hashlib
import io
import marshal
import re
import tokenize
from collections.abc import MutableMapping
from pathlib import Path

from migguard.records import dataclass

NAMES = ("revision", "down_revision", "depends_on", "branch_labels")


@dataclass(frozen=True, slots=True)
class Header:
    """A revision file's own words. Lines count from 1, 0 where there is no such assignment.

    `computed` names the assignments whose values are no literals: only running the file tells them.
    """

    revision: str | None
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    lines: tuple[int, int, int, int] = (0, 0, 0, 0)
    message: str = ""
    computed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that cannot be loaded: where and why."""

    path: Path
    line: int
    column: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of a file: its header, the hash of its bytes, and its code, marshalled, where it was compiled."""

    header: Header
    digest: str
    code: bytes | None = None


def read_header(path: Path, cache: MutableMapping[str, Header] | None = None) -> ReadFile | BrokenFile:
    """The header of a file, or why it cannot be had. `cache` is keyed by the hash of the file's bytes."""
    try:
        source = path.read_bytes()
    except OSError as error:
        return BrokenFile(path, 1, 1, f"it cannot be read: {error.strerror}")
    digest = hashlib.blake2b(source, digest_size=16).hexdigest()
    if cache is not None and digest in cache:
        return ReadFile(cache[digest], digest)
    code = compiled(source, path)
    header = early_header(source) if code is not None else None
    read = header or parse_header(source, path)
    if isinstance(read, BrokenFile):
        return read
    if cache is not None:
        cache[digest] = read
    return ReadFile(read, digest, code)


def compiled(source: bytes, path: Path) -> bytes | None:
    """A file's code, marshalled: a quarter of its size in memory. None where it does not compile."""
    try:
        return marshal.dumps(compile(source, str(path), "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # the syntax tree, or loading it, tells why


FIRST_BLOCK = re.compile(rb"^(?:def |async def |class |@)", re.MULTILINE)
HEADER_WORD = re.compile(rb"revision|depends_on|branch_labels")


def early_header(source: bytes) -> Header | None:
    """The header of a file that compiles, from what stands above its first function: a tenth of the work.

    None where the rest may have to do with it, or where the part does not stand for itself.
    """
    first = FIRST_BLOCK.search(source)
    if first is None or HEADER_WORD.search(source, first.start()):
        return None
    try:
        tree = ast.parse(source[: first.start()])
    except (SyntaxError, ValueError):
        return None  # a line of a text looked like a function
    header = header_of(tree, names=False)
    return None if header.computed or header.revision is None else header


def parse_header(source: bytes, path: Path) -> Header | BrokenFile:
    """The header in a file's bytes."""
    try:
        tree = ast.parse(source, str(path))
    except SyntaxError as error:
        if "utf-8" in str(error) or "codec" in str(error) or "encoding" in str(error):
            return BrokenFile(path, undecodable_line(source), 1, f"its bytes cannot be decoded: {error.msg}")
        return BrokenFile(path, error.lineno or 1, error.offset or 1, f"syntax error: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return BrokenFile(path, 1, 1, f"it is no Python source: {error}")
    return header_of(tree)


def undecodable_line(source: bytes) -> int:
    """The line of the first byte that is not what the file's encoding says."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        source.decode(encoding)
    except UnicodeDecodeError as error:
        return source.count(b"\n", 0, error.start) + 1
    except SyntaxError:
        return 1
    return 1


def header_of(tree: ast.Module, *, names: bool = True) -> Header:
    """The header in a module's syntax tree. Without `names`, what a name stands for is not looked up."""
    values: dict[str, ast.expr] = {}
    lines = dict.fromkeys(NAMES, 0)
    for node in tree.body:
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        for target in targets:
            if isinstance(target, ast.Name) and value is not None:
                values[target.id] = value
                if target.id in lines:
                    lines[target.id] = node.lineno
    read: dict[str, tuple[str, ...]] = {}
    computed = []
    for name in NAMES:
        if name in values:
            found = literal(values[name], values if names else {})
            if found is None:
                computed.append(name)
            read[name] = found or ()
    message = (ast.get_docstring(tree) or "").strip().split("\n", 1)[0]
    ids = read.get("revision", ())
    return Header(
        revision=ids[0] if ids else None,
        down_revisions=read.get("down_revision", ()),
        depends_on=read.get("depends_on", ()),
        branch_labels=read.get("branch_labels", ()),
        lines=(lines["revision"], lines["down_revision"], lines["depends_on"], lines["branch_labels"]),
        message=message,
        computed=tuple(computed),
    )


def literal(node: ast.expr, values: dict[str, ast.expr], depth: int = 0) -> tuple[str, ...] | None:
    """The strings that an expression of literals spells; `()` for None, None where only running would tell."""
    if depth > 8:
        return None
    match node:
        case ast.Constant(value=None):
            return ()
        case ast.Constant(value=str() as text):
            return (text,)
        case ast.Tuple() | ast.List() | ast.Set():
            parts = [literal(e, values, depth + 1) for e in node.elts]
            return None if any(p is None for p in parts) else tuple(t for p in parts if p for t in p)
        case ast.Name(id=name) if name in values and values[name] is not node:
            return literal(values[name], values, depth + 1)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            a, b = literal(left, values, depth + 1), literal(right, values, depth + 1)
            return (a[0] + b[0],) if a and b and len(a) == len(b) == 1 else None
        case _:
            return None
