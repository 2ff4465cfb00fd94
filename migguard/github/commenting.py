"""The step of the GitHub Action that writes on the pull request what the check left for it. It runs with the token."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from migguard.errors import MigguardError
from migguard.github.comment import CommentError, marker, publish
from migguard.github.event import read_event
from migguard.github.runner import say


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Run the step. A comment that could not be written is said and fails nothing."""
    try:
        event = read_event(environ)
        content = json.loads(Path(environ["COMMENT_FILE"]).read_text(encoding="utf-8"))
        mark = marker(content["project"])
        done = publish(event, mark, content["body"], create=content["create"], environ=environ)
    except (MigguardError, CommentError) as error:
        say("warning", f"the pull request was not commented on: {error} (it needs `permissions: pull-requests: write`)")
        return 0
    sys.stdout.write(f"migguard: {done}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
