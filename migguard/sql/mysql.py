"""MySQL 5.7 to 9 and MariaDB 10.3 to 11: one statement's tokens into changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterAlgorithm,
    AlterConstraint,
    Change,
    ColumnDefinition,
    Constraint,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateTrigger,
    CreateView,
    DropColumn,
    DropConstraint,
    DropFunction,
    DropIndex,
    DropSchema,
    DropTable,
    DropTrigger,
    DropView,
    Grant,
    Like,
    LockTable,
    Maintain,
    ModifyColumn,
    Name,
    Nothing,
    ObjectAction,
    Opaque,
    OtherObject,
    PartitionBy,
    Persistence,
    Query,
    RenameColumn,
    RenameIndex,
    RenameTable,
    Select,
    SetColumnOption,
    SetDefault,
    SetTableOption,
    SetVariable,
    TableAction,
    Truncate,
)
from migguard.sql import postgresql_session as session
from migguard.sql.cursor import Cursor
from migguard.sql.mysql_columns import column_definition, default, element, index_options, key, starts_key, table_option
from migguard.sql.postgresql_objects import create_sequence, drop
from migguard.sql.queries import read_query

Reader = Callable[[Cursor], tuple[Change, ...]]


def read_mysql(cursor: Cursor) -> tuple[Change, ...]:
    """The changes of a statement that is not over rows. Raises Unread."""
    word = cursor.take().word
    reader = READERS.get(word)
    if reader is None:
        cursor.at -= 1
        raise cursor.unread("at the beginning of a statement")
    found = reader(cursor)
    cursor.accept(";")
    cursor.finish()
    return found


# --- CREATE -------------------------------------------------------------------------------------------------------


def create(cursor: Cursor) -> tuple[Change, ...]:
    """CREATE, from behind the word."""
    or_replace = cursor.accept("OR", "REPLACE")
    temporary = cursor.accept("TEMPORARY")
    if cursor.accept("TABLE"):
        return (create_table(cursor, temporary, or_replace),)
    kind = cursor.accept_any("UNIQUE", "FULLTEXT", "SPATIAL")
    if cursor.accept("INDEX"):
        return create_index(cursor, kind, or_replace)
    if kind is not None:
        raise cursor.unread()
    if cursor.accept_any("DATABASE", "SCHEMA"):
        exists = cursor.if_not_exists()
        name = cursor.identifier()
        while table_option(cursor) is not None:
            pass
        return (CreateSchema(name, exists),)
    if cursor.accept("SEQUENCE"):
        return (create_sequence(cursor),)
    if cursor.accept("ALGORITHM"):
        cursor.expect("=")
        cursor.take()
    definer(cursor)
    if cursor.accept("SQL", "SECURITY"):
        cursor.take()
    if cursor.accept("VIEW"):
        return (create_view(cursor, or_replace),)
    if cursor.accept("TRIGGER"):
        return (create_trigger(cursor, or_replace),)
    cursor.accept("AGGREGATE")
    routine = cursor.accept_any("FUNCTION", "PROCEDURE", "EVENT")
    if routine is not None:
        cursor.if_not_exists()
        called = cursor.name()
        return (CreateFunction(called, routine.lower(), body=cursor.rest(), or_replace=or_replace, language="sql"),)
    if (other := cursor.accept_any("USER", "ROLE", "SERVER", "TABLESPACE")) is not None:
        return (OtherObject(ObjectAction.CREATE, other.lower(), text=cursor.rest()),)
    raise cursor.unread("after CREATE")


def definer(cursor: Cursor) -> None:
    """DEFINER = user@host."""
    if cursor.accept("DEFINER"):
        cursor.expect("=")
        cursor.take()
        if cursor.accept("(", ")"):
            return
        if cursor.peek().word.startswith("@"):
            cursor.take()
            if cursor.peek().kind in ("word", "name", "string"):
                cursor.take()


def create_table(cursor: Cursor, temporary: bool, or_replace: bool) -> CreateTable:
    """CREATE TABLE, from behind TABLE."""
    exists = cursor.if_not_exists()
    table = cursor.name()
    made = CreateTable(
        table,
        if_not_exists=exists,
        or_replace=or_replace,
        persistence=Persistence.TEMPORARY if temporary else Persistence.PERMANENT,
    )
    if cursor.accept("LIKE"):
        return replace(made, likes=(Like(cursor.name(), ("all",)),))
    if cursor.sees("(", "LIKE"):
        cursor.expect("(", "LIKE")
        made = replace(made, likes=(Like(cursor.name(), ("all",)),))
        cursor.expect(")")
        return made
    if cursor.sees("(") and not cursor.sees("(", "SELECT"):
        made = elements(cursor, made)
    options: list[tuple[str, str]] = []
    while not cursor.done:
        cursor.accept(",")
        option = table_option(cursor)
        if option is not None:
            options.append(option)
        elif cursor.sees("PARTITION", "BY"):
            made = replace(made, partition_by=PartitionBy("mysql", (), cursor.rest()))
        elif cursor.accept("WITH", "SYSTEM", "VERSIONING"):
            options.append(("system versioning", "true"))
        elif cursor.sees_any("AS", "SELECT", "IGNORE", "REPLACE", "(") is not None:
            cursor.accept_any("IGNORE", "REPLACE")
            cursor.accept("AS")
            made = replace(made, query=read_query(cursor.rest(), cursor.engine))
        else:
            break
    return replace(made, options=tuple(options))


def elements(cursor: Cursor, made: CreateTable) -> CreateTable:
    """The columns and keys in parentheses."""
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    indexes: list[CreateIndex] = []
    cursor.expect("(")
    while True:
        if cursor.accept("PERIOD", "FOR", "SYSTEM_TIME"):
            cursor.skip_parentheses()
        elif starts_key(cursor):
            one = key(cursor, made.table)
            if isinstance(one, CreateIndex):
                indexes.append(one)
            else:
                constraints.append(one)
        else:
            column, more, _ = column_definition(cursor)
            columns.append(column)
            constraints += more
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return replace(made, columns=tuple(columns), constraints=tuple(constraints), indexes=tuple(indexes))


def create_index(cursor: Cursor, kind: str | None, or_replace: bool) -> tuple[Change, ...]:
    """CREATE INDEX, from behind INDEX."""
    exists = cursor.if_not_exists()
    name = cursor.name()
    options = index_options(cursor)
    cursor.expect("ON")
    table = cursor.name()
    parts = cursor.in_parentheses(lambda: element(cursor))
    options += index_options(cursor)
    made = CreateIndex(
        table,
        parts,
        name,
        unique=kind == "UNIQUE",
        if_not_exists=exists,
        or_replace=or_replace,
        kind=kind.lower() if kind in ("FULLTEXT", "SPATIAL") else None,
        options=options,
    )
    return (made, *algorithm(cursor, table))


def algorithm(cursor: Cursor, table: Name) -> tuple[Change, ...]:
    """ALGORITHM and LOCK behind a statement."""
    found: list[Change] = []
    while (word := cursor.accept_any("ALGORITHM", "LOCK", "WAIT", "NOWAIT")) is not None:
        if word == "WAIT":
            cursor.integer()
        elif word != "NOWAIT":
            cursor.accept("=")
            value = cursor.scalar().upper()
            found.append(
                AlterAlgorithm(table, value, None) if word == "ALGORITHM" else AlterAlgorithm(table, None, value)
            )
    return tuple(found)


def create_view(cursor: Cursor, or_replace: bool) -> CreateView:
    """CREATE VIEW, from behind VIEW."""
    exists = cursor.if_not_exists()
    name = cursor.name()
    columns = cursor.identifiers() if cursor.sees("(") else ()
    cursor.expect("AS")
    text = cursor.rest()
    words = " ".join(text.upper().split())
    if words.endswith("CHECK OPTION"):
        text = text[: text.upper().rindex("WITH")].rstrip()
    return CreateView(
        name, read_query(text, cursor.engine), or_replace=or_replace, if_not_exists=exists, columns=columns
    )


def create_trigger(cursor: Cursor, or_replace: bool) -> CreateTrigger:
    """CREATE TRIGGER, from behind TRIGGER."""
    exists = cursor.if_not_exists()
    name = cursor.name()
    timing = cursor.accept_any("BEFORE", "AFTER")
    event = cursor.accept_any("INSERT", "UPDATE", "DELETE")
    if timing is None or event is None:
        raise cursor.unread("in CREATE TRIGGER")
    cursor.expect("ON")
    table = cursor.name()
    cursor.expect("FOR", "EACH", "ROW")
    body = cursor.rest()
    return CreateTrigger(
        name, table, timing.lower(), (event.lower(),), body=body, or_replace=or_replace, if_not_exists=exists
    )


# --- ALTER --------------------------------------------------------------------------------------------------------


def alter(cursor: Cursor) -> tuple[Change, ...]:
    """ALTER, from behind the word."""
    cursor.accept_any("ONLINE", "IGNORE")
    if cursor.accept("TABLE"):
        cursor.if_exists()
        table = cursor.name()
        found: list[Change] = []
        while not cursor.done and not cursor.sees(";"):
            found += action(cursor, table)
            if not cursor.accept(","):
                break
        found += partitioning(cursor, table)
        return tuple(found) or (SetTableOption(table, TableAction.OTHER_OPTION),)
    if cursor.accept_any("DATABASE", "SCHEMA"):
        return (OtherObject(ObjectAction.ALTER, "database", text=cursor.rest()),)
    for kind in ("USER", "VIEW", "EVENT", "FUNCTION", "PROCEDURE", "SERVER", "TABLESPACE", "INSTANCE", "SEQUENCE"):
        if cursor.accept(kind):
            return (OtherObject(ObjectAction.ALTER, kind.lower(), text=cursor.rest()),)
    raise cursor.unread("after ALTER")


def action(cursor: Cursor, table: Name) -> list[Change]:
    """One action of ALTER TABLE."""
    if cursor.accept("ADD"):
        return added(cursor, table)
    if cursor.accept("DROP"):
        return [dropped(cursor, table)]
    if cursor.accept("MODIFY"):
        cursor.accept("COLUMN")
        exists = cursor.if_exists()
        column, constraints, place = column_definition(cursor)
        return [ModifyColumn(table, column.name, column, constraints, place, exists)]
    if cursor.accept("CHANGE"):
        cursor.accept("COLUMN")
        exists = cursor.if_exists()
        old = cursor.identifier()
        column, constraints, place = column_definition(cursor)
        return [ModifyColumn(table, old, column, constraints, place, exists)]
    if cursor.accept("ALTER"):
        return [altered(cursor, table)]
    if cursor.accept("RENAME"):
        return [renamed(cursor, table)]
    if cursor.accept("CONVERT", "TO"):
        if not (cursor.accept("CHARACTER", "SET") or cursor.accept("CHARSET")):
            raise cursor.unread("after CONVERT TO")
        charset = cursor.scalar().lower()
        collation = cursor.scalar() if cursor.accept("COLLATE") else ""
        return [
            SetTableOption(table, TableAction.CONVERT_CHARSET, charset, (("collate", collation),) if collation else ())
        ]
    if cursor.accept("FORCE"):
        return [SetTableOption(table, TableAction.FORCE)]
    if cursor.accept("ORDER", "BY"):
        names = cursor.listed(lambda: element(cursor))
        return [SetTableOption(table, TableAction.ORDER_BY, ", ".join(e.column or "" for e in names))]
    if (word := cursor.accept_any("ENABLE", "DISABLE")) is not None:
        cursor.expect("KEYS")
        return [SetTableOption(table, TableAction.KEYS, word.lower())]
    if (word := cursor.accept_any("DISCARD", "IMPORT")) is not None:
        cursor.expect("TABLESPACE")
        return [SetTableOption(table, TableAction.TABLESPACE_FILE, word.lower())]
    if cursor.accept("WITH", "VALIDATION") or cursor.accept("WITHOUT", "VALIDATION"):
        return [SetTableOption(table, TableAction.OTHER_OPTION, "validation")]
    found = algorithm(cursor, table)
    if found:
        return list(found)
    option = table_option(cursor)
    if option is not None:
        actions = {
            "engine": TableAction.ENGINE, "comment": TableAction.COMMENT, "auto_increment": TableAction.AUTO_INCREMENT,
            "row_format": TableAction.ROW_FORMAT, "charset": TableAction.DEFAULT_CHARSET,
        }  # fmt: skip
        return [SetTableOption(table, actions.get(option[0], TableAction.OTHER_OPTION), option[1], (option,))]
    return partitioning(cursor, table, required=True)


PARTITIONING = (
    "PARTITION",
    "REMOVE",
    "TRUNCATE",
    "REORGANIZE",
    "COALESCE",
    "EXCHANGE",
    "ANALYZE",
    "OPTIMIZE",
    "REBUILD",
    "REPAIR",
    "CHECK",
)


def partitioning(cursor: Cursor, table: Name, *, required: bool = False) -> list[Change]:
    """Partition operations."""
    word = cursor.sees_any(*PARTITIONING)
    if word is None:
        if required:
            raise cursor.unread("after ALTER TABLE")
        return []
    return [SetTableOption(table, TableAction.PARTITIONING, cursor.rest())]


def added(cursor: Cursor, table: Name) -> list[Change]:
    """What follows ADD."""
    if cursor.sees("PARTITION"):
        return [SetTableOption(table, TableAction.PARTITIONING, "add " + cursor.rest())]
    if starts_key(cursor):
        one = key(cursor, table)
        return [one if isinstance(one, CreateIndex) else AddConstraint(table, one)]
    cursor.accept("COLUMN")
    exists = cursor.if_not_exists()
    if cursor.accept("("):
        found: list[Change] = []
        while True:
            column, constraints, _ = column_definition(cursor)
            found.append(AddColumn(table, column, constraints))
            if not cursor.accept(","):
                break
        cursor.expect(")")
        return found
    column, constraints, place = column_definition(cursor)
    return [AddColumn(table, column, constraints, exists, position=place)]


def dropped(cursor: Cursor, table: Name) -> Change:
    """What follows DROP."""
    if cursor.accept("PRIMARY", "KEY"):
        return DropConstraint(table, None, "primary key")
    if cursor.accept("FOREIGN", "KEY"):
        exists = cursor.if_exists()
        return DropConstraint(table, cursor.identifier(), "foreign key", exists)
    if cursor.accept_any("INDEX", "KEY"):
        exists = cursor.if_exists()
        return DropIndex(Name(cursor.identifier()), table, if_exists=exists)
    if (word := cursor.accept_any("CHECK", "CONSTRAINT")) is not None:
        exists = cursor.if_exists()
        return DropConstraint(table, cursor.identifier(), "check" if word == "CHECK" else None, exists)
    if cursor.sees("PARTITION"):
        return SetTableOption(table, TableAction.PARTITIONING, "drop " + cursor.rest())
    cursor.accept("COLUMN")
    exists = cursor.if_exists()
    column = cursor.identifier()
    cursor.cascade()
    return DropColumn(table, column, exists)


def altered(cursor: Cursor, table: Name) -> Change:
    """What follows ALTER inside ALTER TABLE."""
    if cursor.accept("INDEX"):
        name = cursor.identifier()
        cursor.take()
        return SetTableOption(table, TableAction.OTHER_OPTION, f"visibility of {name}")
    if cursor.accept_any("CHECK", "CONSTRAINT"):
        name = cursor.identifier()
        enforced = not cursor.accept("NOT")
        cursor.expect("ENFORCED")
        return AlterConstraint(table, name, enforced=enforced)
    cursor.accept("COLUMN")
    column = cursor.identifier()
    if cursor.accept("SET", "DEFAULT"):
        made = default(cursor)
        return SetDefault(table, column, None if made.is_null else made)
    if cursor.accept("DROP", "DEFAULT"):
        return SetDefault(table, column, None)
    if cursor.accept("SET"):
        return SetColumnOption(table, column, "visibility", cursor.take().text.lower())
    raise cursor.unread("after ALTER COLUMN")


def renamed(cursor: Cursor, table: Name) -> Change:
    """What follows RENAME inside ALTER TABLE."""
    if cursor.accept("COLUMN"):
        old = cursor.identifier()
        cursor.expect("TO")
        return RenameColumn(table, old, cursor.identifier())
    if cursor.accept_any("INDEX", "KEY"):
        old = cursor.identifier()
        cursor.expect("TO")
        return RenameIndex(Name(old), cursor.identifier(), table)
    cursor.accept_any("TO", "AS")
    return RenameTable(table, cursor.name())


# --- the rest -----------------------------------------------------------------------------------------------------


def drop_any(cursor: Cursor) -> tuple[Change, ...]:
    """DROP, from behind the word."""
    temporary = cursor.accept("TEMPORARY")
    if cursor.accept("TABLE") or cursor.accept("TABLES"):
        exists = cursor.if_exists()
        names = cursor.names()
        cascade = cursor.cascade()
        return tuple(DropTable(n, exists, cascade, temporary) for n in names)
    if cursor.accept("INDEX"):
        exists = cursor.if_exists()
        name = cursor.name()
        cursor.expect("ON")
        table = cursor.name()
        return (DropIndex(name, table, if_exists=exists), *algorithm(cursor, table))
    if cursor.accept_any("DATABASE", "SCHEMA"):
        exists = cursor.if_exists()
        return (DropSchema(cursor.identifier(), exists, cascade=True),)
    if cursor.accept("VIEW"):
        exists = cursor.if_exists()
        names = cursor.names()
        cursor.cascade()
        return tuple(DropView(n, if_exists=exists) for n in names)
    if cursor.accept("TRIGGER"):
        exists = cursor.if_exists()
        return (DropTrigger(cursor.name(), if_exists=exists),)
    if (kind := cursor.accept_any("FUNCTION", "PROCEDURE", "EVENT")) is not None:
        exists = cursor.if_exists()
        return (DropFunction(cursor.name(), kind.lower(), if_exists=exists),)
    if (kind := cursor.accept_any("USER", "ROLE", "SERVER", "TABLESPACE", "PREPARE")) is not None:
        return (OtherObject(ObjectAction.DROP, kind.lower(), text=cursor.rest()),)
    return drop(cursor)


def rename(cursor: Cursor) -> tuple[Change, ...]:
    """RENAME TABLE, from behind RENAME."""
    if cursor.accept_any("TABLE", "TABLES") is None:
        return (OtherObject(ObjectAction.ALTER, "user", text=cursor.rest()),)

    def one() -> Change:
        old = cursor.name()
        cursor.expect("TO")
        return RenameTable(old, cursor.name())

    return cursor.listed(one)


def set_variables(cursor: Cursor) -> tuple[Change, ...]:
    """SET, from behind the word: one or several."""
    if cursor.sees_any("PASSWORD", "ROLE", "RESOURCE") or cursor.sees("DEFAULT", "ROLE"):
        return (Nothing(f"set {cursor.rest()}"),)
    if cursor.sees("TRANSACTION") or cursor.sees("SESSION", "TRANSACTION") or cursor.sees("GLOBAL", "TRANSACTION"):
        return (Nothing(f"set {cursor.rest()}"),)
    if cursor.accept("NAMES"):
        value = cursor.scalar()
        if cursor.accept("COLLATE"):
            cursor.scalar()
        return (SetVariable("names", value),)
    if cursor.accept("CHARACTER", "SET") or cursor.accept("CHARSET"):
        return (SetVariable("character_set", cursor.scalar()),)
    return cursor.listed(lambda: one_variable(cursor))


def one_variable(cursor: Cursor) -> Change:
    """One assignment of SET."""
    is_global = False
    while cursor.peek().word.startswith("@"):
        cursor.take()
    if (scope := cursor.accept_any("GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY")) is not None:
        is_global = scope in ("GLOBAL", "PERSIST", "PERSIST_ONLY")
        cursor.accept(".")
    name = cursor.identifier().lower()
    if cursor.accept("."):
        name = cursor.identifier().lower()
    if cursor.accept_any("=", ":=") is None:
        raise cursor.unread("where = was expected")
    text = cursor.text_until()
    from migguard.sql.expressions import read_expression

    value = read_expression(text, cursor.engine).constant
    return SetVariable(name, value if value is not None else text, is_global=is_global)


def truncate(cursor: Cursor) -> tuple[Change, ...]:
    """TRUNCATE, from behind the word."""
    cursor.accept("TABLE")
    table = cursor.name()
    algorithm(cursor, table)
    return (Truncate(table),)


def lock_tables(cursor: Cursor) -> tuple[Change, ...]:
    """LOCK TABLES, from behind LOCK."""
    if cursor.accept_any("TABLES", "TABLE") is None:
        return (Nothing(f"lock {cursor.rest()}"),)

    def one() -> Change:
        name = cursor.name()
        if cursor.accept("AS"):
            cursor.identifier()
        mode = cursor.accept_any("READ", "WRITE", "LOW_PRIORITY")
        if mode is None:
            raise cursor.unread("where READ or WRITE was expected")
        cursor.accept_any("LOCAL", "WRITE")
        return LockTable(name, "READ" if mode == "READ" else "WRITE")

    return cursor.listed(one)


def maintain(word: str) -> Reader:
    """OPTIMIZE, ANALYZE, CHECK and REPAIR TABLE."""

    def read(cursor: Cursor) -> tuple[Change, ...]:
        cursor.accept_any("LOCAL", "NO_WRITE_TO_BINLOG")
        if cursor.accept_any("TABLE", "TABLES") is None:
            raise cursor.unread(f"after {word}")
        names = cursor.names()
        cursor.rest()
        return tuple(Maintain(word.lower(), n) for n in names)

    return read


def query(cursor: Cursor) -> tuple[Change, ...]:
    """SHOW, DESCRIBE, EXPLAIN: they read."""
    cursor.rest()
    return (Select(Query(cursor.sql.strip())),)


def nothing(what: str) -> Reader:
    """A statement that changes nothing that matters here."""

    def read(cursor: Cursor) -> tuple[Change, ...]:
        cursor.rest()
        return (Nothing(what),)

    return read


def call(cursor: Cursor) -> tuple[Change, ...]:
    """CALL and EXECUTE: what they run is not seen."""
    cursor.rest()
    return (Opaque("call", cursor.sql.strip()),)


def control(word: str) -> Reader:
    """Transaction control."""

    def read(cursor: Cursor) -> tuple[Change, ...]:
        if word in ("START", "BEGIN"):
            cursor.accept("TRANSACTION")
            cursor.rest()
            return (session.transaction(Cursor("", cursor.engine), "BEGIN"),)
        made = session.transaction(cursor, word)
        if cursor.accept_any("RELEASE"):
            pass
        return (made,)

    return read


READERS: dict[str, Reader] = {
    "CREATE": create,
    "ALTER": alter,
    "DROP": drop_any,
    "RENAME": rename,
    "TRUNCATE": truncate,
    "SET": set_variables,
    "LOCK": lock_tables,
    "UNLOCK": nothing("unlock tables"),
    "USE": nothing("use"),
    "GRANT": lambda c: (Grant(False, (), c.rest()),),
    "REVOKE": lambda c: (Grant(True, (), c.rest()),),
    "FLUSH": nothing("flush"),
    "PREPARE": nothing("prepare"),
    "DEALLOCATE": nothing("deallocate"),
    "KILL": nothing("kill"),
    "INSTALL": nothing("install"),
    "UNINSTALL": nothing("uninstall"),
    "CALL": call,
    "EXECUTE": call,
    "DO": call,
    "LOAD": lambda c: (Opaque("load data", c.sql.strip()),) if c.rest() else (),
    **dict.fromkeys(("SHOW", "DESCRIBE", "DESC", "EXPLAIN", "HELP"), query),
    **{w: maintain(w) for w in ("OPTIMIZE", "ANALYZE", "CHECK", "REPAIR", "CHECKSUM")},
    **{w: control(w) for w in ("START", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")},
}
