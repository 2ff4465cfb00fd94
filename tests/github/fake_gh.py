"""A `gh` that keeps comments in a file and every call in another: what it is asked, and what it answers."""

import json
import os
import sys
from pathlib import Path

PAGE = 2
"""Comments in one answer: few, so that a test needs few to see several pages."""

state = Path(os.environ["FAKE_GH"])
held = json.loads((state / "comments.json").read_text())
arguments = sys.argv[1:]
fed = sys.stdin.read() if arguments[-2:] == ["--input", "-"] else ""
with open(state / "calls.jsonl", "a") as calls:
    calls.write(json.dumps({"arguments": arguments, "fed": fed, "token": os.environ.get("GH_TOKEN")}) + "\n")
if (state / "refuse").exists():
    sys.exit((state / "refuse").read_text())
match arguments:
    case ["api", "graphql", "--paginate", *fields]:
        assert "number=1" in fields
        assert {"owner=acme", "name=shop"} <= set(fields)
        assert any(field.startswith("query=") for field in fields)
        for start in range(0, max(len(held), 1), PAGE):
            nodes = held[start : start + PAGE]
            sys.stdout.write(json.dumps({"data": {"repository": {"pullRequest": {"comments": {"nodes": nodes}}}}}))
    case ["api", "--method", "POST", "repos/acme/shop/issues/1/comments", "--input", "-"]:
        made = {"databaseId": 100 + len(held), "body": json.loads(fed)["body"], "viewerDidAuthor": True}
        assert len(made["body"]) <= 65_536
        (state / "comments.json").write_text(json.dumps([*held, made]))
    case ["api", "--method", "PATCH", path, "--input", "-"]:
        one = next(c for c in held if path == f"repos/acme/shop/issues/comments/{c['databaseId']}")
        one["body"] = json.loads(fed)["body"]
        (state / "comments.json").write_text(json.dumps(held))
    case _:
        sys.exit(f"unknown to this gh: {arguments}")
