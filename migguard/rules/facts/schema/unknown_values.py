"""Values and names in a statement that are those of a module which is not installed: what they are is not known."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from migguard.changes import (
    AddEnumValue,
    AlterColumnType,
    Change,
    Comment,
    CreateEnum,
    DataType,
    Delete,
    Expression,
    Grant,
    Insert,
    Merge,
    ModifyColumn,
    Name,
    Opaque,
    Select,
    Update,
)
from migguard.placeholders import placeholders

OfRows = Insert | Update | Delete | Merge | Select


def unknown_values(change: Change) -> tuple[str, ...]:
    """What stands for them in a change's expressions and labels; a value in rows changes nothing of what it does."""
    labels = change.labels if isinstance(change, CreateEnum) else ()
    values = (*labels, change.value) if isinstance(change, AddEnumValue) else labels
    found = [one for text in values for one in placeholders(text)]
    for expression in expressions(change):
        seen = placeholders(expression.text)
        found += [one for one in seen if not (isinstance(change, OfRows) and quoted(one, expression.text))]
    return tuple(dict.fromkeys(found))


def quoted(part: str, text: str) -> bool:
    """Whether a part of an expression stands in a text of it."""
    return text.partition(part)[0].count("'") % 2 == 1


def unknown_names(change: Change) -> tuple[str, ...]:
    """What stands for names in a change, but for that of the table that it works on."""
    match change:
        case Insert():
            texts: Iterator[str] = iter(change.columns)
        case Update():
            texts = (name for name, _ in change.assignments)
        case Delete() | Merge() | Select() | Comment() | Grant() | Opaque():
            return ()
        case AlterColumnType() | ModifyColumn():
            texts = names(change, getattr(change, "table", None), types=True)
        case _:
            texts = names(change, getattr(change, "table", None))
    return tuple(dict.fromkeys(found for text in texts for found in placeholders(text)))


def names(value: object, but: object, *, types: bool = False) -> Iterator[str]:
    """The names that a value holds, wherever in it, but for one; and what types say, where that is asked for."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from names(one, but, types=types)
    elif isinstance(value, Name):
        if value != but:
            yield value.name
    elif isinstance(value, Expression) or (isinstance(value, DataType) and not types):
        return
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from names(getattr(value, one.name), but, types=types)


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
