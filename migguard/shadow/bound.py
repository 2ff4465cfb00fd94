"""The rows that an INSERT with parameters makes, for the script to read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from migguard.catalog.copying import replace
from migguard.changes import Change, Insert


def with_values(change: Change, parameters: Any) -> Change:
    """An INSERT with its parameters in their places, as far as they are named after their columns; else the change."""
    if not isinstance(change, Insert) or len(change.values) != 1 or not parameters:
        return change
    sets = parameters if isinstance(parameters, list) else [parameters]
    if not all(isinstance(one, Mapping) for one in sets):
        sets = [dict(zip(unknown(change), one, strict=False)) for one in sets if fits(change, one)]
    made: Any = tuple(tuple(cell(change, place, one) for place in range(len(change.columns))) for one in sets)
    return replace(change, values=made, rows=len(made)) if made else change


def unknown(change: Insert) -> list[str]:
    """The columns whose values are not written out."""
    return [c for c, value in zip(change.columns, change.values[0], strict=False) if value is None]


def fits(change: Insert, one: Any) -> bool:
    """Whether parameters without names are the values that are not written out, one for each."""
    return isinstance(one, Sequence) and not isinstance(one, (str, bytes)) and len(one) == len(unknown(change))


def cell(change: Insert, place: int, one: Mapping[str, Any]) -> Any:
    """One value."""
    written = change.values[0][place] if place < len(change.values[0]) else None
    return one.get(change.columns[place]) if written is None else written
