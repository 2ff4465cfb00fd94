"""The names that a server chooses, and how it quotes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from migguard.catalog.schema import Catalog
from migguard.changes import Engine, IndexElement
from migguard.placeholders import is_placeholder

RESERVED = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "between",
        "bigint",
        "binary",
        "bit",
        "boolean",
        "both",
        "case",
        "cast",
        "char",
        "character",
        "check",
        "coalesce",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "dec",
        "decimal",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "exists",
        "extract",
        "false",
        "fetch",
        "float",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "greatest",
        "group",
        "grouping",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "inout",
        "int",
        "integer",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "json_array",
        "json_arrayagg",
        "json_exists",
        "json_object",
        "json_objectagg",
        "json_query",
        "json_scalar",
        "json_serialize",
        "json_table",
        "json_value",
        "lateral",
        "leading",
        "least",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "merge_action",
        "national",
        "natural",
        "nchar",
        "none",
        "normalize",
        "not",
        "notnull",
        "null",
        "nullif",
        "numeric",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "out",
        "outer",
        "overlaps",
        "overlay",
        "placing",
        "position",
        "precision",
        "primary",
        "real",
        "references",
        "returning",
        "right",
        "row",
        "select",
        "session_user",
        "setof",
        "similar",
        "smallint",
        "some",
        "substring",
        "symmetric",
        "system_user",
        "table",
        "tablesample",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "treat",
        "trim",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "values",
        "varchar",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
        "xmlattributes",
        "xmlconcat",
        "xmlelement",
        "xmlexists",
        "xmlforest",
        "xmlnamespaces",
        "xmlparse",
        "xmlpi",
        "xmlroot",
        "xmlserialize",
        "xmltable",
    ]
)
"""Words that PostgreSQL's quote_ident() quotes: all keywords but the unreserved ones (src/include/parser/kwlist.h)."""

PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")

AUTOMATIC = "sqlite_autoindex_"
"""How SQLite's names for the indexes of keys begin."""


def quote(name: str, engine: Engine = Engine.POSTGRESQL) -> str:
    """A name as it must be written, quoted only where it has to be (quote_ident)."""
    if engine in (Engine.MYSQL, Engine.MARIADB):
        return "`" + name.replace("`", "``") + "`"
    if PLAIN.match(name) and (engine is not Engine.POSTGRESQL or name not in RESERVED):
        return name
    return '"' + name.replace('"', '""') + '"'


def automatic(table: str, number: int | str) -> str:
    """SQLite's name for the index of a key. It follows the table's name, and nobody else may choose one like it."""
    return f"{AUTOMATIC}{table}_{number}"


def clip(text: str, size: int) -> str:
    """A text cut to a number of bytes, at a character's boundary."""
    return text.encode()[:size].decode(errors="ignore")


def object_name(first: str, second: str | None, label: str) -> str:
    """PostgreSQL's makeObjectName: both parts cut, the longer one first, so that the whole fits 63 bytes."""
    room = 63 - (len(label) + 1 if label else 0) - (1 if second else 0)
    one, two = len(first.encode()), len(second.encode()) if second else 0
    while one + two > room:
        if one > two:
            one -= 1
        else:
            two -= 1
    made = clip(first, one)
    if second:
        made += "_" + clip(second, two)
    return f"{made}_{label}" if label else made


def choose(first: str, second: str | None, label: str, taken: Callable[[str], bool]) -> str:
    """The first of `a_b_label`, `a_b_label1`, … that is free."""
    number = 0
    while taken(made := object_name(first, second, label + (str(number) if number else ""))):
        number += 1
    return made


def relation_taken(catalog: Catalog, schema: str, name: str) -> bool:
    """Whether a name is taken among tables, views, sequences and indexes of a schema.

    Not by an index of a table whose name is not known: that may be the table that the name is wanted for.
    """
    key = (schema, name)
    if key in catalog.tables or key in catalog.views or key in catalog.sequences:
        return True
    owner = catalog.index_owner.get(key)
    return owner is not None and not is_placeholder(owner[1])


def constraint_taken(catalog: Catalog, schema: str, name: str) -> bool:
    """Whether a constraint name is taken in a schema (ChooseConstraintName looks at the whole of it)."""
    return (schema, name) in catalog.constraint_names


def key_name_taken(catalog: Catalog, schema: str, name: str) -> bool:
    """Whether a name is taken for a constraint with an index (ChooseRelationName with isconstraint)."""
    return relation_taken(catalog, schema, name) or constraint_taken(catalog, schema, name)


def name_columns(columns: Iterable[str]) -> str:
    """The columns' part of a name, cut where it is too long to matter (ChooseIndexNameAddition)."""
    made = ""
    for column in columns:
        made = f"{made}_{column}" if made else column
        if len(made.encode()) >= 64:
            break
    return made


def element_names(elements: Iterable[IndexElement], include: Iterable[str] = ()) -> list[str]:
    """The names of index columns as the server makes them, numbered where they repeat (ChooseIndexColumnNames)."""
    names: list[str] = []
    for base in (*(element_name(e) for e in elements), *include):
        name, number = base, 0
        while name in names:
            number += 1
            name = clip(base, 63 - len(str(number))) + str(number)
        names.append(name)
    return names


def element_name(element: IndexElement) -> str:
    """The name of one index column: the column's, or one for an expression."""
    if element.column is not None:
        return element.column
    if element.expression is None:
        return "expr"
    from migguard.catalog.expression_names import expression_name

    return expression_name(element.expression.text) or "expr"
