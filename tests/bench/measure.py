"""Whole processes, measured from outside: seconds and peak memory as the system accounts for them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one or several processes. `cpu` is user and system time, `peak` MiB of the largest of them."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commands measured in turn. A machine's speed drifts, so the ratios are taken pair by pair."""

    ours: tuple[Run, ...]
    theirs: tuple[Run, ...]

    @property
    def wall(self) -> float:
        """The median ratio of the times that a user waits."""
        return statistics.median(a.wall / b.wall for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def cpu(self) -> float:
        """The median ratio of the processors' time."""
        return statistics.median(a.cpu / b.cpu for a, b in zip(self.ours, self.theirs, strict=True))


def run(commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str], allowed: set[int]) -> Run:
    """Run commands, each reading what the one before it writes, and wait for all. The last may end as `allowed`."""
    began = time.monotonic()
    processes: list[subprocess.Popen[bytes]] = []
    for number, command in enumerate(commands):
        last = number == len(commands) - 1
        processes.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if last else subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )
        if number:
            earlier = processes[number - 1].stdout
            assert earlier is not None
            earlier.close()
    cpu, peak = 0.0, 0.0
    for number, process in enumerate(processes):
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu += used.ru_utime + used.ru_stime
        peak = max(peak, used.ru_maxrss / 1024)
        expected = allowed if number == len(processes) - 1 else {0}
        assert process.returncode in expected, f"{commands[number]} ended with {process.returncode}"
    return Run(time.monotonic() - began, cpu, peak)


def in_turn(ours: Callable[[], Run], theirs: Callable[[], Run], times: int) -> Pair:
    """Both, after one run each that does not count, in turn."""
    ours(), theirs()
    runs = [(ours(), theirs()) for _ in range(times)]
    return Pair(tuple(a for a, _ in runs), tuple(b for _, b in runs))
