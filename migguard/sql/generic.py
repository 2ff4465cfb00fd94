"""SQL Server and Oracle: what SQLAlchemy and Alembic write for them is read; anything else is Unknown."""

from __future__ import annotations

from dataclasses import replace

from migguard.changes import (
    AddColumn,
    AddConstraint,
    Change,
    Check,
    ColumnDefinition,
    Comment,
    Constraint,
    CreateIndex,
    CreateSchema,
    CreateTable,
    DataType,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    DropView,
    Identity,
    ModifyColumn,
    Name,
    Nothing,
    Opaque,
    PrimaryKey,
    RenameColumn,
    RenameTable,
    SequenceOptions,
    Unique,
)
from migguard.sql import postgresql_session as session
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_columns import expression, index_element, references
from migguard.sql.postgresql_objects import comment_text, create_sequence, create_view


def read_generic(cursor: Cursor) -> tuple[Change, ...]:
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
            cursor.expect("TABLE")
            return alter(cursor)
        case "DROP":
            return drop(cursor)
        case "EXEC" | "EXECUTE":
            return execute(cursor)
        case "DECLARE" | "IF":
            cursor.rest()
            return (Opaque("batch", cursor.sql.strip()),)
        case "COMMENT":
            return comment(cursor)
        case "SET" | "GO" | "USE" | "PRINT":
            cursor.rest()
            return (Nothing(word.lower()),)
        case "BEGIN" | "COMMIT" | "ROLLBACK" | "SAVEPOINT":
            cursor.accept_any("TRAN", "TRANSACTION")
            return (session.transaction(cursor, word),)
        case _:
            cursor.at -= 1
            raise cursor.unread("at the beginning of a statement")


def create(cursor: Cursor) -> tuple[Change, ...]:
    """CREATE, from behind the word."""
    if cursor.accept("TABLE"):
        return (create_table(cursor),)
    unique = cursor.accept("UNIQUE")
    cursor.accept_any("CLUSTERED", "NONCLUSTERED", "BITMAP")
    if cursor.accept("INDEX"):
        name = cursor.name()
        cursor.expect("ON")
        table = cursor.name()
        made = CreateIndex(table, cursor.in_parentheses(lambda: index_element(cursor)), name, unique=unique)
        if cursor.accept("INCLUDE"):
            made = replace(made, include=cursor.identifiers())
        online = cursor.accept("ONLINE")
        if cursor.accept("WHERE"):
            made = replace(made, where=expression(cursor, cursor.text_until("WITH")))
        if cursor.accept("WITH"):
            online = "ONLINE=ON" in cursor.parenthesised().upper().replace(" ", "")
        return (replace(made, concurrently=online),)
    if cursor.accept("SEQUENCE"):
        return (create_sequence(cursor),)
    if cursor.accept("SCHEMA"):
        return (CreateSchema(cursor.identifier()),)
    or_replace = cursor.accept("OR", "REPLACE") or cursor.accept("OR", "ALTER")
    if cursor.accept("VIEW"):
        return (create_view(cursor, materialized=False, or_replace=or_replace, temporary=False),)
    raise cursor.unread("after CREATE")


def read_type(cursor: Cursor) -> DataType:
    """A type: words with arguments."""
    words = [cursor.identifier().lower()]
    if words[0] == "double" and cursor.accept("PRECISION"):
        words.append("precision")
    arguments: tuple[str, ...] = ()
    if cursor.sees("("):
        arguments = tuple(cursor.parenthesised().replace(" ", "").split(","))
    while cursor.sees("WITH", "TIME") or cursor.sees("WITH", "LOCAL"):
        cursor.accept("WITH")
        cursor.accept("LOCAL")
        cursor.expect("TIME", "ZONE")
        words.append("with time zone")
    return DataType(" ".join(words), arguments)


def column_definition(cursor: Cursor) -> tuple[ColumnDefinition, tuple[Constraint, ...]]:
    """A column with its constraints."""
    name = cursor.identifier()
    made = ColumnDefinition(name, read_type(cursor))
    constraints: list[Constraint] = []
    label: str | None = None
    while True:
        if cursor.accept("CONSTRAINT"):
            label = cursor.identifier()
        elif cursor.accept("NOT", "NULL"):
            made = replace(made, nullable=False)
        elif cursor.accept("NULL"):
            made = replace(made, nullable=True)
        elif cursor.accept("DEFAULT"):
            cursor.accept("ON", "NULL")
            made = replace(
                made,
                default=expression(
                    cursor, cursor.text_until("NOT", "NULL", "CONSTRAINT", "IDENTITY", "PRIMARY", "UNIQUE", "CHECK")
                ),
            )
        elif cursor.accept("IDENTITY"):
            if cursor.sees("("):
                cursor.skip_parentheses()
            made = replace(made, identity=Identity(True, SequenceOptions()))
        elif cursor.accept("GENERATED"):
            always = cursor.accept("ALWAYS")
            cursor.accept("BY", "DEFAULT")
            cursor.accept("ON", "NULL")
            cursor.expect("AS", "IDENTITY")
            if cursor.sees("("):
                cursor.skip_parentheses()
            made = replace(made, identity=Identity(always, SequenceOptions()))
        elif cursor.accept("COLLATE"):
            made = replace(made, collation=cursor.name())
        elif cursor.accept("PRIMARY", "KEY"):
            constraints.append(PrimaryKey((name,), label))
        elif cursor.accept("UNIQUE"):
            constraints.append(Unique((name,), label))
        elif cursor.accept("CHECK"):
            constraints.append(Check(expression(cursor, cursor.parenthesised()), label, column=name))
        elif cursor.sees("REFERENCES"):
            constraints.append(references(cursor, (name,), label, inline=True))
        elif not cursor.accept_any("ENABLE", "SPARSE", "ROWGUIDCOL"):
            return made, tuple(constraints)


def starts_constraint(cursor: Cursor) -> bool:
    """Whether a constraint comes next."""
    word, following = cursor.peek().word, cursor.peek(1).word
    return (
        word == "CONSTRAINT"
        or (word in ("PRIMARY", "FOREIGN") and following == "KEY")
        or (word in ("UNIQUE", "CHECK") and following in ("(", "NONCLUSTERED", "CLUSTERED"))
    )


def constraint(cursor: Cursor) -> Constraint:
    """A constraint written by itself."""
    label = cursor.identifier() if cursor.accept("CONSTRAINT") else None
    if cursor.accept("PRIMARY", "KEY"):
        cursor.accept_any("CLUSTERED", "NONCLUSTERED")
        return PrimaryKey(tuple(e.column or "" for e in cursor.in_parentheses(lambda: index_element(cursor))), label)
    if cursor.accept("UNIQUE"):
        cursor.accept_any("CLUSTERED", "NONCLUSTERED")
        return Unique(tuple(e.column or "" for e in cursor.in_parentheses(lambda: index_element(cursor))), label)
    if cursor.accept("CHECK"):
        return Check(expression(cursor, cursor.parenthesised()), label)
    cursor.expect("FOREIGN", "KEY")
    return references(cursor, cursor.identifiers(), label)


def create_table(cursor: Cursor) -> CreateTable:
    """CREATE TABLE, from behind TABLE."""
    table = cursor.name()
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    cursor.expect("(")
    while True:
        if starts_constraint(cursor):
            constraints.append(constraint(cursor))
        else:
            column, more = column_definition(cursor)
            columns.append(column)
            constraints += more
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return CreateTable(table, tuple(columns), tuple(constraints))


def alter(cursor: Cursor) -> tuple[Change, ...]:
    """ALTER TABLE, from behind TABLE."""
    table = cursor.name()
    if cursor.accept("ADD"):
        return added(cursor, table)
    if cursor.accept("DROP"):
        if cursor.accept("CONSTRAINT"):
            exists = cursor.if_exists()
            return (DropConstraint(table, cursor.identifier(), None, exists, cursor.cascade()),)
        cursor.accept("COLUMN")
        exists = cursor.if_exists()
        return (DropColumn(table, cursor.identifier(), exists),)
    if cursor.accept("ALTER", "COLUMN") or cursor.accept("MODIFY"):
        column, constraints = modified(cursor)
        return (ModifyColumn(table, column.name, column, constraints),)
    if cursor.accept("RENAME", "COLUMN"):
        old = cursor.identifier()
        cursor.expect("TO")
        return (RenameColumn(table, old, cursor.identifier()),)
    cursor.expect("RENAME", "TO")
    return (RenameTable(table, cursor.name()),)


def modified(cursor: Cursor) -> tuple[ColumnDefinition, tuple[Constraint, ...]]:
    """The new definition of a column; Oracle's may leave the type out."""
    if cursor.peek(1).word in ("NOT", "NULL", "DEFAULT"):
        name = cursor.identifier()
        made = ColumnDefinition(name, None)
        while not cursor.done and not cursor.sees(";"):
            if cursor.accept("NOT", "NULL"):
                made = replace(made, nullable=False)
            elif cursor.accept("NULL"):
                made = replace(made, nullable=True)
            elif cursor.accept("DEFAULT"):
                made = replace(made, default=expression(cursor, cursor.text_until("NOT", "NULL")))
            else:
                break
        return made, ()
    return column_definition(cursor)


def added(cursor: Cursor, table: Name) -> tuple[Change, ...]:
    """What follows ADD."""
    if (cursor.sees("CONSTRAINT") and cursor.peek(2).word == "DEFAULT") or cursor.sees("DEFAULT"):
        if cursor.accept("CONSTRAINT"):
            cursor.identifier()
        cursor.expect("DEFAULT")
        default = expression(cursor, cursor.text_until("FOR"))
        cursor.expect("FOR")
        from migguard.changes import SetDefault

        return (SetDefault(table, cursor.identifier(), default),)
    if starts_constraint(cursor):
        return (AddConstraint(table, constraint(cursor)),)
    wrapped = cursor.accept("(")
    cursor.accept("COLUMN")
    found = []
    while True:
        column, constraints = column_definition(cursor)
        found.append(AddColumn(table, column, constraints))
        if not cursor.accept(","):
            break
    if wrapped:
        cursor.expect(")")
    return tuple(found)


def drop(cursor: Cursor) -> tuple[Change, ...]:
    """DROP, from behind the word."""
    kind = cursor.accept_any("TABLE", "INDEX", "VIEW", "SEQUENCE")
    exists = cursor.if_exists()
    if kind == "TABLE":
        made = DropTable(cursor.name(), exists)
        if cursor.accept("CASCADE"):
            cursor.accept("CONSTRAINTS")
        return (made,)
    if kind == "INDEX":
        name = cursor.name()
        return (DropIndex(name, cursor.name() if cursor.accept("ON") else None, if_exists=exists),)
    if kind == "VIEW":
        return (DropView(cursor.name(), if_exists=exists),)
    if kind == "SEQUENCE":
        from migguard.changes import DropSequence

        return (DropSequence(cursor.name(), exists),)
    raise cursor.unread("after DROP")


def execute(cursor: Cursor) -> tuple[Change, ...]:
    """EXEC: sp_rename is read, other procedures are not."""
    if not cursor.accept("SP_RENAME"):
        cursor.rest()
        return (Opaque("EXEC", cursor.sql.strip()),)
    old = cursor.string().split(".")
    cursor.expect(",")
    new = cursor.string() if cursor.peek().kind == "string" else cursor.identifier()
    kind = cursor.string() if cursor.accept(",") else "OBJECT"
    names = [n.strip("[]") for n in old]
    if kind.upper() == "COLUMN":
        return (RenameColumn(Name(names[-2], names[-3] if len(names) > 2 else None), names[-1], new),)
    return (RenameTable(Name(names[-1], names[-2] if len(names) > 1 else None), Name(new)),)


def comment(cursor: Cursor) -> tuple[Change, ...]:
    """COMMENT ON (Oracle)."""
    cursor.expect("ON")
    if cursor.accept("TABLE"):
        name = cursor.name()
        return (Comment("table", name, comment_text(cursor)),)
    cursor.expect("COLUMN")
    name = cursor.name()
    return (Comment("column", Name(name.schema or ""), comment_text(cursor), name.name, Name(name.schema or "")),)
