"""Cut a text into its statements: scripts in `op.execute`, and dumps."""

from __future__ import annotations

import re
from typing import NamedTuple

from migguard.changes import Engine
from migguard.sql.tokenizers import tokenize
from migguard.sql.tokens import Token, Unread


class Piece(NamedTuple):
    """One statement of a text, and the line on which it begins, counted from 1."""

    text: str
    line: int


COPY_DATA = re.compile(r"^COPY [^;]*? FROM stdin;[^\n]*\n.*?^\\\.[^\n]*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
META_COMMAND = re.compile(r"^\\[a-z!?][^\n]*$", re.IGNORECASE | re.MULTILINE)
CONDITIONAL = re.compile(r"/\*!\d*(.*?)\*/", re.DOTALL)
DELIMITER = re.compile(r"^DELIMITER\s+(\S+)[^\n]*$(.*?)^DELIMITER\s+;", re.IGNORECASE | re.MULTILINE | re.DOTALL)


def blank(match: re.Match[str]) -> str:
    """As many lines as the match has, empty: what follows keeps its line."""
    return "\n" * match[0].count("\n")


def readable(text: str, engine: Engine) -> str:
    """A dump without what its own client understands: psql's commands and data, mysql's conditional comments."""
    if engine is Engine.POSTGRESQL and "\\" in text:
        text = META_COMMAND.sub(blank, COPY_DATA.sub(blank, text))
    if engine in (Engine.MYSQL, Engine.MARIADB):
        text = CONDITIONAL.sub(lambda m: f" {m[1]} ", text)
        text = DELIMITER.sub(lambda m: m[2].replace(m[1], ";"), text)
    return text


def split(sql: str, engine: Engine) -> tuple[Piece, ...]:
    """The statements of a text. One that cannot be cut into tokens comes back whole, as one piece."""
    sql = readable(sql, engine)
    try:
        tokens = tokenize(sql, engine)
    except Unread:
        return (Piece(sql.strip(), 1),)
    found: list[Piece] = []
    current: list[Token] = []
    depth, blocks = 0, 0
    for token in tokens:
        word = token.word
        depth += (word == "(") - (word == ")")
        if current and opens_block(word, current, blocks, engine):
            blocks += 1
        elif word == "END" and blocks:
            blocks -= 1
        if word == ";" and depth <= 0 and blocks == 0:
            if current:
                found.append(piece(sql, current))
            current = []
        else:
            current.append(token)
    if current:
        found.append(piece(sql, current))
    return tuple(found)


def piece(sql: str, tokens: list[Token]) -> Piece:
    """The text from the first to the last token."""
    start = tokens[0].start
    return Piece(sql[start : tokens[-1].end], sql.count("\n", 0, start) + 1)


ROUTINES = ("FUNCTION", "PROCEDURE", "TRIGGER", "EVENT")


def opens_block(word: str, current: list[Token], blocks: int, engine: Engine) -> bool:
    """Whether a word opens a block whose semicolons belong to the statement: BEGIN of a routine, CASE and IF in it."""
    if current[0].word != "CREATE" or not any(t.word in ROUTINES for t in current[:8]):
        return False
    if word == "BEGIN":
        return True
    if not blocks or (engine is Engine.POSTGRESQL and word != "CASE"):
        return False
    previous = current[-1].word
    return (
        word in ("CASE", "IF", "LOOP", "WHILE", "REPEAT")
        and previous != "END"
        and not (word == "IF" and previous in ("DROP", "TABLE"))
    )
