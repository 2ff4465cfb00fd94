"""When PostgreSQL lets a value that was just added to an enum be used."""

from __future__ import annotations

from migguard.catalog.schema import Server


def usable_at_once(server: Server, *, type_is_new: bool) -> bool:
    """Whether a value may be used in the transaction that adds it. `type_is_new`: the type was made in it as well.

    Source: `check_safe_enum_use` in src/backend/utils/adt/enum.c. Up to 16 it knows only values made by CREATE TYPE
    itself; since 17 (commit af1d39584) also those of a type that the same transaction created.
    """
    return type_is_new and server.since(17)
