"""Values in a statement that are those of a module which is not installed: what it checks or fills in is not known."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from migguard.changes import AddEnumValue, Change, CreateEnum, Expression
from migguard.placeholders import placeholders


def unknown_values(change: Change) -> tuple[str, ...]:
    """What stands for them in a change's expressions and labels."""
    labels = change.labels if isinstance(change, CreateEnum) else ()
    values = (*labels, change.value) if isinstance(change, AddEnumValue) else labels
    texts = (*values, *(e.text for e in expressions(change)))
    return tuple(dict.fromkeys(found for text in texts for found in placeholders(text)))


def expressions(value: object) -> Iterator[Expression]:
    """The expressions that a change holds, wherever in it."""
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from expressions(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from expressions(getattr(value, one.name))
