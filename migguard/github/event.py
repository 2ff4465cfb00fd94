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
    """A workflow's event. `pull_request` is its number; `fork` says that its code comes from another repository."""

    name: str
    repository: str
    commit: str
    pull_request: int | None = None
    fork: bool = False


def read_event(environ: Mapping[str, str]) -> Event:
    """The event of this step. Raises UsageError where the event file cannot be read."""
    path = environ.get("GITHUB_EVENT_PATH")
    content: Any = {}
    if path:
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"the event file {path} cannot be read: {error}") from None
    repository = environ.get("GITHUB_REPOSITORY", "")
    pull = part(content, "pull_request")
    head = part(pull, "head")
    source = part(head, "repo").get("full_name")
    return Event(
        environ.get("GITHUB_EVENT_NAME", ""),
        repository,
        str(head.get("sha") or environ.get("GITHUB_SHA", "")),
        pull.get("number") if isinstance(pull.get("number"), int) else None,
        fork=bool(pull) and source != repository,
    )


def part(of: Any, name: str) -> dict[str, Any]:
    """An object inside an object; an empty one where there is none."""
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}
