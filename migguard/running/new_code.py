"""The models of the working tree, where new code runs before the migration does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migguard.models import Models, ModelTable
from migguard.running.load import Running

if TYPE_CHECKING:
    from migguard.drift.replayed import Drift


def new_code(drift: Drift | None, here: Path) -> Running:
    """What the replay saw of the models, with places relative to `here`; or why that is nothing."""
    if drift is None:
        return Running(None, 'drift = "off"')
    if drift.missing:
        return Running(None, f"{', '.join(drift.missing)} not installed here")
    if not drift.models:
        return Running(None, "env.py gives context.configure() no target_metadata with tables")
    return Running(Models("", tuple(placed(table, here) for table in drift.models)))


def placed(table: ModelTable, here: Path) -> ModelTable:
    """A table with places as users write them."""
    columns = tuple(replace(c, path=shown(c.path, here)) for c in table.columns)
    classes = tuple(replace(c, path=shown(c.path, here)) for c in table.classes)
    return replace(table, columns=columns, classes=classes, path=shown(table.path, here))


def shown(path: str | None, here: Path) -> str | None:
    """A path relative to the current directory, where it is below it."""
    if path is None or not Path(path).is_relative_to(here.resolve()):
        return path
    return Path(path).relative_to(here.resolve()).as_posix()
