"""The pages under docs/rules are those of the rules."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "rule_pages.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_pages_are_current() -> None:
    done = run("--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.thorough
def test_what_is_not_current_is_named_and_mended(tmp_path: Path) -> None:
    assert run("--check", "--folder", tmp_path).returncode == 1
    assert run("--folder", tmp_path).returncode == 0
    assert run("--check", "--folder", tmp_path).returncode == 0
    (tmp_path / "MG401.md").write_text("edited by hand")
    (tmp_path / "MG402.md").unlink()
    (tmp_path / "MG499.md").write_text("a rule that is gone")
    done = run("--check", "--folder", tmp_path)
    assert done.returncode == 1
    named = [Path(line.split()[0]).name for line in done.stderr.splitlines()[:-1]]
    assert named == ["MG401.md", "MG402.md", "MG499.md"]
    run("--folder", tmp_path)
    assert run("--check", "--folder", tmp_path).returncode == 0
    assert not (tmp_path / "MG499.md").exists()


def test_every_rule_has_its_line_in_the_list(tmp_path: Path) -> None:
    run("--folder", tmp_path)
    listed = (tmp_path / "README.md").read_text()
    pages = sorted(path.stem for path in tmp_path.glob("MG*.md"))
    assert pages
    assert all(f"[{code}]({code}.md)" in listed for code in pages)
