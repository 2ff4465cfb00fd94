"""What PostgreSQL's own functions take and give back, as far as defaults call them.

Source: src/include/catalog/pg_proc.dat. Overloads stand in the order in which the server prefers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

TEXT, NAME, INT, BIG, DOUBLE, NUMERIC = "text", "name", "integer", "bigint", "double precision", "numeric"
ZONED, PLAIN, DATE, INTERVAL = "timestamp with time zone", "timestamp without time zone", "date", "interval"


@dataclass(frozen=True, slots=True)
class Signature:
    """The types of a function's arguments and of its result. `any_types`: it takes whatever it is given."""

    arguments: tuple[str, ...]
    result: str
    any_types: bool = False


def same(names: str, arguments: tuple[str, ...], result: str) -> Iterator[tuple[str, Signature]]:
    """The signature that several functions have."""
    for name in names.split():
        yield name, Signature(arguments, result)


def listed() -> Iterator[tuple[str, Signature]]:
    """Every signature known here."""
    yield from same("now clock_timestamp statement_timestamp transaction_timestamp", (), ZONED)
    yield from same("gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4", (), "uuid")
    yield from same("random pi", (), DOUBLE)
    yield from same("txid_current", (), BIG)
    yield from same("pg_backend_pid", (), INT)
    yield from same("version timeofday", (), TEXT)
    yield from same("current_database current_schema", (), NAME)
    yield from same("lower upper initcap md5 reverse btrim ltrim rtrim quote_literal quote_ident", (TEXT,), TEXT)
    yield from same("length char_length ascii", (TEXT,), INT)
    yield from same("substr substring", (TEXT, INT, INT), TEXT)
    yield from same("substr substring left right repeat", (TEXT, INT), TEXT)
    yield from same("replace translate", (TEXT, TEXT, TEXT), TEXT)
    yield from same("lpad rpad", (TEXT, INT, TEXT), TEXT)
    yield from same("split_part", (TEXT, TEXT, INT), TEXT)
    yield from same("btrim ltrim rtrim", (TEXT, TEXT), TEXT)
    yield from same("encode", ("bytea", TEXT), TEXT)
    yield from same("decode", (TEXT, TEXT), "bytea")
    yield from same("gen_random_bytes", (INT,), "bytea")
    yield from same("to_timestamp", (DOUBLE,), ZONED)
    yield from same("to_timestamp", (TEXT, TEXT), ZONED)
    yield from same("to_date", (TEXT, TEXT), DATE)
    for moment in (ZONED, PLAIN, INTERVAL, NUMERIC, INT, BIG, DOUBLE):
        yield from same("to_char", (moment, TEXT), TEXT)
    yield from same("timezone", (TEXT, ZONED), PLAIN)
    yield from same("timezone", (TEXT, PLAIN), ZONED)
    for moment in (ZONED, PLAIN, INTERVAL):
        yield from same("date_trunc", (TEXT, moment), moment)
    for moment in (ZONED, PLAIN, DATE, INTERVAL):
        yield from same("date_part", (TEXT, moment), DOUBLE)
    yield from same("current_setting", (TEXT,), TEXT)
    yield from same("current_setting", (TEXT, "boolean"), TEXT)
    yield from same("string_to_array", (TEXT, TEXT), "text[]")
    yield from same("to_tsvector", (TEXT,), "tsvector")
    for kind in (DOUBLE, NUMERIC):
        yield from same("floor ceil ceiling round trunc abs", (kind,), kind)
    for kind in (INT, BIG):
        yield from same("abs", (kind,), kind)
    for name, kind in (("concat", TEXT), ("json_build_object", "json"), ("jsonb_build_object", "jsonb"),
                       ("json_build_array", "json"), ("jsonb_build_array", "jsonb")):  # fmt: skip
        yield name, Signature((), kind, any_types=True)


SIGNATURES: dict[str, list[Signature]] = {}
for _name, _signature in listed():
    SIGNATURES.setdefault(_name, []).append(_signature)

EXTENSIONS = frozenset({"uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_random_bytes"})
"""Those of them that are no part of the server itself: where they live is the user's choice."""

KEYWORD_CALLS = frozenset(
    {"substring", "left", "right", "overlay", "position", "trim", "between", "bigint", "bit", "boolean", "char",
     "character", "dec", "decimal", "float", "int", "integer", "interval", "numeric", "precision", "real", "row",
     "smallint", "time", "timestamp", "varchar", "values"}
)  # fmt: skip
"""Names that the server puts into quotes where they name a function."""

PROMOTED = {
    (INT, BIG), (INT, NUMERIC), (INT, DOUBLE), (BIG, NUMERIC), (BIG, DOUBLE), (NUMERIC, DOUBLE), ("smallint", INT),
    ("smallint", BIG), ("smallint", NUMERIC), ("smallint", DOUBLE), ("real", DOUBLE), ("character varying", TEXT),
    (NAME, TEXT), (DATE, PLAIN), (DATE, ZONED), (PLAIN, ZONED),
}  # fmt: skip
"""Casts that the server makes without being told, and shows."""

NUMBERS = ("smallint", INT, BIG, NUMERIC, DOUBLE)
"""The types of numbers, each of which arithmetic turns into those behind it."""
