"""The mistakes that end a run: each says what, where and what to do next.

A finding is not an error: errors are for what stops migguard from looking at all.
"""

from __future__ import annotations

from collections.abc import Callable


class MigguardError(Exception):
    """A run cannot go on. `hint` says what the user does next; `exit_code` is what the process returns."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Callable[..., MigguardError], tuple[type[MigguardError], str, str | None]]:
        return again, (type(self), self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(MigguardError):
    """An option or a setting that cannot be used as given."""


class ProjectError(MigguardError):
    """The Alembic project cannot be found or its configuration cannot be read."""


class ScopeError(MigguardError):
    """What is new cannot be told: an unknown revision or git reference, a clone too shallow to compare."""


class AnalysisError(MigguardError):
    """Something that had to be analysed could not be: never a silent success."""

    exit_code = 3


def again(kind: type[MigguardError], message: str, hint: str | None) -> MigguardError:
    """An error that came from another process."""
    return kind(message, hint=hint)
