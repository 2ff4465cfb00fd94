"""What the process returns."""

import subprocess
import sys
from pathlib import Path

CRASH = """
import sys
import migguard.pipeline
from migguard.cli.main import main

def crash(*arguments):
    raise RuntimeError("the replay fell over")

migguard.pipeline.run = crash
sys.argv = ["migguard", "check"]
main()
"""


def test_a_crash_is_no_finding(tmp_path: Path) -> None:
    """Exit code 1, which Python gives to an exception, would say that something was checked."""
    command = [sys.executable, "-c", CRASH]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "RuntimeError: the replay fell over" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("migguard: this is a bug in migguard")
