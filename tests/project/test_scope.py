"""What is new, as git and the command line tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.errors import ScopeError
from migguard.project.config import find_project
from migguard.project.graph import read_graph
from migguard.project.scope import Scope, Wish, find_scope
from tests.cli.projects import BLOCKING, UNBLOCK, Project, environment, script

VERSIONS = "migrations/versions"
pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of continuous integration, and no configuration of a user's git."""
    import os

    wanted = environment()
    for name in set(os.environ) - set(wanted):
        monkeypatch.delenv(name)
    for name in set(wanted) - set(os.environ):
        monkeypatch.setenv(name, wanted[name])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """a1a1 and b2b2 are on main; the work tree is on a branch of it."""
    made = Project(tmp_path / "shop").lay_out()
    made.revision(
        "b2b2", "a1a1", 'op.add_column("users", sa.Column("name", sa.Text()))', 'op.drop_column("users", "name")'
    )
    made.commit()
    made.git("checkout", "--quiet", "-b", "feature")
    return made


def scope(
    project: Project,
    *revisions: str,
    base: str | None = "main",
    since: str | None = None,
    everything: bool = False,
    setting: str | None = None,
    **variables: str,
) -> Scope:
    """The scope of a check in the project."""
    found = find_project(project.root)
    return find_scope(found, read_graph(found), Wish(revisions, since, base, everything), setting, variables)


def changed(found: Scope) -> list[tuple[str, str]]:
    return [(c.revision, c.kind) for c in found.changed]


# --- what was done to a file --------------------------------------------------------------------------------------


def test_nothing_was_done(project: Project) -> None:
    found = scope(project)
    assert (found.new, found.changed, found.untracked) == (frozenset(), (), ())
    assert "no new revisions" in found.description


def test_a_committed_revision_is_new(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    found = scope(project)
    assert found.new == {"c3c3"}
    assert found.base_heads == ("b2b2",)
    assert found.untracked == ()


def test_an_untracked_revision_is_new_and_said_to_be_untracked(project: Project) -> None:
    path = project.revision("c3c3", "b2b2")
    found = scope(project)
    assert found.new == {"c3c3"}
    assert found.untracked == (path.resolve(),)


def test_an_ignored_revision_is_new_and_said_to_be_ignored(project: Project) -> None:
    project.write(".gitignore", "c3c3*\n")
    path = project.revision("c3c3", "b2b2")
    found = scope(project)
    assert found.new == {"c3c3"}
    assert found.ignored == (path.resolve(),)


def test_a_staged_revision_is_new(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.git("add", "--all")
    found = scope(project)
    assert (found.new, found.untracked) == ({"c3c3"}, ())


@pytest.mark.parametrize("committed", [True, False])
def test_an_edited_revision_is_told_and_not_new(project: Project, committed: bool) -> None:
    project.revision("b2b2", "a1a1", 'op.add_column("users", sa.Column("nick", sa.Text()))')
    if committed:
        project.commit()
    found = scope(project)
    assert found.new == frozenset()
    assert changed(found) == [("b2b2", "edited")]


def test_comments_docstrings_and_formatting_are_free(project: Project) -> None:
    source = script(
        "b2b2",
        "a1a1",
        'op.add_column(\n    "users",\n    sa.Column("name", sa.Text()),  # why\n)',
        'op.drop_column("users", "name")',
    )
    source = source.replace("does it.", "does it well.\n\nAt length.").replace(
        "def upgrade():", 'def upgrade():\n    """Up."""'
    )
    project.write(f"{VERSIONS}/b2b2_x.py", source.replace("\n", "\r\n"))
    assert changed(scope(project)) == []


def test_another_parent_is_told(project: Project) -> None:
    source = (project.root / f"{VERSIONS}/b2b2_x.py").read_text()
    project.write(f"{VERSIONS}/b2b2_x.py", source.replace("down_revision = 'a1a1'", "down_revision = None"))
    found = scope(project)
    assert changed(found) == [("b2b2", "reparented")]
    assert found.changed[0].line == 7


def test_a_deleted_revision_is_told(project: Project) -> None:
    (project.root / f"{VERSIONS}/b2b2_x.py").unlink()
    assert changed(scope(project)) == [("b2b2", "deleted")]


def test_a_renamed_file_is_neither_new_nor_changed(project: Project) -> None:
    project.git("mv", f"{VERSIONS}/b2b2_x.py", f"{VERSIONS}/b2b2_add_name.py")
    found = scope(project)
    assert (found.new, found.changed) == (frozenset(), ())


@pytest.mark.parametrize("committed", [True, False])
def test_a_renamed_and_edited_file_is_edited(project: Project, committed: bool) -> None:
    (project.root / f"{VERSIONS}/b2b2_x.py").unlink()
    project.write(f"{VERSIONS}/b2b2_y.py", script("b2b2", "a1a1", 'op.drop_table("users")'))
    if committed:
        project.commit()
    found = scope(project)
    assert found.new == frozenset()
    assert changed(found) == [("b2b2", "edited")]


@pytest.mark.parametrize("name", ["b2b2_x.py", "c3c3_x.py"])
def test_another_id_for_the_same_work_is_told_and_not_new(project: Project, name: str) -> None:
    source = (project.root / f"{VERSIONS}/b2b2_x.py").read_text()
    (project.root / f"{VERSIONS}/b2b2_x.py").unlink()
    project.write(f"{VERSIONS}/{name}", source.replace("b2b2", "c3c3"))
    found = scope(project)
    assert found.new == frozenset()
    assert changed(found) == [("c3c3", "renamed")]
    assert found.changed[0].before == "b2b2"


def test_another_revision_in_its_place_is_new_and_the_old_one_gone(project: Project) -> None:
    (project.root / f"{VERSIONS}/b2b2_x.py").unlink()
    project.revision("c3c3", "a1a1", 'op.drop_table("users")')
    found = scope(project)
    assert found.new == {"c3c3"}
    assert changed(found) == [("b2b2", "deleted")]


def test_a_revision_that_is_broken_now_is_not_gone(project: Project) -> None:
    project.write(f"{VERSIONS}/b2b2_x.py", "def (")
    assert changed(scope(project)) == []


def test_a_revision_whose_id_is_computed_is_known_at_the_base(project: Project) -> None:
    source = script("x", "b2b2").replace("'x'", "''.join(('c3', 'c3'))")
    project.write(f"{VERSIONS}/c3c3.py", source)
    project.commit()
    project.git("branch", "--force", "main")
    done = project.run("check", "--base", "main", "--format", "json")
    assert done.code == 0
    assert [r["revision"] for r in done.report["revisions"] if r["checked"]] == []
    assert done.codes.isdisjoint({"MG106", "MG107"})


# --- what the findings say of it ----------------------------------------------------------------------------------


def test_what_was_merged_is_not_checked_again_and_its_tables_stay_existing(project: Project) -> None:
    project.revision("b2b2", "a1a1", 'op.drop_column("users", "id")')
    project.revision("c3c3", "a1a1", BLOCKING, UNBLOCK)
    done = project.run("check", "--base", "main", "--format", "json")
    assert done.code == 1
    assert {"MG106", "MG401", "MG109"} <= done.codes
    assert "MG302" not in done.codes
    assert {f["revision"] for f in done.report["findings"] if f["code"] == "MG401"} == {"c3c3"}


def test_another_id_is_said_with_both(project: Project) -> None:
    path = project.root / f"{VERSIONS}/b2b2_x.py"
    path.write_text(path.read_text().replace("b2b2", "c3c3"))
    done = project.run("check", "--base", "main", "--format", "json")
    [finding] = [f for f in done.report["findings"] if f["code"] == "MG106"]
    assert "b2b2" in finding["message"]
    assert "c3c3" in finding["message"]
    assert "MG107" not in done.codes


# --- the base -----------------------------------------------------------------------------------------------------


def on_main(project: Project, revision: str = "m3m3") -> None:
    """A revision that somebody else merged meanwhile."""
    project.git("checkout", "--quiet", "main")
    project.revision(revision, "b2b2")
    project.commit()
    project.git("checkout", "--quiet", "feature")


def test_what_was_merged_meanwhile_is_neither_new_nor_deleted(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    on_main(project)
    found = scope(project)
    assert (found.new, found.changed) == ({"c3c3"}, ())
    assert found.base_heads == ("m3m3",)


def test_a_branch_that_took_the_base_in_is_compared_with_its_tip(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    on_main(project)
    project.git("merge", "--quiet", "--no-edit", "main")
    assert scope(project).new == {"c3c3"}


def test_a_detached_head(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    project.git("checkout", "--quiet", "--detach")
    project.git("branch", "--delete", "--force", "feature")
    assert scope(project).new == {"c3c3"}


def test_the_merge_commit_that_continuous_integration_checks_out(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    on_main(project)
    project.git("checkout", "--quiet", "--detach", "main")
    project.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    assert scope(project).new == {"c3c3"}


@pytest.mark.parametrize("base", ["main", "HEAD~1", "v1"])
def test_a_base_is_whatever_git_takes_for_a_commit(project: Project, base: str) -> None:
    project.git("tag", "v1")
    project.revision("c3c3", "b2b2")
    project.commit()
    assert scope(project, base=base).new == {"c3c3"}


def test_a_base_that_looks_like_an_option_is_none(project: Project) -> None:
    with pytest.raises(ScopeError):
        scope(project, base="--output=x")
    assert not (project.root / "x").exists()


def clone(project: Project) -> Project:
    """A clone whose origin is the project."""
    target = Project(project.root.parent / "clone")
    project.git("clone", "--quiet", project.root.as_uri(), str(target.root))
    return target


@pytest.mark.parametrize("variable", ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"])
def test_continuous_integration_names_the_target(project: Project, variable: str) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    copy = clone(project)
    copy.git("checkout", "--quiet", "--detach")
    found = scope(copy, base=None, **{variable: "main"})
    assert found.new == {"c3c3"}
    assert "origin/main" in found.description


def test_a_base_on_the_command_line_goes_before_that_of_continuous_integration(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    assert scope(project, base="HEAD", GITHUB_BASE_REF="main").new == frozenset()


def test_that_of_continuous_integration_goes_before_the_setting(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.commit()
    assert scope(project, base=None, setting="HEAD", GITHUB_BASE_REF="main").new == {"c3c3"}
    assert scope(project, base=None, setting="HEAD").new == frozenset()


def test_the_default_branch_of_origin_is_the_last_resort(project: Project) -> None:
    project.git("checkout", "--quiet", "main")
    copy = clone(project)
    copy.revision("c3c3", "b2b2")
    found = scope(copy, base=None)
    assert found.new == {"c3c3"}
    assert "origin/HEAD" in found.description


def test_without_a_base_all_are_new_and_it_says_why(project: Project) -> None:
    found = scope(project, base=None)
    assert found.new == {"a1a1", "b2b2"}
    assert found.description == "all (no base branch): 2 revisions"


# --- where the project lies ---------------------------------------------------------------------------------------


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    top = Project(tmp_path / "mono")
    inner = Project(top.root / "services/shop db").lay_out()
    top.commit()
    top.git("checkout", "--quiet", "-b", "feature")
    inner.revision("b2b2", "a1a1")
    top.write(f"services/other/{VERSIONS}/zzzz_x.py", script("zzzz", None))
    found = scope(inner)
    assert found.new == {"b2b2"}
    assert [p.name for p in found.untracked] == ["b2b2_x.py"]


def test_a_work_tree_beside_the_repository(project: Project) -> None:
    project.git("worktree", "add", "--quiet", "-b", "second", str(project.root.parent / "second"), "main")
    second = Project(project.root.parent / "second")
    second.revision("c3c3", "b2b2")
    assert scope(second).new == {"c3c3"}
    assert scope(project).new == frozenset()


def test_a_folder_that_is_reached_by_a_symbolic_link(project: Project) -> None:
    link = project.root.parent / "link"
    link.symlink_to(project.root)
    path = Project(link).revision("c3c3", "b2b2")
    found = scope(Project(link))
    assert found.new == {"c3c3"}
    assert found.untracked == (path.resolve(),)


def test_names_that_are_not_ascii(tmp_path: Path) -> None:
    project = Project(tmp_path / "büro").lay_out()
    project.write(f'{VERSIONS}/é "x".py', script("b2b2", "a1a1"))
    project.commit()
    project.git("checkout", "--quiet", "-b", "feature")
    assert scope(project).new == frozenset()
    assert scope(project).changed == ()


def test_version_locations_that_moved_are_still_known(project: Project) -> None:
    project.git("mv", VERSIONS, "migrations/released")
    ini = (project.root / "alembic.ini").read_text()
    project.write("alembic.ini", ini + "path_separator = os\nversion_locations = %(here)s/migrations/released\n")
    project.write("migrations/released/c3c3_x.py", script("c3c3", "b2b2"))
    project.commit()
    found = scope(project)
    assert (found.new, found.changed) == ({"c3c3"}, ())
    assert found.base_heads == ("b2b2",)


def test_old_files_below_a_flat_version_location_are_no_revisions_of_the_base(project: Project) -> None:
    project.git("checkout", "--quiet", "main")
    project.write(f"{VERSIONS}/archive/old.py", script("0000", None))
    project.write(f"{VERSIONS}/__init__.py", "")
    project.commit()
    project.git("checkout", "--quiet", "-b", "third")
    assert scope(project).changed == ()


def test_an_empty_base(tmp_path: Path) -> None:
    """The project's first revisions."""
    project = Project(tmp_path / "shop")
    project.write("README.md", "")
    project.commit()
    project.git("checkout", "--quiet", "-b", "feature")
    project.lay_out()
    found = scope(project)
    assert (found.new, found.base_heads) == ({"a1a1"}, ())


# --- by name ------------------------------------------------------------------------------------------------------


def test_names_on_the_command_line_go_before_everything(project: Project) -> None:
    found = scope(project, "b2b2", since="a1a1", everything=True)
    assert found.new == {"b2b2"}
    assert found.base_heads is None


@pytest.mark.parametrize(
    ("words", "new"),
    [
        (("a1a1:b2b2",), {"b2b2"}),
        (("a1a1:",), {"b2b2", "c3c3"}),
        ((":b2b2",), {"a1a1", "b2b2"}),
        (("base:head",), {"a1a1", "b2b2", "c3c3"}),
        (("head",), {"c3c3"}),
        (("a1", "c3"), {"a1a1", "c3c3"}),
        (("head-1:head",), {"c3c3"}),
        (("c3c3:a1a1",), set()),
    ],
)
def test_ranges(project: Project, words: tuple[str, ...], new: set[str]) -> None:
    project.revision("c3c3", "b2b2")
    assert scope(project, *words).new == new


def test_since_takes_the_descendants_that_are_no_ancestors(project: Project) -> None:
    project.revision("c3c3", "b2b2")
    project.revision("d4d4", "a1a1")
    assert scope(project, since="b2b2").new == {"c3c3"}
    assert scope(project, since="base").new == {"a1a1", "b2b2", "c3c3", "d4d4"}
    assert scope(project, since="head").new == frozenset()


def test_since_takes_a_branch_that_is_merged_behind_it(project: Project) -> None:
    """An upgrade of a database that stands there runs it, whenever it was begun."""
    project.revision("c3c3", "b2b2")
    project.revision("d4d4", "a1a1")
    text = script("e5e5", "c3c3").replace("down_revision = 'c3c3'", "down_revision = ('c3c3', 'd4d4')")
    project.write(f"{VERSIONS}/e5e5.py", text)
    assert scope(project, since="b2b2").new == {"c3c3", "d4d4", "e5e5"}


# --- what else the branch changes ---------------------------------------------------------------------------------


def test_application_code_is_what_is_neither_migration_nor_test(project: Project) -> None:
    """Committed or not; documents and other languages are no code of ours."""
    for name in ("app/models.py", "tests/test_models.py", "test_more.py", "README.md", f"{VERSIONS}/c3c3.py"):
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert [p.name for p in scope(project).code] == ["models.py"]


def test_a_contracting_revision_beside_code_is_told_where_phases_are_kept(project: Project) -> None:
    """MG113 is off by default; `phases = true` turns it on."""
    (project.root / "app.py").write_text("print('new')\n")
    project.revision("c3c3", "b2b2", 'op.drop_column("users", "name")')
    project.commit()
    assert "MG113" not in project.run("check", "--base", "main", "--format", "json").codes
    settings = project.root / "migguard.toml"
    settings.write_text(settings.read_text() + "phases = true\n")
    assert "MG113" in project.run("check", "--base", "main", "--format", "json").codes
