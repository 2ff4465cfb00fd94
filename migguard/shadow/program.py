"""The program that runs the migrations and sets attributes of Alembic's Config first, which env.py then asks for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any

from alembic.config import Config

CONNECTION = "connection"
"""What Alembic's cookbook calls the connection that a program shares with env.py."""


class Asked(dict[str, Any]):
    """A Config's `attributes`: it remembers what was asked for and is not there, unless the code goes on without it."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self.missed: dict[str, None] = {}

    def __missing__(self, key: str) -> Any:
        self.missed[key] = None
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        if not found and isinstance(key, str):
            self.missed[key] = None
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """As a dict does it."""
        if default is None and not super().__contains__(key):
            self.missed[key] = None
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """As a dict does it."""
        if default in ((), (None,)) and not super().__contains__(key):
            self.missed[key] = None
        return super().pop(key, *default)


class Program:
    """Gives env.py what it could not go on without: the connection a real one, all else a stand-in.

    `stood_in` are the expressions that the stand-ins are the values of; `lacking` those of what it was not given.
    """

    def __init__(self) -> None:
        self.stood_in: list[str] = []
        self.lacking: list[str] = []
        self.connected = False

    def runs(self, config: Config, connect: Callable[[], Any], *, stand_ins: bool) -> None:
        """From here on, remember what that Config is asked for; `stand_ins` may be given for it."""
        self._config = config
        self._stand_ins = stand_ins
        self._connect = connect
        given = config.attributes
        self._asked = given if isinstance(given, Asked) else Asked(given)
        vars(config)["attributes"] = self._asked
        self._asked.missed.clear()

    def gives(self, error: BaseException | None = None) -> bool:
        """Give env.py what it lacked when it raised, or did nothing; False where that is nothing of the program's."""
        name = missing_attribute(self._config, error)
        if name is not None:
            return self._give(vars(self._config), name, f"config.{name}", f"config.{name}")
        lacking = [key for key in self._asked.missed if not dict.__contains__(self._asked, key)]
        self._asked.missed.clear()
        if CONNECTION in lacking:
            self._asked[CONNECTION], self.connected = self._connect(), True
            return True
        given = [
            self._give(self._asked, key, f"config.attributes[{key!r}]", f"config.attributes.{key}") for key in lacking
        ]
        return any(given)

    def _give(self, among: dict[str, Any], name: str, expression: str, path: str) -> bool:
        if not self._stand_ins:
            self.lacking.append(expression)
            return False
        from migguard.shadow.standins import Holds

        among[name] = Holds(path)
        self.stood_in.append(expression)
        return True

    def with_reason(self, reason: str) -> str:
        """Why env.py could not be run, with what it asks the program for."""
        names = list(dict.fromkeys((*self.stood_in, *self.lacking)))
        if not names:
            return reason
        verb = "are" if len(names) > 1 else "is"
        said = f"{' and '.join(names)} {verb} set by the program that runs it, and not known here"
        return f"{reason.removesuffix('.')} ({said})"


def missing_attribute(config: Config, error: BaseException | None) -> str | None:
    """The attribute of a Config that something raised for not finding it, unless it is a misspelling of one it has."""
    for one in chain(error):
        if isinstance(one, AttributeError) and one.obj is config and isinstance(one.name, str):
            public = not one.name.startswith("_") and one.name not in vars(config)
            return one.name if public and not difflib.get_close_matches(one.name, dir(config), 1, 0.8) else None
    return None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
