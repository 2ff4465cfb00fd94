"""A check in a process of its own, for callers whose process has an application loaded that a replay must not touch.

python -m migguard.check_process REQUEST OUTCOME, both pickles: what `Checking` runs.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from migguard.errors import AnalysisError, MigguardError
from migguard.project.checkout import Background

if TYPE_CHECKING:
    from migguard.pipeline import Checked, Request

TIMEOUT = 3600
"""Seconds that a whole check may take; each revision has a limit of its own."""


class Checking:
    """A check on its way: `content` waits for what it came to, `opened` reads that."""

    def __init__(self, request: Request) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="migguard-check-")
        asked, self._outcome = Path(self._scratch.name, "request"), Path(self._scratch.name, "outcome")
        asked.write_bytes(pickle.dumps((request, sys.path)))
        self._process: Background | None = Background(
            "migguard.check_process", [str(asked), str(self._outcome)], request.here
        )

    def content(self) -> bytes:
        """What the process wrote, as bytes that can be handed on. Raises AnalysisError where it did not end well."""
        assert self._process is not None
        with self._scratch:
            failed = self._process.failed(TIMEOUT)
            self._process = None
            if failed is not None:
                raise AnalysisError(f"the migrations could not be checked: {failed}")
            return self._outcome.read_bytes()

    def stop(self) -> None:
        """Nobody will ask."""
        if self._process is not None:
            self._process.stop()
            self._process = None
            self._scratch.cleanup()


def opened(content: bytes) -> Checked:
    """The outcome of a check that a process of ours wrote. Raises the mistake of the user's that ended it."""
    outcome = pickle.loads(content)
    if isinstance(outcome, tuple):
        kind, message, hint = cast("tuple[type[MigguardError], str, str | None]", outcome)
        raise kind(message, hint=hint)
    return cast("Checked", outcome)


def main(arguments: list[str]) -> int:
    """Run the check that a file asks for, and write down what it came to."""
    from migguard.pipeline import run

    asked, outcome = map(Path, arguments)
    request, paths = pickle.loads(asked.read_bytes())
    sys.path.extend(p for p in paths if p not in sys.path)
    try:
        found: Checked | tuple[type[MigguardError], str, str | None] = run(request)
    except MigguardError as error:
        found = (type(error), error.message, error.hint)
    outcome.write_bytes(pickle.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
