"""Plain command lines read without Typer's machinery, which takes as long to start as the rest of a short check.

What a command takes is told by the same declarations. Whatever is not entirely plain (an unknown option, a value that
is missing or unfit, `--help`, several short options in one word) is left to Typer, and so are all error messages.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any

from typer.models import ArgumentInfo, OptionInfo


def plain(function: Callable[..., Any], words: Sequence[str]) -> dict[str, Any] | None:
    """The arguments that Typer would call the command with; None where that is for Typer to say."""
    hints = typing.get_type_hints(function, include_extras=True)
    values = {name: p.default for name, p in inspect.signature(function).parameters.items()}
    options: dict[str, tuple[str, Any]] = {}
    rest = None
    for name in values:
        kind, info = declared(hints[name])
        if isinstance(info, ArgumentInfo) and kind == list[str]:
            rest = name
        elif isinstance(info, OptionInfo) and kind in (bool, str, Path, float, list[str]) and not info.envvar:
            words_of = (info.default, *(info.param_decls or ()))  # Typer takes the first word for a default
            options |= {w: (name, kind) for w in words_of if isinstance(w, str) and w.startswith("-")}
        else:
            return None
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("-"):
            if rest is None:
                return None
            values[rest] = [*(values[rest] or ()), word]
            continue
        spelled, equals, given = word.partition("=")
        if spelled not in options or (equals and not word.startswith("--")):
            return None
        name, kind = options[spelled]
        if kind is bool:
            if equals:
                return None
            values[name] = True
            continue
        text = given if equals else next(waiting, "-")
        if text.startswith("-") or not text:
            return None
        if kind == list[str]:
            values[name] = [*(values[name] or ()), text]
        elif (made := converted(kind, text)) is None:
            return None
        else:
            values[name] = made
    return values


def declared(hint: Any) -> tuple[Any, Any]:
    """The type of a parameter without None, and what Typer is told of it."""
    if typing.get_origin(hint) is not typing.Annotated:
        return hint, None
    kind, info = typing.get_args(hint)[:2]
    members = [k for k in typing.get_args(kind) if k is not NoneType]
    return members[0] if NoneType in typing.get_args(kind) and len(members) == 1 else kind, info


def converted(kind: Any, text: str) -> Any:
    """A value of the option's type; None where the text is none."""
    if kind is float:
        return float(text) if text.replace(".", "", 1).isdecimal() else None
    return kind(text)
