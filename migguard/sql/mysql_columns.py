"""MySQL and MariaDB: types, columns, keys and table options."""

from __future__ import annotations

from dataclasses import replace

from migguard.changes import (
    Check,
    ColumnDefinition,
    Constraint,
    CreateIndex,
    DataType,
    Expression,
    ForeignKey,
    Generated,
    IndexElement,
    Name,
    PrimaryKey,
    Unique,
)
from migguard.sql.cursor import Cursor
from migguard.sql.expressions import read_expression
from migguard.sql.postgresql_columns import references

ALIASES = {
    "integer": "int", "int4": "int", "int8": "bigint", "int2": "smallint", "dec": "decimal", "numeric": "decimal",
    "fixed": "decimal", "real": "double", "float4": "float", "float8": "double", "character": "char", "nchar": "char",
    "nvarchar": "varchar", "middleint": "mediumint", "int1": "tinyint", "int3": "mediumint",
}  # fmt: skip
TYPES = frozenset(
    [
        "bit",
        "tinyint",
        "smallint",
        "mediumint",
        "int",
        "bigint",
        "decimal",
        "float",
        "double",
        "date",
        "datetime",
        "timestamp",
        "time",
        "year",
        "char",
        "varchar",
        "binary",
        "varbinary",
        "tinyblob",
        "blob",
        "mediumblob",
        "longblob",
        "tinytext",
        "text",
        "mediumtext",
        "longtext",
        "enum",
        "set",
        "json",
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "uuid",
        "inet4",
        "inet6",
        "vector",
        "boolean",
        "serial",
    ]
)


def read_type(cursor: Cursor) -> DataType:
    """Read a type, into its canonical name."""
    token = cursor.peek()
    if token.kind == "name":
        return DataType(cursor.identifier(), builtin=False)
    word = cursor.identifier().lower()
    if word == "national":
        word = cursor.identifier().lower()
    if word == "long":
        word = "mediumblob" if cursor.accept("VARBINARY") else "mediumtext"
        cursor.accept("VARCHAR")
    if word in ("bool", "boolean"):
        return DataType("tinyint", ("1",))
    name = ALIASES.get(word, word)
    if name == "double":
        cursor.accept("PRECISION")
    if name in ("char", "binary") and cursor.accept("VARYING"):
        name = "var" + name
    arguments: tuple[str, ...] = ()
    if cursor.sees("("):
        arguments = cursor.in_parentheses(
            lambda: cursor.string() if cursor.peek().kind == "string" else cursor.take().text
        )
    attributes: list[str] = []
    made = DataType(name, arguments, builtin=name in TYPES)
    while True:
        if (more := cursor.accept_any("UNSIGNED", "SIGNED", "ZEROFILL")) is not None:
            if more != "SIGNED":
                attributes.append(more.lower())
        elif cursor.accept("CHARACTER", "SET") or cursor.accept("CHARSET"):
            cursor.accept("=")
            made = replace(made, charset=cursor.scalar().lower())
        elif cursor.accept("BINARY") or cursor.accept("ASCII") or cursor.accept("UNICODE"):
            continue
        else:
            return replace(made, attributes=tuple(attributes))


def expression(cursor: Cursor, text: str) -> Expression:
    """What can be told of an expression's text."""
    return read_expression(text, cursor.engine)


def default(cursor: Cursor) -> Expression:
    """A default: a literal, an expression in parentheses, or CURRENT_TIMESTAMP."""
    start = cursor.peek().start
    if cursor.sees("("):
        cursor.skip_parentheses()
    else:
        cursor.accept_any("-", "+")
        token = cursor.take()
        if token.kind == "operator":
            cursor.at -= 1
            raise cursor.unread("where a default was expected")
        if token.kind == "word" and token.text.startswith("_") and cursor.peek().kind == "string":
            cursor.take()
        if cursor.sees("("):
            cursor.skip_parentheses()
    return expression(cursor, cursor.sql[start : cursor.tokens[cursor.at - 1].end])


def column_definition(cursor: Cursor) -> tuple[ColumnDefinition, tuple[Constraint, ...], str | None]:
    """A column, the constraints written on it, and where it is put."""
    name = cursor.identifier()
    made = ColumnDefinition(name, read_type(cursor))
    if made.type is not None and made.type.name == "serial":
        made = replace(made, type=DataType("bigint", attributes=("unsigned",)), nullable=False, auto_increment=True)
        return made, (Unique((name,)),), position(cursor)
    constraints: list[Constraint] = []
    label: str | None = None
    while True:
        if cursor.accept("CONSTRAINT"):
            label = None if cursor.sees("CHECK") else cursor.identifier()
            continue
        more = column_property(cursor, made)
        if more is not None:
            made = more
            continue
        constraint = column_constraint(cursor, name, label)
        if constraint is None:
            break
        constraints.append(constraint)
        label = None
    return made, tuple(constraints), position(cursor)


def column_property(cursor: Cursor, made: ColumnDefinition) -> ColumnDefinition | None:
    """One attribute of a column; None if something else comes."""
    if cursor.accept("NOT", "NULL"):
        return replace(made, nullable=False)
    if cursor.accept("NULL"):
        return replace(made, nullable=True)
    if cursor.accept("DEFAULT"):
        return replace(made, default=default(cursor))
    if cursor.accept("ON", "UPDATE"):
        return replace(made, on_update=default(cursor))
    if cursor.accept("AUTO_INCREMENT"):
        return replace(made, auto_increment=True)
    if cursor.accept("COMMENT"):
        return replace(made, comment=cursor.string())
    if cursor.accept("COLLATE"):
        cursor.accept("=")
        return replace(made, collation=Name(cursor.scalar()))
    if cursor.accept("GENERATED", "ALWAYS", "AS") or cursor.accept("AS"):
        text = cursor.parenthesised()
        stored = cursor.accept_any("STORED", "PERSISTENT", "VIRTUAL") in ("STORED", "PERSISTENT")
        return replace(made, generated=Generated(expression(cursor, text), stored))
    if cursor.accept("INVISIBLE"):
        return replace(made, invisible=True)
    if cursor.accept("VISIBLE") or cursor.accept("WITHOUT", "SYSTEM", "VERSIONING"):
        return made
    if cursor.accept_any("COLUMN_FORMAT", "STORAGE", "SRID"):
        cursor.scalar()
        return made
    return None


def column_constraint(cursor: Cursor, column: str, label: str | None) -> Constraint | None:
    """A key, CHECK or REFERENCES on a column; None if none comes."""
    if cursor.accept("PRIMARY", "KEY") or cursor.accept("PRIMARY") or cursor.accept("KEY"):
        return PrimaryKey((column,))
    if cursor.accept("UNIQUE"):
        cursor.accept("KEY")
        return Unique((column,))
    if cursor.accept("CHECK"):
        check = Check(expression(cursor, cursor.parenthesised()), label, column=column)
        return enforced(cursor, check)
    if cursor.sees("REFERENCES"):
        return references(cursor, (column,), label, inline=True)
    return None


def enforced(cursor: Cursor, check: Check) -> Check:
    """[NOT] ENFORCED."""
    if cursor.accept("NOT", "ENFORCED"):
        return replace(check, enforced=False)
    cursor.accept("ENFORCED")
    return check


def position(cursor: Cursor) -> str | None:
    """FIRST or AFTER."""
    if cursor.accept("FIRST"):
        return "first"
    if cursor.accept("AFTER"):
        return f"after {cursor.identifier()}"
    return None


# --- keys ---------------------------------------------------------------------------------------------------------


def element(cursor: Cursor) -> IndexElement:
    """A key part: a column with a prefix length, or an expression."""
    if cursor.sees("("):
        made = IndexElement(expression=expression(cursor, cursor.parenthesised()))
    else:
        made = IndexElement(cursor.identifier())
        if cursor.accept("("):
            made = replace(made, prefix=cursor.integer())
            cursor.expect(")")
    if (order := cursor.accept_any("ASC", "DESC")) is not None:
        made = replace(made, descending=order == "DESC")
    return made


def index_options(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """USING, COMMENT, visibility and the like."""
    found: list[tuple[str, str]] = []
    while True:
        if cursor.accept("USING"):
            found.append(("using", cursor.identifier().lower()))
        elif cursor.accept("COMMENT"):
            cursor.accept("=")
            found.append(("comment", cursor.string()))
        elif cursor.accept("KEY_BLOCK_SIZE"):
            cursor.accept("=")
            found.append(("key_block_size", cursor.scalar()))
        elif cursor.accept("WITH", "PARSER"):
            found.append(("parser", cursor.identifier()))
        elif (word := cursor.accept_any("VISIBLE", "INVISIBLE", "IGNORED")) is not None:
            found.append((word.lower(), "true"))
        elif cursor.accept("NOT", "IGNORED"):
            continue
        else:
            return tuple(found)


def starts_key(cursor: Cursor) -> bool:
    """Whether a key or constraint comes next, and not a column."""
    word, following = cursor.peek().word, cursor.peek(1)
    if word in ("CONSTRAINT", "PRIMARY", "FOREIGN", "FULLTEXT", "SPATIAL", "CHECK"):
        return True
    if word == "UNIQUE":
        return following.word in ("KEY", "INDEX", "(") or (
            following.kind in ("word", "name") and cursor.peek(2).word in ("(", "USING")
        )
    if word in ("KEY", "INDEX"):
        return following.word in ("(", "IF") or following.kind in ("word", "name")
    return False


def key(cursor: Cursor, table: Name) -> Constraint | CreateIndex:
    """A key or constraint inside the parentheses of CREATE TABLE, or behind ADD."""
    label: str | None = None
    if cursor.accept("CONSTRAINT") and cursor.sees_any("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") is None:
        label = cursor.identifier()
    if cursor.accept("PRIMARY", "KEY"):
        index_options(cursor)
        if cursor.peek().kind in ("word", "name"):
            cursor.identifier()
        elements = cursor.in_parentheses(lambda: element(cursor))
        index_options(cursor)
        return PrimaryKey(tuple(e.column or "" for e in elements), label)
    if cursor.accept("UNIQUE"):
        cursor.accept_any("KEY", "INDEX")
        cursor.if_not_exists()
        name = None if cursor.sees("(") or cursor.sees("USING") else cursor.identifier()
        index_options(cursor)
        elements = cursor.in_parentheses(lambda: element(cursor))
        index_options(cursor)
        plain = all(e.prefix is None and e.expression is None for e in elements)
        columns = tuple(e.column or "" for e in elements)
        return Unique(columns, name or label, elements=() if plain else elements)
    if cursor.accept("FOREIGN", "KEY"):
        cursor.if_not_exists()
        index = None if cursor.sees("(") else cursor.identifier()
        columns = cursor.identifiers()
        made = references(cursor, columns, label)
        assert isinstance(made, ForeignKey)
        return replace(made, index_name=index)
    if cursor.accept("CHECK"):
        return enforced(cursor, Check(expression(cursor, cursor.parenthesised()), label))
    kind = cursor.accept_any("FULLTEXT", "SPATIAL")
    cursor.accept_any("KEY", "INDEX")
    exists = cursor.if_not_exists()
    named = None if cursor.sees("(") or cursor.sees("USING") else Name(cursor.identifier())
    before = index_options(cursor)
    elements = cursor.in_parentheses(lambda: element(cursor))
    options = before + index_options(cursor)
    return CreateIndex(
        table, elements, named, if_not_exists=exists, kind=kind.lower() if kind else None, options=options
    )


OPTIONS = (
    ("DEFAULT", "CHARACTER", "SET"), ("DEFAULT", "CHARSET"), ("CHARACTER", "SET"), ("CHARSET",), ("DEFAULT", "COLLATE"),
    ("COLLATE",), ("ENGINE",), ("AUTO_INCREMENT",), ("COMMENT",), ("ROW_FORMAT",), ("KEY_BLOCK_SIZE",),
    ("AVG_ROW_LENGTH",),
    ("CHECKSUM",), ("COMPRESSION",), ("CONNECTION",), ("DATA", "DIRECTORY"), ("INDEX", "DIRECTORY"),
    ("DELAY_KEY_WRITE",),
    ("ENCRYPTION",), ("INSERT_METHOD",), ("MAX_ROWS",), ("MIN_ROWS",), ("PACK_KEYS",), ("PASSWORD",),
    ("STATS_AUTO_RECALC",),
    ("STATS_PERSISTENT",), ("STATS_SAMPLE_PAGES",), ("TABLESPACE",), ("UNION",), ("PAGE_CHECKSUM",), ("TRANSACTIONAL",),
    ("PAGE_COMPRESSED",), ("SEQUENCE",), ("ENCRYPTED",), ("TYPE",), ("AUTOEXTEND_SIZE",), ("SECONDARY_ENGINE",),
)  # fmt: skip
CHARSET_WORDS = {"default character set", "default charset", "character set", "charset"}


def table_option(cursor: Cursor) -> tuple[str, str] | None:
    """One option of a table, under its usual name; None if none comes."""
    for words in OPTIONS:
        if cursor.accept(*words):
            cursor.accept("=")
            name = " ".join(words).lower()
            value = cursor.parenthesised() if cursor.sees("(") else cursor.scalar()
            name = "charset" if name in CHARSET_WORDS else name.removeprefix("default ")
            return name, value
    return None
