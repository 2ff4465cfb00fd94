"""action.yml, run as GitHub runs it: real scripts, a real repository, and a `gh` that remembers what it is asked."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.github.conftest import Forge
from tests.github.runner import ActionRun

pytestmark = pytest.mark.thorough

ZEROS = "0" * 40
MARK = "<!-- migguard: . -->"


def test_it_installs_itself_from_its_own_folder(installed: tuple[Path, ActionRun]) -> None:
    python, done = installed
    assert not done.failed, done.everything
    assert done.steps["install"].outputs["python"] == str(python)
    asked = "import migguard; print(migguard.__file__)"
    found = subprocess.run([python, "-P", "-c", asked], cwd="/", capture_output=True, text=True, check=True).stdout
    assert Path(found).is_relative_to(python.parent.parent)


def test_findings_fail_the_job_and_stand_at_their_lines(forge: Forge) -> None:
    done = forge.begin().blocking().pull_request()
    assert done.failed
    assert (done.outputs["exit-code"], done.outputs["errors"]) == ("1", "1")
    report = json.loads(Path(done.outputs["report-json"]).read_text(encoding="utf-8"))
    assert [r["revision"] for r in report["revisions"] if r["checked"]] == ["b2b2"]
    found = {a.properties["title"]: a for a in done.annotations}["MG401 blocking-index-build"]
    assert found.level == "error"
    [expected] = report["findings"]
    source = (forge.origin.root / "migrations/versions/b2b2_x.py").read_text(encoding="utf-8")
    line = source.splitlines()[expected["line"] - 1]
    assert found.properties == {
        "file": "migrations/versions/b2b2_x.py",
        "line": str(expected["line"]),
        "endLine": str(expected["line"]),
        "col": str(line.index("op.") + 1),
        "endColumn": str(len(line) + 1),
        "title": "MG401 blocking-index-build",
    }


def test_the_summary_and_the_comment_say_the_same_and_link_to_the_head(forge: Forge) -> None:
    done = forge.begin().blocking().pull_request()
    [comment] = forge.comments
    assert comment.startswith(f"{MARK}\n## 🛑 migguard: 1 error")
    head = forge.origin.git("rev-parse", "feature")
    for text in (comment, done.summary):
        assert f"https://github.com/acme/shop/blob/{head}/migrations/versions/b2b2_x.py#L" in text
        assert "SHARE on <code>users</code> | writes | <code>users</code>" in text
        assert '+    op.create_index("ix_users_email", "users", ["email"], postgresql_concurrently=True)' in text


def test_the_log_is_for_people(forge: Forge) -> None:
    done = forge.begin().blocking().pull_request()
    assert "Building ix_users_email blocks every write to users until it ends." in done.steps["check"].log
    assert "1 error" in done.steps["check"].log


def test_only_the_step_that_comments_has_the_token(forge: Forge) -> None:
    asked = "import os\nop.create_index('ix_' + os.environ.get('GH_TOKEN', 'without'), 'users', ['email'])"
    done = forge.begin().blocking(text=asked).pull_request()
    assert "ix_without" in done.summary
    assert {call["token"] for call in forge.calls} == {"ghs_token"}
    assert "ghs_token" not in done.everything + done.summary


def test_a_clean_pull_request_gets_no_comment(forge: Forge) -> None:
    done = forge.begin().harmless().pull_request()
    assert not done.failed, done.everything
    assert done.outputs["exit-code"] == "0"
    assert forge.comments == []
    assert done.summary.startswith("## ✅ migguard: nothing to object to")


def test_a_clean_pull_request_gets_a_folded_comment_where_one_is_always_wanted(forge: Forge) -> None:
    forge.begin().harmless().pull_request(comment="always")
    [comment] = forge.comments
    assert comment.startswith(f"{MARK}\n<details><summary>✅ migguard: nothing to object to</summary>")


def test_a_comment_is_brought_up_to_date_and_not_written_twice(forge: Forge) -> None:
    forge.begin().blocking().pull_request()
    forge.comment("first!", "second", "third", *forge.comments)
    forge.harmless().pull_request()
    assert forge.comments[:3] == ["first!", "second", "third"]
    assert forge.comments[3].startswith(f"{MARK}\n<details><summary>✅")
    assert len(forge.comments) == 4
    before = len(forge.calls)
    forge.pull_request()
    assert [c["arguments"][1] for c in forge.calls[before:]] == ["graphql"]


def test_a_comment_of_somebody_else_is_left_alone(forge: Forge) -> None:
    forge.begin().blocking()
    forge.comment(f"{MARK}\nnothing to see here", own=False)
    forge.pull_request()
    assert forge.comments[0] == f"{MARK}\nnothing to see here"
    assert forge.comments[1].startswith(f"{MARK}\n## 🛑")


def test_a_fork_gets_annotations_and_a_summary_and_no_comment(forge: Forge) -> None:
    done = forge.begin().blocking().pull_request(head="stranger/shop")
    assert done.outputs["exit-code"] == "1"
    assert "MG401 blocking-index-build" in {a.properties["title"] for a in done.annotations}
    assert "comment" not in done.steps
    assert forge.calls == []
    assert any("comes from a fork" in a.text for a in done.annotations)


def test_a_fork_is_refused_where_its_scripts_would_have_the_token(forge: Forge) -> None:
    forge.begin().blocking()
    head = {"sha": forge.origin.git("rev-parse", "feature"), "ref": "feature", "repo": {"full_name": "stranger/shop"}}
    payload = {"pull_request": {"number": 1, "head": head, "base": {"ref": "main"}}}
    done = forge.run("pull_request_target", payload, forge.merge_commit(), {})
    assert done.outputs["exit-code"] == "2"
    assert any("run on pull_request" in a.text for a in done.annotations)


def test_no_comment_is_written_where_none_is_wanted(forge: Forge) -> None:
    done = forge.begin().blocking().pull_request(comment="never")
    assert done.outputs["exit-code"] == "1"
    assert forge.calls == []


def test_what_cannot_be_commented_is_a_warning(forge: Forge) -> None:
    forge.begin().blocking()
    (forge.state / "refuse").write_text("gh: Resource not accessible by integration (HTTP 403)", encoding="utf-8")
    done = forge.pull_request()
    assert done.steps["comment"].code == 0
    [said] = [a for a in done.steps["comment"].annotations if a.level == "warning"]
    assert "Resource not accessible by integration (HTTP 403)" in said.text
    assert "pull-requests: write" in said.text


def test_a_push_is_held_against_what_was_there_before(forge: Forge) -> None:
    forge.begin().blocking()
    before, after = forge.origin.git("rev-parse", "main"), forge.origin.git("rev-parse", "feature")
    done = forge.run("push", {"before": before, "after": after}, after, {})
    assert done.outputs["exit-code"] == "1"
    assert f"since the merge base with {before}" in done.summary
    assert forge.calls == []
    assert f"blob/{after}/" in done.summary


@pytest.mark.parametrize("before", [ZEROS, "1" * 40])
def test_a_new_branch_and_a_forced_push_are_held_against_the_default_branch(forge: Forge, before: str) -> None:
    """What was there before is nothing, or is gone; taking everything as new would find nothing to object to."""
    forge.begin().blocking()
    after = forge.origin.git("rev-parse", "feature")
    payload = {
        "before": before,
        "after": after,
        "forced": before != ZEROS,
        "ref": "refs/heads/feature",
        "repository": {"default_branch": "main"},
    }
    done = forge.run("push", payload, after, {})
    assert done.outputs["exit-code"] == "1"
    assert "origin/main" in done.summary


def test_a_merge_group_is_held_against_its_base(forge: Forge) -> None:
    forge.begin().blocking()
    merged = forge.merge_commit()
    payload = {"merge_group": {"base_sha": forge.origin.git("rev-parse", "main"), "head_sha": merged}}
    done = forge.run("merge_group", payload, merged, {})
    assert done.outputs["exit-code"] == "1"
    assert forge.calls == []


def test_a_shallow_clone_is_told_how_to_mend(forge: Forge) -> None:
    forge.begin().blocking()
    merged = forge.merge_commit()
    head = {"sha": merged, "ref": "feature", "repo": {"full_name": "acme/shop"}}
    payload = {"pull_request": {"number": 1, "head": head, "base": {"ref": "main"}}}
    done = forge.run("pull_request", payload, merged, {}, shallow=True)
    assert done.failed
    assert done.outputs["exit-code"] == "2"
    assert done.outputs["errors"] == done.outputs["report-json"] == ""
    [said] = [a.text for a in done.annotations if a.level == "error"]
    assert "shallow" in said
    assert "fetch-depth: 0" in said
    assert "fetch&#45;depth" not in done.summary
    assert "fetch-depth: 0" in done.summary
    assert forge.comments == []


def test_a_project_in_a_folder_is_annotated_at_its_place_in_the_repository(forge: Forge) -> None:
    done = forge.begin("services/shop").blocking("services/shop").pull_request(**{"working-directory": "services/shop"})
    places = {a.properties.get("file") for a in done.annotations if "file" in a.properties}
    assert places == {"services/shop/migrations/versions/b2b2_x.py"}
    assert forge.comments[0].startswith("<!-- migguard: services/shop -->")


def test_each_project_of_a_repository_has_its_comment(forge: Forge) -> None:
    forge.begin("shop", "stock").blocking("shop").blocking("stock")
    for folder in ("shop", "stock", "shop"):
        forge.pull_request(**{"working-directory": folder})
    assert [c.splitlines()[0] for c in forge.comments] == ["<!-- migguard: shop -->", "<!-- migguard: stock -->"]


NAMES = ("x|<script>alert(1)</script>", "`@everyone`", "::error::%0A", "<!-- -->", "a\n::error::b", "##[error]c")


def test_a_name_is_no_command_and_no_markup(forge: Forge) -> None:
    done = (
        forge.begin()
        .blocking(text="\n".join(f"op.create_index({n!r}, 'users', ['email'])" for n in NAMES))
        .pull_request()
    )
    assert done.outputs["exit-code"] == "1"
    assert {a.properties["title"][:2] for a in done.annotations} == {"MG"}
    for name in NAMES:
        assert any(name in a.text for a in done.annotations)
    plain = re.sub(r"^(`{3,}).*?^\1$", "", done.summary, flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"<(\w+|!--)", plain)) <= {"code", "details", "summary", "b", "a", "sub", "br"}
    assert "@everyone" not in plain


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"comment": "sometimes"}, "always, findings, never"),
        ({"annotations": "perhaps"}, "true or false"),
        ({"working-directory": "nowhere"}, "no folder"),
        ({"sarif": "a\nb=c"}, "one"),
        ({"args": "--no-such-option"}, "no-such-option"),
        ({"args": "--help"}, "something else"),
        ({"config": "nowhere.ini"}, "nowhere.ini"),
        ({"rehearse": "true"}, "does not rehearse"),
    ],
)
def test_a_mistake_in_an_input_is_one_annotation(forge: Forge, given: dict[str, str], said: str) -> None:
    done = forge.begin().harmless().pull_request(**given)
    assert done.failed
    assert done.outputs["exit-code"] in ("2", "3")
    [error] = [a.text for a in done.annotations if a.level == "error"]
    assert said in error


def test_a_python_that_is_not_there_is_one_annotation(forge: Forge) -> None:
    done = forge.begin().harmless().pull_request(python="python-of-nobody")
    assert list(done.steps) == ["install"]
    assert "actions/setup-python" in done.annotations[0].text


def test_code_scanning_gets_its_file(forge: Forge) -> None:
    done = forge.begin().blocking().pull_request(sarif="migguard.sarif")
    log = json.loads(Path(done.outputs["sarif-file"]).read_text(encoding="utf-8"))
    [place] = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["runs"][0]["results"]}
    assert place == "migrations/versions/b2b2_x.py"


def test_modules_of_the_checkout_take_no_others_place(forge: Forge) -> None:
    forge.begin().blocking()
    for name in ("json.py", "migguard.py", "typer.py"):
        forge.origin.write(name, "raise SystemExit('taken over')")
    forge.origin.commit()
    done = forge.pull_request()
    assert done.outputs["exit-code"] == "1"
    assert "taken over" not in done.everything


def test_what_github_would_drop_is_named(forge: Forge) -> None:
    calls = "\n".join(f'op.create_index("ix_{i}", "users", ["email"])' for i in range(14))
    done = forge.begin().blocking(text=calls).pull_request()
    assert done.steps["check"].dropped == 0
    errors = [a for a in done.annotations if a.level == "error"]
    assert len(errors) == 10
    left = int(done.outputs["errors"]) - 10 + max(int(done.outputs["warnings"]) - 10, 0)
    assert [a.text for a in done.annotations if a.level == "notice"][-1].startswith(f"{left} more are not shown here")
    assert done.summary.count("<b>MG401</b>") == 14
