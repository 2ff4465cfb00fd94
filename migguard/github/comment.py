"""One comment on a pull request, found again by a hidden marker and kept up to date, by the `gh` of the runner."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from migguard.github.event import Event

TIMEOUT = 60
QUERY = """
query($owner: String!, $name: String!, $number: Int!, $endCursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $endCursor) {
        nodes { databaseId body viewerDidAuthor }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


class CommentError(Exception):
    """GitHub did not take the comment; the message says why."""


def marker(project: str) -> str:
    """The hidden mark of a project's comment: a monorepo has one for each of its projects."""
    return f"<!-- migguard: {project.replace('--', '- -').replace('>', '')} -->"


def publish(event: Event, mark: str, body: str, *, create: bool, environ: Mapping[str, str]) -> str:
    """Write the comment, or write the one that is there anew; what was done, in words. Raises CommentError.

    Without `create` a comment is only brought up to date: what is clean again must not keep saying otherwise. Only a
    comment of our own counts: anybody can write one that begins with the mark.
    """
    where = f"repos/{event.repository}/issues"
    mine = [c for c in comments(event, environ) if c["viewerDidAuthor"] and str(c["body"]).startswith(mark)]
    text = f"{mark}\n{body}"
    content = json.dumps({"body": text})
    if mine:
        if str(mine[0]["body"]).replace("\r\n", "\n").strip() == text.strip():
            return "the comment is up to date"
        there = f"{where}/comments/{int(mine[0]['databaseId'])}"
        gh(["api", "--method", "PATCH", there, "--input", "-"], environ, content)
        return "the comment was brought up to date"
    if not create:
        return "no comment is needed"
    gh(["api", "--method", "POST", f"{where}/{event.pull_request}/comments", "--input", "-"], environ, content)
    return "a comment was written"


def comments(event: Event, environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The comments of the pull request, the oldest first. Raises CommentError."""
    owner, _, name = event.repository.partition("/")
    asked = ["-F", f"number={event.pull_request}", "-f", f"owner={owner}", "-f", f"name={name}", "-f", f"query={QUERY}"]
    answer = gh(["api", "graphql", "--paginate", *asked], environ).strip()
    try:
        while answer:  # one document a page
            page, end = json.JSONDecoder().raw_decode(answer)
            yield from page["data"]["repository"]["pullRequest"]["comments"]["nodes"]
            answer = answer[end:].lstrip()
    except (ValueError, KeyError, TypeError) as error:
        raise CommentError(f"gh gave an answer that cannot be read: {error!r}") from None


def gh(arguments: list[str], environ: Mapping[str, str], feed: str = "") -> str:
    """What the GitHub command line prints. Raises CommentError."""
    try:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            ["gh", *arguments],
            input=feed.encode(),
            capture_output=True,
            env=dict(environ) | elsewhere(environ),
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
    return done.stdout.decode(errors="replace")


def elsewhere(environ: Mapping[str, str]) -> dict[str, str]:
    """What gh must be told where the server is not github.com."""
    host = urlsplit(environ.get("GITHUB_SERVER_URL", "")).hostname
    if host in (None, "github.com"):
        return {}
    return {"GH_HOST": host, "GH_ENTERPRISE_TOKEN": environ.get("GH_TOKEN", "")}
