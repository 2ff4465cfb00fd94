"""sqlglot's trees, for statements over rows and for queries. What a tree does not explain is not guessed at."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from migguard.changes import Engine
from migguard.sql.tokens import DIALECTS, Unread


@lru_cache(maxsize=1)
def quiet() -> None:
    """Keep sqlglot's remarks about commands it does not know from the user: they are findings of ours."""
    logging.getLogger("sqlglot").addFilter(lambda record: "unsupported syntax" not in record.getMessage())


def parse(sql: str, engine: Engine) -> Any:
    """The tree of one statement. Raises Unread for a syntax error, and for what sqlglot only takes as a command."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    quiet()
    text = prepared(sql)
    try:
        trees = sqlglot.parse(text, read=DIALECTS[engine])
    except SqlglotError as error:
        plain = unreserved(text)
        if plain == text:
            raise Unread(reason(error)) from None
        try:
            trees = sqlglot.parse(plain, read=DIALECTS[engine])
        except SqlglotError:
            raise Unread(reason(error)) from None
    except RecursionError:
        raise Unread("it is nested too deeply") from None
    except (TypeError, AttributeError):  # sqlglot's own, as of an operator that it takes for two
        raise Unread("its grammar was not understood") from None
    found = [t for t in trees if t is not None and not isinstance(t, exp.Semicolon)]  # a comment behind the last one
    if len(found) != 1:
        raise Unread("it is not one statement")
    if isinstance(found[0], exp.Command):
        raise Unread("it was not understood beyond its first word")
    return found[0]


def reason(error: Exception) -> str:
    """The first line of a parse error, without the decoration for terminals."""
    errors = getattr(error, "errors", None)
    if errors:
        first = errors[0]
        near = (first.get("highlight") or "").strip()
        return f"{first.get('description', 'syntax error').rstrip('.')}{f' near {near[:40]!r}' if near else ''}"
    return " ".join(str(error).split())[:100]


def prepared(sql: str) -> str:
    """A statement as the driver gets it, with placeholders that the tokenizer takes for values.

    `%(name)s` becomes `:name`, `%s` becomes `?`, `%%` becomes `%`; strings and everything else stay.
    """
    if "%" not in sql:
        return sql
    out, at, quote = [], 0, ""
    while at < len(sql):
        char = sql[at]
        if quote:
            if char == quote:
                quote = ""
            elif char == "%" and sql[at + 1 : at + 2] == "%":
                at += 1
        elif char in "'\"`":
            quote = char
        elif char == "%":
            following = sql[at + 1 : at + 2]
            if following == "%":
                at += 1
            elif following == "s":
                out.append("?")
                at += 2
                continue
            elif following == "(" and (end := sql.find(")s", at)) > 0:
                name = sql[at + 2 : end]
                out.append(":" + "".join(c if c.isalnum() else "_" for c in name))
                at = end + 2
                continue
        out.append(char)
        at += 1
    return "".join(out)


def value_tree(text: str, engine: Engine) -> Any:
    """The tree of one expression; None where there is none, or more than one."""
    from sqlglot import exp

    try:
        tree = parse(f"SELECT {text}", engine)
    except Unread:
        return None
    return tree.expressions[0] if isinstance(tree, exp.Select) and len(tree.expressions) == 1 else None


def unreserved(sql: str) -> str:
    """A statement whose placeholders are no keywords: `:key`, which a tokenizer may take for one, becomes `:key_`."""
    out, at, quote = [], 0, ""
    while at < len(sql):
        char = sql[at]
        out.append(char)
        at += 1
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == ":" and sql[at : at + 1].isalpha() and sql[at - 2 : at - 1] != ":":
            start = at
            while sql[at : at + 1].isalnum() or sql[at : at + 1] == "_":
                at += 1
            out.append(f"{sql[start:at]}_")
    return "".join(out)
