"""The JSON of each command is a contract: every key, its type, also where there is nothing to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from tests.cli.projects import BLOCKING, UNBLOCK, Project

Severity = Literal["error", "warning", "notice"]
MAYBE_TEXT = str | None
MAYBE_NUMBER = int | None
FINDING: dict[str, Any] = {
    "code": str,
    "name": str,
    "severity": Severity,
    "message": str,
    "advice": MAYBE_TEXT,
    "lock": MAYBE_TEXT,
    "revision": MAYBE_TEXT,
    "direction": Literal["upgrade", "downgrade"] | None,
    "path": MAYBE_TEXT,
    "line": MAYBE_NUMBER,
    "column": MAYBE_NUMBER,
    "end_line": MAYBE_NUMBER,
    "end_column": MAYBE_NUMBER,
    "sql": MAYBE_TEXT,
    "table": MAYBE_TEXT,
    "verified": bool,
    "suppressed": bool,
    "reason": MAYBE_TEXT,
    "fingerprint": str,
    "fixable": bool,
    "probe": MAYBE_TEXT,
}
CHECK: dict[str, Any] = {
    "schema_version": Literal[1],
    "tool": {"name": Literal["migguard"], "version": str},
    "project": {"config": str, "dialect": str, "server_version": str, "scope": str},
    "revisions": [
        {
            "revision": str,
            "down_revision": [str],
            "path": str,
            "checked": bool,
            "replay": Literal["full", "partial", "failed"],
            "statements": int,
        }
    ],
    "findings": [FINDING],
    "failures": [{"message": str, "hint": MAYBE_TEXT}],
    "summary": {
        "error": int,
        "warning": int,
        "notice": int,
        "suppressed": int,
        "statements": int,
        "understood": int,
    },
}
SQL: dict[str, Any] = {
    "schema_version": Literal[1],
    "statements": [
        {
            "revision": str,
            "direction": Literal["upgrade", "downgrade"],
            "path": MAYBE_TEXT,
            "line": MAYBE_NUMBER,
            "sql": str,
            "transaction": int,
            "understood": bool,
            "locks": [{"table": str, "mode": str}],
            "blocks": Literal["nothing", "writes", "reads-and-writes"],
            "rewrites": [str],
            "scans": [str],
            "builds": [str],
            "algorithm": Literal["INSTANT", "NOCOPY", "INPLACE", "COPY"] | None,
            "lock": Literal["NONE", "SHARED", "EXCLUSIVE"] | None,
        }
    ],
}
RULES: list[Any] = [
    {
        "code": str,
        "name": str,
        "severity": Literal["error", "warning", "notice", "off"],
        "summary": str,
        "engines": [str],
        "guideline": bool,
    }
]


def unfit(value: Any, shape: Any, at: str = "$") -> list[str]:
    """Where a value is not of a shape: a mapping has these keys and no others, a list only members of its one shape."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at} is {value!r}"]
        wrong = [f"{at}.{key} is missing" for key in shape.keys() - value.keys()]
        wrong += [f"{at}.{key} is not in the contract" for key in value.keys() - shape.keys()]
        return wrong + [w for k in shape.keys() & value.keys() for w in unfit(value[k], shape[k], f"{at}.{k}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at} is {value!r}"]
        return [w for i, one in enumerate(value) for w in unfit(one, shape[0], f"{at}[{i}]")]
    kinds = [shape] if isinstance(shape, type) or get_origin(shape) is Literal else list(get_args(shape))
    for kind in kinds:
        if get_origin(kind) is Literal:
            if value in get_args(kind):
                return []
        elif type(value) is kind:  # no bool for an int
            return []
    return [f"{at} is {value!r}"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path).lay_out()
    made.revision("b2b2", "a1a1", BLOCKING, UNBLOCK)
    return made


def test_the_contract_is_able_to_fail() -> None:
    assert unfit({"a": 1}, {"a": str}) == ["$.a is 1"]
    assert unfit({"a": True}, {"a": int}) == ["$.a is True"]
    assert unfit({}, {"a": int}) == ["$.a is missing"]
    assert unfit({"b": 1}, {}) == ["$.b is not in the contract"]
    assert unfit({"a": ["x", 1]}, {"a": [str]}) == ["$.a[1] is 1"]
    assert unfit({"a": "z"}, {"a": Literal["x", "y"] | None}) == ["$.a is 'z'"]
    assert unfit({"a": None}, {"a": Literal["x", "y"] | None}) == []


def test_a_report_with_findings(project: Project) -> None:
    done = project.run("check", "--since", "a1a1", "--format", "json")
    assert done.code == 1
    assert unfit(done.report, CHECK) == []
    [finding] = [f for f in done.report["findings"] if f["code"] == "MG401"]
    path = "migrations/versions/b2b2_x.py"
    assert finding | {"fingerprint": "", "advice": "", "message": "", "lock": ""} == {
        "code": "MG401",
        "name": "blocking-index-build",
        "severity": "error",
        "message": "",
        "advice": "",
        "lock": "",
        "revision": "b2b2",
        "direction": "upgrade",
        "path": path,
        "line": 11,
        "column": 5,
        "end_line": 11,
        "end_column": 5 + len(BLOCKING),
        "sql": "CREATE INDEX ix_users_email ON users (email)",
        "table": "users",
        "verified": True,
        "suppressed": False,
        "reason": None,
        "fingerprint": "",
        "fixable": True,
        "probe": None,
    }
    assert done.report["project"] == {
        "config": "alembic.ini",
        "dialect": "postgresql",
        "server_version": "16",
        "scope": "since a1a1: 1 revision",
    }
    assert done.report["revisions"][1] == {
        "revision": "b2b2",
        "down_revision": ["a1a1"],
        "path": path,
        "checked": True,
        "replay": "full",
        "statements": 1,
    }


def test_a_report_without_findings(project: Project) -> None:
    done = project.run("check", "a1a1", "--format", "json", "--select", "MG4")
    assert done.code == 0
    assert unfit(done.report, CHECK) == []
    assert done.report["findings"] == []
    assert done.report["summary"] == {
        "error": 0,
        "warning": 0,
        "notice": 0,
        "suppressed": 0,
        "statements": 2,
        "understood": 2,
    }


def test_a_report_on_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path).lay_out()
    (tmp_path / "migrations/versions/a1a1_x.py").unlink()
    done = project.run("check", "--format", "json", "--ignore", "MG8")
    assert done.code == 0
    assert unfit(done.report, CHECK) == []
    assert done.report["revisions"] == done.report["findings"] == done.report["failures"] == []
    assert done.report["project"]["dialect"] == "postgresql"


def test_a_report_with_failures(project: Project) -> None:
    project.write("migrations/versions/c3c3_x.py", "1 / 0\n")
    done = project.run("check", "--format", "json")
    assert done.code == 3
    assert unfit(done.report, CHECK) == []
    assert len(done.report["failures"]) == 1


def test_a_report_of_a_partial_replay(project: Project) -> None:
    project.revision("c3c3", "b2b2", "op.drop_table('users')\nraise KeyError")
    done = project.run("check", "--format", "json")
    assert unfit(done.report, CHECK) == []
    assert {r["revision"]: r["replay"] for r in done.report["revisions"]}["c3c3"] == "partial"


def test_an_ignored_finding(project: Project) -> None:
    project.revision("b2b2", "a1a1", f"{BLOCKING}  # migguard: ignore[MG401] -- the table is small", UNBLOCK)
    done = project.run("check", "--since", "a1a1", "--format", "json", "--select", "MG401")
    assert done.code == 0
    assert unfit(done.report, CHECK) == []
    [finding] = done.report["findings"]
    assert (finding["suppressed"], finding["reason"]) == (True, "the table is small")
    assert done.report["summary"]["suppressed"] == 1
    assert done.report["summary"]["error"] == 0


def test_paths_are_relative_to_the_current_directory(project: Project) -> None:
    inside = Project(project.root / "migrations")
    done = inside.run("check", "-c", "../alembic.ini", "--since", "a1a1", "--format", "json")
    assert {f["path"] for f in done.report["findings"] if f["path"]} <= {"versions/b2b2_x.py", "env.py"}
    assert done.report["revisions"][0]["path"] == "versions/a1a1_x.py"
    beside = Project(project.root.parent)
    done = beside.run("check", "-c", str(project.root / "alembic.ini"), "--format", "json")
    assert done.report["revisions"][0]["path"] == f"{project.root.name}/migrations/versions/a1a1_x.py"
    assert done.report["project"]["config"] == f"{project.root.name}/alembic.ini"


def test_a_fingerprint_survives_moved_lines(project: Project) -> None:
    def fingerprint() -> str:
        done = project.run("check", "--since", "a1a1", "--format", "json", "--select", "MG401")
        [finding] = done.report["findings"]
        return str(finding["fingerprint"])

    before = fingerprint()
    project.revision("b2b2", "a1a1", f"\n\n# a comment\n{BLOCKING}", UNBLOCK)
    assert fingerprint() == before


def test_the_statements_of_a_revision(project: Project) -> None:
    done = project.run("sql", "--since", "a1a1", "--format", "json")
    assert done.code == 0
    assert unfit(done.report, SQL) == []
    assert done.report["statements"] == [
        {
            "revision": "b2b2",
            "direction": "upgrade",
            "path": "migrations/versions/b2b2_x.py",
            "line": 11,
            "sql": "CREATE INDEX ix_users_email ON users (email)",
            "transaction": 1,
            "understood": True,
            "locks": [{"table": "users", "mode": "SHARE"}],
            "blocks": "writes",
            "rewrites": [],
            "scans": ["users"],
            "builds": ["ix_users_email"],
            "algorithm": None,
            "lock": None,
        }
    ]


def test_the_statements_of_a_downgrade(project: Project) -> None:
    done = project.run("sql", "b2b2", "--downgrade", "--format", "json")
    assert unfit(done.report, SQL) == []
    [statement] = done.report["statements"]
    assert (statement["direction"], statement["sql"]) == ("downgrade", "DROP INDEX ix_users_email")
    assert statement["locks"] == [{"table": "users", "mode": "ACCESS EXCLUSIVE"}]


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "sqlite", "mssql", "oracle"])
def test_the_dialect_that_is_asked_for_is_replayed_whatever_the_url_is(project: Project, dialect: str) -> None:
    """env.py may fall back to a database for development."""
    project.write("migguard.toml", "")
    done = project.run("sql", "--since", "a1a1", "--dialect", dialect, "--format", "json")
    assert done.code == 0
    assert unfit(done.report, SQL) == []
    assert len(done.report["statements"]) == 1
    report = project.run("check", "--dialect", dialect, "--format", "json").report
    assert report["project"]["dialect"] == dialect
    assert unfit(report, CHECK) == []


def test_a_statement_that_nobody_understands(project: Project) -> None:
    project.revision("c3c3", "b2b2", 'op.execute("FROBNICATE users")')
    done = project.run("sql", "c3c3", "--format", "json")
    assert unfit(done.report, SQL) == []
    [statement] = done.report["statements"]
    assert statement["understood"] is False


def test_no_statements(project: Project) -> None:
    done = project.run("sql", "--since", "head", "--format", "json")
    assert (done.code, done.report) == (0, {"schema_version": 1, "statements": []})


def test_the_list_of_rules(project: Project) -> None:
    done = project.run("rules", "--format", "json")
    assert done.code == 0
    assert unfit(done.report, RULES) == []
    assert {"MG001", "MG401"} <= {r["code"] for r in done.report}
