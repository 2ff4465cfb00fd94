"""SQLite: one statement's tokens into changes."""

from __future__ import annotations

from dataclasses import replace

from migguard.changes import (
    AddColumn,
    Change,
    Check,
    ColumnDefinition,
    Constraint,
    CreateIndex,
    CreateTable,
    CreateTrigger,
    CreateView,
    DataType,
    DropColumn,
    DropIndex,
    DropTable,
    DropTrigger,
    DropView,
    Generated,
    Maintain,
    Name,
    Nothing,
    ObjectAction,
    OtherObject,
    Persistence,
    PrimaryKey,
    Query,
    RenameColumn,
    RenameTable,
    Select,
    SetVariable,
    Unique,
)
from migguard.sql import postgresql_session as session
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_columns import expression, index_element, references
from migguard.sql.queries import read_query

TYPE_STOPS = {
    "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS",
    ",", ")", "(",
    "DEFERRABLE", "INITIALLY", "ON",
}  # fmt: skip


def read_sqlite(cursor: Cursor) -> tuple[Change, ...]:
    """The changes of a statement that is not over rows. Raises Unread."""
    word = cursor.take().word
    found = statement(cursor, word)
    cursor.accept(";")
    cursor.finish()
    return found


def statement(cursor: Cursor, word: str) -> tuple[Change, ...]:
    """A statement, from behind its first word."""
    match word:
        case "CREATE":
            return create(cursor)
        case "ALTER":
            return alter(cursor)
        case "DROP":
            return drop(cursor)
        case "PRAGMA":
            return pragma(cursor)
        case "VACUUM" | "REINDEX" | "ANALYZE":
            cursor.rest()
            return (Maintain(word.lower()),)
        case "ATTACH" | "DETACH":
            cursor.rest()
            return (Nothing(word.lower()),)
        case "EXPLAIN":
            cursor.rest()
            return (Select(Query(cursor.sql.strip())),)
        case "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE":
            cursor.accept_any("DEFERRED", "IMMEDIATE", "EXCLUSIVE")
            return (session.transaction(cursor, word),)
        case _:
            cursor.at -= 1
            raise cursor.unread("at the beginning of a statement")


def create(cursor: Cursor) -> tuple[Change, ...]:
    """CREATE, from behind the word."""
    temporary = cursor.accept_any("TEMP", "TEMPORARY") is not None
    if cursor.accept("TABLE"):
        return (create_table(cursor, temporary),)
    unique = cursor.accept("UNIQUE")
    if cursor.accept("INDEX"):
        exists = cursor.if_not_exists()
        name = cursor.name()
        cursor.expect("ON")
        table = cursor.name()
        parts = cursor.in_parentheses(lambda: index_element(cursor))
        where = expression(cursor, cursor.rest()) if cursor.accept("WHERE") else None
        return (CreateIndex(table, parts, name, unique=unique, if_not_exists=exists, where=where),)
    if cursor.accept("VIEW"):
        exists = cursor.if_not_exists()
        name = cursor.name()
        columns = cursor.identifiers() if cursor.sees("(") else ()
        cursor.expect("AS")
        return (CreateView(name, read_query(cursor.rest(), cursor.engine), if_not_exists=exists, columns=columns),)
    if cursor.accept("TRIGGER"):
        return (create_trigger(cursor),)
    if cursor.accept("VIRTUAL", "TABLE"):
        return (OtherObject(ObjectAction.CREATE, "virtual table", text=cursor.rest()),)
    raise cursor.unread("after CREATE")


def create_trigger(cursor: Cursor) -> CreateTrigger:
    """CREATE TRIGGER, from behind TRIGGER."""
    exists = cursor.if_not_exists()
    name = cursor.name()
    timing = cursor.accept_any("BEFORE", "AFTER", "INSTEAD") or "BEFORE"
    cursor.accept("OF")
    event = cursor.accept_any("INSERT", "UPDATE", "DELETE")
    if event is None:
        raise cursor.unread("in CREATE TRIGGER")
    if cursor.accept("OF"):
        cursor.listed(cursor.identifier)
    cursor.expect("ON")
    table = cursor.name()
    return CreateTrigger(name, table, timing.lower(), (event.lower(),), body=cursor.rest(), if_not_exists=exists)


def create_table(cursor: Cursor, temporary: bool) -> CreateTable:
    """CREATE TABLE, from behind TABLE."""
    exists = cursor.if_not_exists()
    table = cursor.name()
    made = CreateTable(
        table, if_not_exists=exists, persistence=Persistence.TEMPORARY if temporary else Persistence.PERMANENT
    )
    if cursor.accept("AS"):
        return replace(made, query=read_query(cursor.rest(), cursor.engine))
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    cursor.expect("(")
    while True:
        if starts_constraint(cursor):
            constraints.append(table_constraint(cursor))
        else:
            column, more = column_definition(cursor)
            columns.append(column)
            constraints += more
        if not cursor.accept(",") and (cursor.sees(")") or not starts_constraint(cursor)):
            break
    cursor.expect(")")
    options: list[tuple[str, str]] = []
    while not cursor.done and not cursor.sees(";"):
        if cursor.accept("WITHOUT", "ROWID"):
            options.append(("without rowid", "true"))
        elif cursor.accept("STRICT"):
            options.append(("strict", "true"))
        elif not cursor.accept(","):
            break
    return replace(made, columns=tuple(columns), constraints=tuple(constraints), options=tuple(options))


def starts_constraint(cursor: Cursor) -> bool:
    """Whether a table constraint comes next."""
    word, following = cursor.peek().word, cursor.peek(1).word
    return (
        word == "CONSTRAINT"
        or (word in ("PRIMARY", "FOREIGN") and following == "KEY")
        or (word in ("UNIQUE", "CHECK") and following == "(")
    )


def column_definition(cursor: Cursor) -> tuple[ColumnDefinition, tuple[Constraint, ...]]:
    """A column with its constraints; the type may be missing."""
    name = cursor.identifier()
    made = ColumnDefinition(name, read_type(cursor))
    constraints: list[Constraint] = []
    label: str | None = None
    while True:
        if cursor.accept("CONSTRAINT"):
            label = cursor.identifier()
        elif cursor.accept("NOT", "NULL"):
            conflict(cursor)
            made = replace(made, nullable=False)
        elif cursor.accept("NULL"):
            made = replace(made, nullable=True)
        elif cursor.accept("DEFAULT"):
            made = replace(made, default=expression(cursor, default_text(cursor)))
        elif cursor.accept("COLLATE"):
            made = replace(made, collation=Name(cursor.identifier()))
        elif cursor.accept("GENERATED", "ALWAYS", "AS") or cursor.accept("AS"):
            text = cursor.parenthesised()
            made = replace(
                made, generated=Generated(expression(cursor, text), cursor.accept_any("STORED", "VIRTUAL") == "STORED")
            )
        elif cursor.accept("PRIMARY", "KEY"):
            cursor.accept_any("ASC", "DESC")
            clause = conflict(cursor)
            constraints.append(
                PrimaryKey((name,), label, conflict=clause, autoincrement=cursor.accept("AUTOINCREMENT"))
            )
            label = None
        elif cursor.accept("UNIQUE"):
            constraints.append(Unique((name,), label, conflict=conflict(cursor)))
            label = None
        elif cursor.accept("CHECK"):
            constraints.append(Check(expression(cursor, cursor.parenthesised()), label, column=name))
            label = None
        elif cursor.sees("REFERENCES"):
            constraints.append(deferral(cursor, references(cursor, (name,), label, inline=True)))
            label = None
        else:
            return made, tuple(constraints)


def read_type(cursor: Cursor) -> DataType | None:
    """A type: any words, with arguments."""
    words = []
    while cursor.peek().kind in ("word", "name", "string") and cursor.peek().word not in TYPE_STOPS:
        words.append(cursor.take().text)
    if not words:
        return None
    arguments: tuple[str, ...] = ()
    if cursor.sees("("):
        arguments = cursor.in_parentheses(lambda: ("-" if cursor.accept("-") else "") + cursor.take().text)
    return DataType(" ".join(words).upper(), arguments)


def default_text(cursor: Cursor) -> str:
    """A default: a literal, or an expression in parentheses."""
    start = cursor.peek().start
    if cursor.sees("("):
        cursor.skip_parentheses()
    else:
        cursor.accept_any("-", "+")
        cursor.take()
    return cursor.sql[start : cursor.tokens[cursor.at - 1].end]


def conflict(cursor: Cursor) -> str | None:
    """ON CONFLICT …"""
    return cursor.identifier().lower() if cursor.accept("ON", "CONFLICT") else None


def deferral(cursor: Cursor, constraint: Constraint) -> Constraint:
    """DEFERRABLE and INITIALLY behind a foreign key."""
    from migguard.sql.postgresql_columns import attributes

    made = attributes(cursor, constraint)
    if getattr(made, "misplaced", None) is not None:
        raise cursor.unread("on this kind of constraint")
    return made


def table_constraint(cursor: Cursor) -> Constraint:
    """A constraint written by itself."""
    label = cursor.identifier() if cursor.accept("CONSTRAINT") else None
    if cursor.accept("PRIMARY", "KEY"):
        columns = tuple(e.column or "" for e in cursor.in_parentheses(lambda: index_element(cursor)))
        return PrimaryKey(columns, label, conflict=conflict(cursor))
    if cursor.accept("UNIQUE"):
        columns = tuple(e.column or "" for e in cursor.in_parentheses(lambda: index_element(cursor)))
        return Unique(columns, label, conflict=conflict(cursor))
    if cursor.accept("CHECK"):
        check = Check(expression(cursor, cursor.parenthesised()), label)
        conflict(cursor)
        return check
    cursor.expect("FOREIGN", "KEY")
    return deferral(cursor, references(cursor, cursor.identifiers(), label))


def alter(cursor: Cursor) -> tuple[Change, ...]:
    """ALTER TABLE, from behind ALTER."""
    cursor.expect("TABLE")
    table = cursor.name()
    if cursor.accept("RENAME", "TO"):
        return (RenameTable(table, Name(cursor.identifier(), table.schema)),)
    if cursor.accept("RENAME"):
        cursor.accept("COLUMN")
        old = cursor.identifier()
        cursor.expect("TO")
        return (RenameColumn(table, old, cursor.identifier()),)
    if cursor.accept("ADD"):
        cursor.accept("COLUMN")
        column, constraints = column_definition(cursor)
        return (AddColumn(table, column, constraints),)
    cursor.expect("DROP")
    cursor.accept("COLUMN")
    return (DropColumn(table, cursor.identifier()),)


def drop(cursor: Cursor) -> tuple[Change, ...]:
    """DROP, from behind the word."""
    kind = cursor.accept_any("TABLE", "INDEX", "VIEW", "TRIGGER")
    if kind is None:
        raise cursor.unread("after DROP")
    exists = cursor.if_exists()
    name = cursor.name()
    match kind:
        case "TABLE":
            return (DropTable(name, exists),)
        case "INDEX":
            return (DropIndex(name, if_exists=exists),)
        case "VIEW":
            return (DropView(name, if_exists=exists),)
        case _:
            return (DropTrigger(name, if_exists=exists),)


def pragma(cursor: Cursor) -> tuple[Change, ...]:
    """PRAGMA: with a value a setting, else a question."""
    name = cursor.name().name.lower()
    if cursor.accept("="):
        return (SetVariable(name, cursor.scalar().lower()),)
    if cursor.sees("(") and name in ("foreign_keys", "legacy_alter_table", "defer_foreign_keys", "journal_mode"):
        return (SetVariable(name, cursor.parenthesised().lower()),)
    cursor.rest()
    return (Select(Query(cursor.sql.strip())),)
