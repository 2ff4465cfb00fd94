"""PostgreSQL: types, sequences, views, functions, triggers and the other objects of CREATE, ALTER and DROP."""

from __future__ import annotations

from dataclasses import replace

from migguard.changes import (
    AddEnumValue,
    AlterCompositeType,
    AlterDomain,
    AlterSequence,
    AttachIndex,
    Change,
    Check,
    Comment,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateSchema,
    CreateSequence,
    CreateView,
    DropExtension,
    DropFunction,
    DropIndex,
    DropPolicy,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    Grant,
    Name,
    NotNull,
    ObjectAction,
    OtherObject,
    RenameColumn,
    RenameEnumValue,
    RenameIndex,
    RenameSchema,
    RenameSequence,
    RenameType,
    SequenceOptions,
    SetSchema,
    SetTableOption,
    TableAction,
)
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_columns import attributes, default_text, expression, option_list, sequence_options
from migguard.sql.postgresql_tables import table_option
from migguard.sql.postgresql_types import read_type
from migguard.sql.queries import read_query
from migguard.sql.tokens import Unread

# --- types --------------------------------------------------------------------------------------------------------


def create_type(cursor: Cursor) -> Change:
    """CREATE TYPE, from behind TYPE."""
    name = cursor.name()
    if cursor.done:
        return CreateCompositeType(name, "shell")
    if cursor.accept("AS", "ENUM"):
        cursor.expect("(")
        if cursor.accept(")"):
            return CreateEnum(name, ())
        labels = cursor.listed(cursor.string)
        cursor.expect(")")
        return CreateEnum(name, labels)
    if cursor.accept("AS", "RANGE"):
        cursor.in_parentheses(lambda: range_option(cursor))
        return CreateCompositeType(name, "range")
    if cursor.accept("AS"):
        if cursor.accept("(", ")"):
            return CreateCompositeType(name, "composite")

        def one() -> tuple[str, object]:
            attribute = cursor.identifier(), read_type(cursor).type
            if cursor.accept("COLLATE"):
                cursor.name()
            return attribute

        return CreateCompositeType(name, "composite", cursor.in_parentheses(one))  # type: ignore[arg-type]  # of DataType
    cursor.skip_parentheses()
    return CreateCompositeType(name, "base")


def range_option(cursor: Cursor) -> str:
    """An option of a range type, whose value is a type or a name."""
    option = cursor.identifier()
    cursor.expect("=")
    read_type(cursor)
    return option


def alter_type(cursor: Cursor) -> tuple[Change, ...]:
    """ALTER TYPE, from behind TYPE."""
    name = cursor.name()
    if cursor.accept("ADD", "VALUE"):
        exists = cursor.if_not_exists()
        value = cursor.string()
        where = cursor.accept_any("BEFORE", "AFTER")
        neighbour = cursor.string() if where else None
        return (AddEnumValue(name, value, exists, neighbour, where == "BEFORE"),)
    if cursor.accept("RENAME", "VALUE"):
        old = cursor.string()
        cursor.expect("TO")
        return (RenameEnumValue(name, old, cursor.string()),)
    if cursor.accept("RENAME", "ATTRIBUTE"):
        old = cursor.identifier()
        cursor.expect("TO")
        new = cursor.identifier()
        cursor.cascade()
        return (RenameColumn(name, old, new, kind="type"),)
    if cursor.accept("RENAME", "TO"):
        return (RenameType(name, cursor.identifier()),)
    if cursor.accept("SET", "SCHEMA"):
        return (SetSchema("type", name, cursor.identifier()),)
    if cursor.sees("OWNER"):
        return (owned(cursor, "type", name),)
    if cursor.accept("SET", "("):
        cursor.at -= 1
        text = ", ".join(f"{option} = {value}" for option, value in option_list(cursor))
        return (OtherObject(ObjectAction.ALTER, "type", name, text=f"SET ({text})"),)
    return cursor.listed(lambda: attribute_action(cursor, name))


def attribute_action(cursor: Cursor, name: Name) -> Change:
    """ADD, DROP or ALTER ATTRIBUTE."""
    if cursor.accept("ADD", "ATTRIBUTE"):
        attribute, kind = cursor.identifier(), read_type(cursor).type
        if cursor.accept("COLLATE"):
            cursor.name()
        return AlterCompositeType(name, "add", attribute, kind, cascade=cursor.cascade())
    if cursor.accept("DROP", "ATTRIBUTE"):
        exists = cursor.if_exists()
        return AlterCompositeType(name, "drop", cursor.identifier(), None, exists, cursor.cascade())
    cursor.expect("ALTER", "ATTRIBUTE")
    attribute = cursor.identifier()
    cursor.accept("SET", "DATA")
    cursor.expect("TYPE")
    made = AlterCompositeType(name, "alter", attribute, read_type(cursor).type)
    if cursor.accept("COLLATE"):
        cursor.name()
    return replace(made, cascade=cursor.cascade())


def create_domain(cursor: Cursor) -> CreateDomain:
    """CREATE DOMAIN, from behind DOMAIN."""
    name = cursor.name()
    cursor.accept("AS")
    made = CreateDomain(name, read_type(cursor).type)
    label: str | None = None
    while not cursor.done:
        if cursor.accept("CONSTRAINT"):
            label = cursor.identifier()
            continue
        if cursor.accept("NOT", "NULL"):
            made = replace(made, not_null=True)
        elif cursor.accept("NULL"):
            made = replace(made, not_null=False)
        elif cursor.accept("DEFAULT"):
            made = replace(made, default=expression(cursor, default_text(cursor)))
        elif cursor.accept("COLLATE"):
            made = replace(made, collation=cursor.name())
        elif cursor.accept("CHECK"):
            check = Check(expression(cursor, cursor.parenthesised()), label)
            made = replace(made, checks=(*made.checks, check))
        else:
            return made
        label = None
    return made


def alter_domain(cursor: Cursor) -> Change:
    """ALTER DOMAIN, from behind DOMAIN."""
    name = cursor.name()
    if cursor.accept("SET", "DEFAULT"):
        return AlterDomain(name, "set default", expression(cursor, cursor.text_until()))
    if cursor.accept("DROP", "DEFAULT"):
        return AlterDomain(name, "drop default")
    if cursor.accept("SET", "NOT", "NULL"):
        return AlterDomain(name, "set not null")
    if cursor.accept("DROP", "NOT", "NULL"):
        return AlterDomain(name, "drop not null")
    if cursor.accept("ADD"):
        label = cursor.identifier() if cursor.accept("CONSTRAINT") else None
        if cursor.accept("NOT", "NULL"):
            return AlterDomain(name, "set not null", constraint=NotNull("value", label))
        cursor.expect("CHECK")
        check = attributes(cursor, Check(expression(cursor, cursor.parenthesised()), label))
        assert isinstance(check, Check)
        if check.misplaced is not None:
            raise cursor.unread("on this kind of constraint")
        return AlterDomain(name, "add constraint", constraint=check, name=label)
    if cursor.accept("DROP", "CONSTRAINT"):
        exists = cursor.if_exists()
        made = AlterDomain(name, "drop constraint", name=cursor.identifier(), if_exists=exists)
        cursor.cascade()
        return made
    if cursor.accept("VALIDATE", "CONSTRAINT"):
        return AlterDomain(name, "validate constraint", name=cursor.identifier())
    if cursor.accept("RENAME", "CONSTRAINT"):
        old = cursor.identifier()
        cursor.expect("TO")
        return AlterDomain(name, "rename constraint", name=old, new=cursor.identifier())
    if cursor.accept("RENAME", "TO"):
        return RenameType(name, cursor.identifier())
    if cursor.accept("SET", "SCHEMA"):
        return SetSchema("domain", name, cursor.identifier())
    return owned(cursor, "domain", name)


# --- sequences, indexes, views ------------------------------------------------------------------------------------


def create_sequence(cursor: Cursor, *, temporary: bool = False) -> CreateSequence:
    """CREATE SEQUENCE, from behind SEQUENCE."""
    exists = cursor.if_not_exists()
    name = cursor.name()
    return CreateSequence(name, sequence_options(cursor), exists, temporary)


def alter_sequence(cursor: Cursor) -> Change:
    """ALTER SEQUENCE, from behind SEQUENCE."""
    exists = cursor.if_exists()
    name = cursor.name()
    if cursor.accept("RENAME", "TO"):
        return RenameSequence(name, cursor.identifier(), exists)
    if cursor.accept("SET", "SCHEMA"):
        return SetSchema("sequence", name, cursor.identifier(), exists)
    if cursor.sees("OWNER") or cursor.sees("SET"):
        if cursor.accept("SET", "LOGGED") or cursor.accept("SET", "UNLOGGED"):
            return OtherObject(ObjectAction.ALTER, "sequence", name, text=cursor.tokens[cursor.at - 1].text)
        return owned(cursor, "sequence", name)
    options = sequence_options(cursor)
    if options == SequenceOptions():
        raise cursor.unread("after ALTER SEQUENCE")
    return AlterSequence(name, options, exists)


def alter_index(cursor: Cursor) -> Change:
    """ALTER INDEX, from behind INDEX."""
    exists = cursor.if_exists()
    name = cursor.name()
    if cursor.accept("RENAME", "TO"):
        return RenameIndex(name, cursor.identifier(), None, exists)
    if cursor.accept("ATTACH", "PARTITION"):
        return AttachIndex(name, cursor.name())
    if cursor.accept("ALTER"):
        cursor.accept("COLUMN")
        cursor.integer()
        cursor.expect("SET", "STATISTICS")
        return SetTableOption(
            name, TableAction.OTHER_OPTION, f"statistics {cursor.integer()}", kind="index", if_exists=exists
        )
    return table_option(cursor, SetTableOption(name, TableAction.OTHER_OPTION, kind="index", if_exists=exists))


def create_view(cursor: Cursor, *, materialized: bool, or_replace: bool, temporary: bool) -> CreateView:
    """CREATE [MATERIALIZED] VIEW, from behind VIEW."""
    exists = cursor.if_not_exists()
    name = cursor.name()
    columns = cursor.identifiers() if cursor.sees("(") else ()
    if cursor.accept("USING"):
        cursor.identifier()
    if cursor.accept("WITH"):
        cursor.skip_parentheses()
    if cursor.accept("TABLESPACE"):
        cursor.identifier()
    cursor.expect("AS")
    if cursor.done:
        raise cursor.unread("where a query was expected")
    text, data = cursor.rest(), True
    words = " ".join(text.upper().split())
    for tail in (
        "WITH NO DATA",
        "WITH DATA",
        "WITH CHECK OPTION",
        "WITH LOCAL CHECK OPTION",
        "WITH CASCADED CHECK OPTION",
    ):
        if words.endswith(tail):
            data = tail != "WITH NO DATA"
            text = text[: text.upper().rindex("WITH")].rstrip()
            break
    query = read_query(text, cursor.engine)
    if not query.readable:
        raise Unread("its query was not understood")
    return CreateView(name, query, materialized, or_replace, exists, columns, temporary, data)


# --- drops --------------------------------------------------------------------------------------------------------


def drop(cursor: Cursor) -> tuple[Change, ...]:
    """DROP of the kinds that the catalog knows, from behind DROP; of others by name."""
    materialized = cursor.accept("MATERIALIZED")
    foreign = cursor.sees("FOREIGN", "TABLE") and cursor.accept("FOREIGN")
    kind = cursor.accept_any(
        "TABLE", "VIEW", "INDEX", "SEQUENCE", "TYPE", "DOMAIN", "SCHEMA", "EXTENSION", "FUNCTION", "PROCEDURE",
        "ROUTINE", "AGGREGATE", "TRIGGER", "POLICY", "RULE",
    )  # fmt: skip
    if kind is None or (materialized and kind != "VIEW") or (foreign and kind != "TABLE"):
        if materialized or foreign:
            raise cursor.unread("after DROP")
        return drop_other(cursor)
    if kind in ("TRIGGER", "POLICY", "RULE"):
        return (drop_table_object(cursor, kind.lower()),)
    if kind in ("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
        return drop_functions(cursor, kind.lower())
    concurrently = kind == "INDEX" and cursor.accept("CONCURRENTLY")
    exists = cursor.if_exists()
    names = cursor.names()
    cascade = cursor.cascade()
    match kind:
        case "TABLE":
            return tuple(DropTable(n, exists, cascade) for n in names)
        case "VIEW":
            return tuple(DropView(n, materialized, exists, cascade) for n in names)
        case "INDEX":
            return tuple(DropIndex(n, None, concurrently, exists, cascade) for n in names)
        case "SEQUENCE":
            return tuple(DropSequence(n, exists, cascade) for n in names)
        case "TYPE" | "DOMAIN":
            return tuple(DropType(n, exists, cascade, kind.lower()) for n in names)
        case "SCHEMA":
            return tuple(DropSchema(n.name, exists, cascade) for n in names)
        case _:
            return tuple(DropExtension(n.name, exists, cascade) for n in names)


def drop_table_object(cursor: Cursor, kind: str) -> Change:
    """DROP TRIGGER, POLICY or RULE name ON table."""
    exists = cursor.if_exists()
    name = cursor.identifier()
    cursor.expect("ON")
    table = cursor.name()
    cascade = cursor.cascade()
    if kind == "trigger":
        return DropTrigger(Name(name), table, exists, cascade)
    return DropPolicy(name, table, kind, exists, cascade)


def drop_functions(cursor: Cursor, kind: str) -> tuple[Change, ...]:
    """DROP FUNCTION and its kin, with or without argument lists."""
    exists = cursor.if_exists()
    found: list[tuple[Name, str | None]] = []
    while True:
        name = cursor.name()
        found.append((name, cursor.parenthesised() if cursor.sees("(") else None))
        if not cursor.accept(","):
            break
    cascade = cursor.cascade()
    return tuple(DropFunction(n, kind, a, exists, cascade) for n, a in found)


OTHER_KINDS: tuple[tuple[str, ...], ...] = (
    ("DEFAULT", "PRIVILEGES"), ("EVENT", "TRIGGER"), ("FOREIGN", "DATA", "WRAPPER"),
    ("TEXT", "SEARCH", "CONFIGURATION"),
    ("TEXT", "SEARCH", "DICTIONARY"), ("TEXT", "SEARCH", "PARSER"), ("TEXT", "SEARCH", "TEMPLATE"),
    ("ACCESS", "METHOD"),
    ("USER", "MAPPING"), ("OPERATOR", "CLASS"), ("OPERATOR", "FAMILY"), ("LARGE", "OBJECT"), ("PROCEDURAL", "LANGUAGE"),
    ("TRUSTED", "LANGUAGE"), ("PUBLICATION",), ("SUBSCRIPTION",), ("STATISTICS",), ("COLLATION",), ("CONVERSION",),
    ("ROLE",), ("USER",), ("GROUP",), ("DATABASE",), ("TABLESPACE",), ("SERVER",), ("OPERATOR",), ("CAST",),
    ("LANGUAGE",), ("TRANSFORM",), ("OWNED",), ("SYSTEM",), ("AGGREGATE",), ("EXTENSION",), ("FUNCTION",),
    ("PROCEDURE",), ("ROUTINE",), ("SCHEMA",),
)  # fmt: skip


def other_kind(cursor: Cursor) -> str:
    """The kind of an object that is kept by name only. Raises Unread if none comes."""
    for words in OTHER_KINDS:
        if cursor.accept(*words):
            return " ".join(words).lower()
    raise cursor.unread("where a kind of object was expected")


def drop_other(cursor: Cursor) -> tuple[Change, ...]:
    """DROP of an object that is kept by name only."""
    kind = other_kind(cursor)
    exists = cursor.if_exists()
    if cursor.done:
        raise cursor.unread(f"where the name of the {kind} was expected")
    text = cursor.rest()
    name = Name(text.split()[0]) if text else None
    return (
        OtherObject(ObjectAction.DROP, kind, name, (), exists, cascade=text.upper().endswith("CASCADE"), text=text),
    )


def other(cursor: Cursor, action: ObjectAction, kind: str, name: Name | None = None) -> OtherObject:
    """An object that is kept by name only: the rest of the statement is taken as its text."""
    exists = cursor.if_not_exists() if action is ObjectAction.CREATE else cursor.if_exists()
    missing = exists and action is ObjectAction.CREATE
    if name is None and kind == "operator":  # its name is of signs, and may have a schema before them
        text = cursor.rest()
        signs = Name(text.partition("(")[0].strip())
        return OtherObject(action, kind, signs, (), exists and not missing, missing, text=text)
    unnamed = kind == "statistics" and cursor.sees("ON")
    if name is None and cursor.peek().kind in ("word", "name") and not unnamed:
        name = cursor.name()
    tables = related_tables(cursor, kind)
    text = cursor.rest()
    return OtherObject(action, kind, name, tables, exists and not missing, missing, text=text)


def related_tables(cursor: Cursor, kind: str) -> tuple[Name, ...]:
    """The tables of a publication or a statistics object."""
    if kind not in ("publication", "statistics"):
        return ()
    here = cursor.at
    found: list[Name] = []
    while not cursor.done:
        opens = cursor.accept("TABLE") if kind == "publication" else cursor.accept("FROM")
        if not opens:
            if cursor.sees("("):
                cursor.skip_parentheses()
            else:
                cursor.take()
            continue
        while cursor.peek().kind in ("word", "name") and not cursor.sees("TABLES"):
            cursor.accept("ONLY")
            found.append(cursor.name())
            cursor.accept("*")
            if cursor.sees("("):
                cursor.skip_parentheses()
            if cursor.accept("WHERE"):
                cursor.skip_parentheses()
            if not cursor.accept(","):
                break
            cursor.accept("TABLE")
    cursor.at = here
    return tuple(found)


# --- extensions, schemas, comments, grants ------------------------------------------------------------------------


def create_extension(cursor: Cursor) -> CreateExtension:
    """CREATE EXTENSION, from behind EXTENSION."""
    exists = cursor.if_not_exists()
    name = cursor.identifier()
    made = CreateExtension(name, None, exists)
    cursor.accept("WITH")
    while not cursor.done:
        if cursor.accept("SCHEMA"):
            made = replace(made, schema=cursor.identifier())
        elif cursor.accept_any("VERSION", "FROM"):
            cursor.scalar()
        elif not cursor.accept("CASCADE"):
            break
    return made


def create_schema(cursor: Cursor) -> CreateSchema:
    """CREATE SCHEMA, from behind SCHEMA; elements inside it are not read."""
    exists = cursor.if_not_exists()
    if cursor.accept("AUTHORIZATION"):
        return CreateSchema(cursor.identifier(), exists)
    name = cursor.identifier()
    if cursor.accept("AUTHORIZATION"):
        cursor.identifier()
    return CreateSchema(name, exists)


def alter_schema(cursor: Cursor) -> Change:
    """ALTER SCHEMA, from behind SCHEMA."""
    name = cursor.identifier()
    if cursor.accept("RENAME", "TO"):
        return RenameSchema(name, cursor.identifier())
    return owned(cursor, "schema", Name(name))


def owned(cursor: Cursor, kind: str, name: Name) -> OtherObject:
    """OWNER TO role."""
    cursor.expect("OWNER", "TO")
    return OtherObject(ObjectAction.ALTER, kind, name, text=f"OWNER TO {cursor.identifier()}")


COMMENT_KINDS = (
    ("MATERIALIZED", "VIEW"), ("FOREIGN", "TABLE"), ("TABLE",), ("VIEW",), ("COLUMN",), ("CONSTRAINT",), ("INDEX",),
    ("SEQUENCE",), ("TYPE",), ("DOMAIN",), ("SCHEMA",), ("TRIGGER",), ("POLICY",), ("RULE",),
)  # fmt: skip


def comment(cursor: Cursor) -> Change:
    """COMMENT ON, from behind ON."""
    kind = next((k for k in COMMENT_KINDS if cursor.accept(*k)), None)
    if kind is None:
        label = other_kind(cursor)
        start = cursor.peek().start
        while not cursor.sees("IS"):
            if cursor.sees("("):
                cursor.skip_parentheses()
            else:
                cursor.take()
        name = Name(cursor.sql[start : cursor.peek().start].strip())
        return Comment(label, name, comment_text(cursor))
    word = " ".join(kind).lower()
    if word == "column":
        parts = [cursor.identifier()]
        while cursor.accept("."):
            parts.append(cursor.identifier())
        if len(parts) < 2:
            raise cursor.unread("where table.column was expected")
        table = Name(parts[-2], parts[-3] if len(parts) > 2 else None)
        return Comment("column", table, comment_text(cursor), parts[-1], table)
    if word in ("constraint", "trigger", "policy", "rule"):
        name = Name(cursor.identifier())
        cursor.expect("ON")
        domain = cursor.accept("DOMAIN")
        owner = cursor.name()
        text = comment_text(cursor)
        return Comment("domain constraint" if domain else word, name, text, table=None if domain else owner)
    name = cursor.name()
    return Comment(word, name, comment_text(cursor))


def comment_text(cursor: Cursor) -> str | None:
    """IS 'text', or IS NULL; an empty text is none."""
    cursor.expect("IS")
    return None if cursor.accept("NULL") else cursor.string() or None


def grant(cursor: Cursor, *, revoke: bool) -> Grant:
    """GRANT and REVOKE, from behind the word. What is granted, and to whom, is kept as text."""
    kind = "role"
    relations: tuple[Name, ...] = ()
    start = cursor.peek().start
    if revoke:
        cursor.accept("GRANT", "OPTION", "FOR") or cursor.accept("ADMIN", "OPTION", "FOR")
    cursor.listed(lambda: privilege(cursor))
    if cursor.accept("ON"):
        kind, relations = granted_on(cursor)
    if cursor.accept_any("FROM" if revoke else "TO") is None:
        raise cursor.unread(f"where {'FROM' if revoke else 'TO'} was expected")
    cursor.listed(lambda: (cursor.accept("GROUP"), cursor.identifier()))
    if cursor.accept("WITH"):
        if cursor.accept_any("GRANT", "ADMIN", "INHERIT", "SET") is None:
            raise cursor.unread("after WITH")
        if cursor.accept_any("OPTION", "TRUE", "FALSE") is None:
            raise cursor.unread("where OPTION was expected")
    if cursor.accept("GRANTED", "BY"):
        cursor.identifier()
    if revoke:
        cursor.cascade()
    return Grant(revoke, relations, cursor.sql[start : cursor.tokens[cursor.at - 1].end], kind)


def privilege(cursor: Cursor) -> None:
    """A privilege, on columns or not; or a role."""
    if cursor.accept("ALL"):
        cursor.accept("PRIVILEGES")
    elif not cursor.accept("ALTER", "SYSTEM"):
        cursor.identifier()
    if cursor.sees("("):
        cursor.identifiers()


def granted_on(cursor: Cursor) -> tuple[str, tuple[Name, ...]]:
    """The kind of what a privilege is on, and the tables, where that is what it is on."""
    if cursor.accept("ALL"):
        what = cursor.accept_any("TABLES", "SEQUENCES", "FUNCTIONS", "PROCEDURES", "ROUTINES")
        if what is None:
            raise cursor.unread("after ALL")
        cursor.expect("IN", "SCHEMA")
        cursor.listed(cursor.identifier)
        return "all", ()
    for words in (
        ("FOREIGN", "DATA", "WRAPPER"), ("FOREIGN", "SERVER"), ("LARGE", "OBJECT"), ("SEQUENCE",), ("SCHEMA",),
        ("DATABASE",), ("FUNCTION",), ("PROCEDURE",), ("ROUTINE",), ("TYPE",), ("DOMAIN",), ("LANGUAGE",),
        ("TABLESPACE",), ("PARAMETER",),
    ):  # fmt: skip
        if cursor.sees(*words) and cursor.peek(len(words)).word not in ("TO", "FROM", ","):
            cursor.accept(*words)
            cursor.listed(lambda: granted_object(cursor))
            return words[0].lower(), ()
    cursor.accept("TABLE")
    return "table", cursor.names()


def granted_object(cursor: Cursor) -> None:
    """An object by its name, a function with its arguments."""
    if cursor.peek().kind == "number":
        cursor.integer()
        return
    cursor.name()
    if cursor.sees("("):
        cursor.skip_parentheses()
