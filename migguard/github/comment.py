"""One comment on a pull request, found again by a hidden marker and kept up to date, by the `gh` of the runner."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from migguard.github.event import Event

TIMEOUT = 60


class CommentError(Exception):
    """GitHub did not take the comment; the message says why."""


def marker(project: str) -> str:
    """The hidden mark of a project's comment: a monorepo has one for each of its projects."""
    return f"<!-- migguard: {project.replace('--', '- -')} -->"


def publish(event: Event, mark: str, body: str, *, create: bool, environ: Mapping[str, str]) -> str:
    """Write the comment, or write the one that is there anew; what was done, in words. Raises CommentError.

    Without `create` a comment is only brought up to date: what is clean again must not keep saying otherwise.
    """
    assert event.pull_request is not None
    where = f"repos/{event.repository}/issues"
    pages = gh(["api", "--paginate", "--slurp", f"{where}/{event.pull_request}/comments?per_page=100"], environ)
    mine = [c for page in json.loads(pages or "[]") for c in page if str(c.get("body", "")).startswith(mark)]
    content = json.dumps({"body": f"{mark}\n{body}"})
    if mine:
        if str(mine[0]["body"]).replace("\r\n", "\n").strip() == f"{mark}\n{body}".strip():
            return "the comment is up to date"
        gh(["api", "--method", "PATCH", f"{where}/comments/{int(mine[0]['id'])}", "--input", "-"], environ, content)
        return "the comment was brought up to date"
    if not create:
        return "no comment is needed"
    gh(["api", "--method", "POST", f"{where}/{event.pull_request}/comments", "--input", "-"], environ, content)
    return "a comment was written"


def gh(arguments: list[str], environ: Mapping[str, str], feed: str = "") -> str:
    """What the GitHub command line prints. Raises CommentError."""
    try:
        done: subprocess.CompletedProcess[Any] = subprocess.run(
            ["gh", *arguments],
            input=feed.encode(),
            capture_output=True,
            env=dict(environ),
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise CommentError("the command gh is not on this runner") from None
    except subprocess.TimeoutExpired:
        raise CommentError(f"GitHub did not answer within {TIMEOUT} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise CommentError(said[0] if said else f"gh ended with {done.returncode}")
    return str(done.stdout.decode(errors="replace"))
