"""What GitHub tells a step about the event that started it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from migguard.errors import UsageError
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """A workflow's event. `pull_request` is its number; `fork` says that the token cannot write to this repository."""

    name: str
    repository: str
    commit: str
    pull_request: int | None = None
    fork: bool = False


def read_event(environ: Mapping[str, str]) -> Event:
    """The event of this step. Raises UsageError where the event file cannot be read."""
    path = environ.get("GITHUB_EVENT_PATH")
    content: dict[str, Any] = {}
    if path:
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"the event file {path} cannot be read: {error}") from None
    repository = environ.get("GITHUB_REPOSITORY", "")
    pull = content.get("pull_request")
    pull = pull if isinstance(pull, dict) else {}
    head = pull.get("head") or {}
    source = (head.get("repo") or {}).get("full_name")
    return Event(
        environ.get("GITHUB_EVENT_NAME", ""),
        repository,
        head.get("sha") or environ.get("GITHUB_SHA", ""),
        pull.get("number") if isinstance(pull.get("number"), int) else None,
        fork=bool(pull) and source != repository,
    )
