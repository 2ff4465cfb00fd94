"""What the rules said of a deployment in an earlier run: said again where they would be told the same.

That the replay is the same is for `shadow.ending` to say. Here is the rest of what rules are told: what env.py set, the
history against the base branch, and the running code's models.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from migguard.cache import evidence
from migguard.findings import Finding, Safe
from migguard.history import History, Late
from migguard.models import Models
from migguard.rules import run as rules
from migguard.rules.registry import Selection
from migguard.trace import Deployment

if TYPE_CHECKING:
    from migguard.shadow.ending import Ending


def possible(selection: Selection) -> bool:
    """Whether all rules are our own: what others hang on is not known."""
    return all(rule.module.startswith("migguard.rules.") for rule in selection.rules)


def told(deployment: Deployment, history: History, running: Models | None) -> str | None:
    """A digest of what rules are told besides the replay; None where it holds anything that is no plain value."""
    try:
        return evidence.digest(
            msgspec.json.encode((deployment.environment, history, running), enc_hook=plain, order="deterministic")
        )
    except (NotImplementedError, TypeError):
        return None


def plain(value: Any) -> str:
    """How a value that JSON does not know is written."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Late):
        return value.evidence
    raise NotImplementedError(type(value).__name__)


def hold(
    endings: Sequence[Ending | None], deployments: Sequence[Deployment], history: History, running: Models | None
) -> bool:
    """Whether what earlier runs said, in the place of a replay, would be said again."""
    return all(
        said(ending, deployment, history, running) is not None
        for ending, deployment in zip(endings, deployments, strict=True)
        if ending is not None and ending.known is not None
    )


def said(ending: Ending | None, deployment: Deployment, history: History, running: Models | None) -> rules.Said | None:
    """What the rules said in an earlier run; None where there was none, or where they would be told something else."""
    known = ending.known if ending is not None else None
    if known is None or known.told != told(deployment, history, running):
        return None
    findings, safe = cast("tuple[tuple[Finding, ...], tuple[Safe, ...]]", known.said)
    return rules.Said(list(findings), list(safe), [])


def keep(
    ending: Ending | None, deployment: Deployment, history: History, running: Models | None, found: rules.Said
) -> None:
    """Keep what the rules said, unless one of them failed."""
    if ending is not None and not found.failed:
        digest = told(deployment, history, running)
        if digest is not None:
            ending.keep(digest, (tuple(found.findings), tuple(found.safe)))
