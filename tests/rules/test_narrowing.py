"""One change of a type: what is lost, what fails and what is rewritten are said once each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

FAILS, LOSES = "fails on values that it cannot hold", "loses values"
BOTH = "loses values, and fails on those that it cannot hold"


@pytest.mark.parametrize(
    ("old", "new", "using", "said", "fails"),
    [
        ("varchar(80)", "varchar(40)", "", FAILS, None),
        ("varchar(80)", "varchar(40)", "c::varchar(40)", LOSES, None),
        ("varchar(80)", "varchar(40)", "left(c, 40)", LOSES, None),
        ("bigint", "integer", "", FAILS, None),
        ("text", "integer", "c::integer", FAILS, "text that spells no integer"),
        ("text", "integer", "", None, "is refused"),
        ("numeric(10, 4)", "numeric(6, 2)", "", BOTH, None),
        ("numeric(10, 4)", "numeric(10, 2)", "", LOSES, None),
        ("numeric", "integer", "", LOSES, "a number beyond the range of integer"),
        ("double precision", "real", "", LOSES, "a number beyond the range of real"),
        ("timestamptz", "timestamp", "", LOSES, None),
        ("integer", "varchar(3)", "", None, "a value longer than 3 characters"),
    ],
)
def test_each_finding_says_something_else(
    tmp_path: Path, old: str, new: str, using: str, said: str | None, fails: str | None
) -> None:
    project = Project(tmp_path)
    released = project.revision(f'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, c {old})")')
    tail = f" USING {using}" if using else ""
    project.revision(f'op.execute("ALTER TABLE orders ALTER COLUMN c TYPE {new}{tail}")')
    found = run(replace(project.request(), everything=False, since=released)).report.findings
    by = {f.code: f for f in found if f.code in ("MG307", "MG409", "MG705")}
    assert set(by) == {"MG409"} | ({"MG307"} if said else set()) | ({"MG705"} if fails else set())
    assert said is None or f" {said}: " in by["MG307"].message
    assert fails is None or fails in by["MG705"].message
    probes = [f.probe for f in by.values() if f.probe is not None]
    assert len(set(probes)) == len(probes)
