"""What a missing object is, told by its name and by how the code is written that uses it."""

from __future__ import annotations

import dis
import sys
from types import FrameType, FunctionType

TYPE_WORDS = ("Type", "TypeDecorator", "String", "Text", "Integer", "JSON", "UUID", "Uuid", "GUID", "Enum", "DateTime",
              "Vector",
              "Geometry", "Encrypted", "Column", "Array", "ARRAY", "BLOB", "Blob", "Binary", "Numeric", "Timestamp",
              "TIMESTAMP")  # fmt: skip


def is_capitalized(name: str) -> bool:
    """Whether a name is written as those of classes are."""
    return name[:1].isupper() and name != name.upper()


def looks_like_type(name: str) -> bool:
    """Whether something is named like a column type."""
    return name.endswith(TYPE_WORDS) and name[:1].isupper() and name != "Column"


def decorates(thing: FunctionType | type) -> bool:
    """Whether the call that is running is a decorator's: its result is kept under the name of what it was given.

    A function may be registered by it, or handed on; not so where nobody takes the result.
    """
    frame = sys._getframe(2)
    following = next(
        i
        for i in dis.get_instructions(frame.f_code)
        if i.offset > frame.f_lasti and i.opname not in ("CACHE", "CALL", "PRECALL")
    )
    if isinstance(thing, FunctionType):
        return thing.__name__ != "<lambda>" and following.opname != "POP_TOP"
    return following.opname.startswith("STORE_") and following.argval == thing.__name__


def asked_for(frame: FrameType) -> int:
    """How many elements the code that a frame is at takes from something: 0 for `**`, else 1.

    An assignment to several names takes as many as they are.
    """
    now = next((i for i in dis.get_instructions(frame.f_code) if i.offset == frame.f_lasti), None)
    if now is None:
        return 1
    if now.opname in ("DICT_MERGE", "DICT_UPDATE"):
        return 0  # names of arguments, mostly: one that nobody knows would be refused
    if now.opname == "UNPACK_SEQUENCE":
        return now.arg or 0
    if now.opname == "UNPACK_EX":
        return (now.arg or 0) % 256 + (now.arg or 0) // 256
    return 1
