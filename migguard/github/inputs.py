"""The inputs of the action, as action.yml hands them over: `INPUT_*` in the environment."""

from __future__ import annotations

from collections.abc import Mapping

from migguard.errors import UsageError

YES, NO = ("true", "yes", "1"), ("false", "no", "0", "")


class Inputs:
    """The inputs of the action, each checked where it is asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        """An input as it was given; empty where it was not."""
        return self._environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()

    def line(self, name: str) -> str:
        """An input of one line. Raises UsageError for more: it would add to what the step tells the runner."""
        value = self.text(name)
        if len(value.splitlines()) > 1:
            raise UsageError(f"the input {name} has several lines", hint="it is one")
        return value

    def flag(self, name: str) -> bool:
        """An input that is true or false. Raises UsageError for anything else."""
        value = self.text(name).lower()
        if value not in (*YES, *NO):
            raise UsageError(f"the input {name} is {self.text(name)!r}", hint="it is true or false")
        return value in YES

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        """An input that is one of a few words. Raises UsageError for any other."""
        value = self.text(name)
        if value not in among:
            raise UsageError(f"the input {name} is {value!r}", hint=f"it is one of {', '.join(among)}")
        return value
