"""Where reports for people go: a terminal gets colours and wrapped lines, everything else plain lines in full width."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console, RenderableType
from rich.measure import Measurement

WIDEST = 10_000


class Terminal(Console):
    """Rich's console. It would end the process with exit code 1, which says that there are findings."""

    def on_broken_pipe(self) -> None:
        """Whoever reads has gone."""
        raise BrokenPipeError


def console(*, colour: bool, file: TextIO | None = None) -> Console:
    """A console on a stream, standard output by default. Without `colour` it writes no escape sequence at all."""
    stream = file if file is not None else sys.stdout
    return Terminal(
        file=stream,
        no_color=not colour,
        force_terminal=colour or None,
        color_system="auto" if colour else None,
        highlight=False,
        soft_wrap=not stream.isatty(),
    )


def show(part: RenderableType, to: Console) -> None:
    """Print a part of a report: wrapped on a terminal, in full width and without trailing blanks elsewhere."""
    if not to.soft_wrap:
        to.print(part)
        return
    wide = Console(width=WIDEST, color_system=None)
    width = max(Measurement.get(wide, wide.options, part).maximum, 1)
    with to.capture() as captured:
        to.width = width
        to.print(part, soft_wrap=False)
    to.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().removesuffix("\n").split("\n")))
