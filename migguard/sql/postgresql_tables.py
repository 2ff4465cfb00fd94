"""PostgreSQL: CREATE TABLE, CREATE INDEX and ALTER TABLE."""

from __future__ import annotations

from dataclasses import replace

from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    AttachPartition,
    Change,
    ColumnDefinition,
    Constraint,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    Identity,
    Like,
    Name,
    PartitionBound,
    PartitionBy,
    Persistence,
    RenameColumn,
    RenameConstraint,
    RenameTable,
    SequenceOptions,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetIdentity,
    SetInheritance,
    SetNullable,
    SetSchema,
    SetTableOption,
    TableAction,
    ValidateConstraint,
)
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_columns import (
    CONSTRAINT_WORDS,
    column_definition,
    expression,
    generated,
    index_element,
    nulls_not_distinct,
    option_list,
    sequence_option,
    table_constraint,
)
from migguard.sql.postgresql_types import read_type
from migguard.sql.queries import read_query
from migguard.sql.tokens import Unread


def create_table(cursor: Cursor, persistence: Persistence) -> CreateTable:
    """CREATE TABLE, from behind TABLE."""
    exists = cursor.if_not_exists()
    table = cursor.name()
    made = CreateTable(table, if_not_exists=exists, persistence=persistence)
    if cursor.accept("PARTITION", "OF"):
        made = replace(made, partition_of=cursor.name())
        if cursor.sees("("):
            made = elements(cursor, made, typed=False)
        made = replace(made, bound=partition_bound(cursor))
    elif cursor.accept("OF"):
        made = replace(made, of_type=cursor.name())
        if cursor.sees("("):
            made = elements(cursor, made, typed=False)
    elif cursor.sees("(") and not names_only(cursor):
        made = elements(cursor, made)
    elif cursor.sees("("):
        made = replace(made, columns=tuple(ColumnDefinition(n, None) for n in cursor.identifiers()))
    return table_tail(cursor, made)


def names_only(cursor: Cursor) -> bool:
    """Whether the parentheses hold nothing but names, as in CREATE TABLE t (a, b) AS …"""
    at, depth = cursor.at + 1, 1
    expecting = True
    while at < len(cursor.tokens) and depth:
        token = cursor.tokens[at]
        if token.word == ")":
            depth -= 1
        elif expecting:
            if token.kind not in ("word", "name"):
                return False
            expecting = False
        elif token.word != ",":
            return False
        else:
            expecting = True
        at += 1
    return (
        at < len(cursor.tokens)
        and cursor.tokens[at].word in ("AS", "WITH", "USING", "ON", "TABLESPACE")
        and not expecting
    )


def elements(cursor: Cursor, made: CreateTable, *, typed: bool = True) -> CreateTable:
    """The columns, constraints and LIKEs in parentheses."""
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    likes: list[Like] = []
    cursor.expect("(")
    if cursor.accept(")"):
        return made
    while True:
        if cursor.accept("LIKE"):
            likes.append(like(cursor))
        elif starts_constraint(cursor):
            constraints.append(table_constraint(cursor))
        else:
            column, more = column_definition(cursor, typed=typed)
            columns.append(column)
            constraints += more
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return replace(made, columns=tuple(columns), constraints=tuple(constraints), likes=tuple(likes))


def starts_constraint(cursor: Cursor) -> bool:
    """Whether a constraint comes next, and not a column that is named like one."""
    word = cursor.peek().word
    if word not in CONSTRAINT_WORDS and not cursor.sees("NOT", "NULL"):
        return False
    following = cursor.peek(1)
    if word == "CONSTRAINT":
        return following.kind in ("word", "name")
    if word in ("PRIMARY", "FOREIGN"):
        return following.word == "KEY"
    if word == "UNIQUE":
        return following.word in ("(", "NULLS", "USING")
    return True


def like(cursor: Cursor) -> Like:
    """LIKE source INCLUDING …"""
    source = cursor.name()
    including: list[str] = []
    excluding: list[str] = []
    while (word := cursor.accept_any("INCLUDING", "EXCLUDING")) is not None:
        (including if word == "INCLUDING" else excluding).append(cursor.identifier().lower())
    return Like(source, tuple(including), tuple(excluding))


def table_tail(cursor: Cursor, made: CreateTable) -> CreateTable:
    """Everything behind the parentheses of CREATE TABLE."""
    options: list[tuple[str, str]] = []
    while not cursor.done:
        if cursor.accept("INHERITS"):
            made = replace(made, inherits=cursor.in_parentheses(cursor.name))
        elif cursor.accept("PARTITION", "BY"):
            made = replace(made, partition_by=partition_by(cursor))
        elif cursor.accept("USING"):
            options.append(("using", cursor.identifier()))
        elif cursor.accept("WITHOUT", "OIDS") or cursor.accept("WITH", "OIDS"):
            continue
        elif cursor.accept("WITH"):
            options += option_list(cursor)
        elif cursor.accept("ON", "COMMIT"):
            start = cursor.peek().start
            if not (cursor.accept("PRESERVE", "ROWS") or cursor.accept("DELETE", "ROWS") or cursor.accept("DROP")):
                raise cursor.unread("after ON COMMIT")
            options.append(("on commit", cursor.sql[start : cursor.tokens[cursor.at - 1].end].lower()))
        elif cursor.accept("TABLESPACE"):
            options.append(("tablespace", cursor.identifier()))
        elif cursor.accept("AS"):
            text = cursor.rest()
            upper = " ".join(text.upper().split())
            data = not upper.endswith("WITH NO DATA")
            if upper.endswith(("WITH NO DATA", "WITH DATA")):
                text = text[: text.upper().rindex("WITH")].rstrip()
            query = read_query(text, cursor.engine)
            if not query.readable:
                raise Unread("its query was not understood")
            made = replace(made, query=query, with_data=data)
        else:
            break
    return replace(made, options=tuple(options)) if options else made


def partition_by(cursor: Cursor) -> PartitionBy:
    """PARTITION BY strategy (keys)."""
    strategy = cursor.identifier().lower()
    start = cursor.peek().end

    def one() -> str | None:
        element = index_element(cursor)
        return element.column

    columns = cursor.in_parentheses(one)
    return PartitionBy(strategy, columns, cursor.sql[start : cursor.tokens[cursor.at - 1].start].strip())


def partition_bound(cursor: Cursor) -> PartitionBound:
    """FOR VALUES …, or DEFAULT."""
    start = cursor.peek().start
    if cursor.accept("DEFAULT"):
        return PartitionBound(default=True, text="DEFAULT")
    cursor.expect("FOR", "VALUES")

    def value() -> str | None:
        text = cursor.text_until()
        read = expression(cursor, text)
        if text.upper() in ("MINVALUE", "MAXVALUE"):
            return None
        return read.constant if read.constant is not None else None if read.is_null else text

    if cursor.accept("IN"):
        bound = PartitionBound(values=cursor.in_parentheses(value))
    elif cursor.accept("FROM"):
        lower = cursor.in_parentheses(value)
        cursor.expect("TO")
        bound = PartitionBound(lower=lower, upper=cursor.in_parentheses(value))
    else:
        cursor.expect("WITH")
        given = dict(option_list_spaced(cursor))
        if given.keys() != {"modulus", "remainder"}:
            raise cursor.unread("where MODULUS and REMAINDER were expected")
        bound = PartitionBound(modulus=int(given["modulus"]), remainder=int(given["remainder"]))
    return replace(bound, text=cursor.sql[start : cursor.tokens[cursor.at - 1].end])


def option_list_spaced(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """`(MODULUS 4, REMAINDER 0)`."""
    return cursor.in_parentheses(lambda: (cursor.identifier().lower(), str(cursor.integer())))


def create_index(cursor: Cursor, *, unique: bool) -> CreateIndex:
    """CREATE INDEX, from behind INDEX."""
    concurrently = cursor.accept("CONCURRENTLY")
    exists = cursor.if_not_exists()
    name = None if cursor.sees("ON") else cursor.name()
    cursor.expect("ON")
    only = cursor.accept("ONLY")
    table = cursor.name()
    method = cursor.identifier() if cursor.accept("USING") else None
    made = CreateIndex(
        table,
        cursor.in_parentheses(lambda: index_element(cursor)),
        name,
        unique=unique,
        concurrently=concurrently,
        if_not_exists=exists,
        only=only,
        method=method,
    )
    if cursor.accept("INCLUDE"):
        made = replace(made, include=cursor.identifiers())
    made = replace(made, nulls_not_distinct=nulls_not_distinct(cursor))
    options: list[tuple[str, str]] = []
    if cursor.accept("WITH"):
        options += option_list(cursor)
    if cursor.accept("TABLESPACE"):
        options.append(("tablespace", cursor.identifier()))
    if cursor.accept("WHERE"):
        made = replace(made, where=expression(cursor, cursor.rest()))
    return replace(made, options=tuple(options))


# --- ALTER TABLE --------------------------------------------------------------------------------------------------


def alter_table(cursor: Cursor, kind: str) -> tuple[Change, ...]:
    """ALTER TABLE, VIEW, MATERIALIZED VIEW or FOREIGN TABLE, from behind the kind."""
    exists = cursor.if_exists()
    cursor.accept("ONLY")
    only = cursor.tokens[cursor.at - 1].word == "ONLY"
    table = cursor.name()
    cursor.accept("*")
    if cursor.accept("RENAME"):
        return (renamed(cursor, table, kind, exists),)
    if cursor.accept("SET", "SCHEMA"):
        return (SetSchema(kind, table, cursor.identifier(), exists),)
    if cursor.accept("ATTACH", "PARTITION"):
        return (AttachPartition(table, cursor.name(), partition_bound(cursor)),)
    if cursor.accept("DETACH", "PARTITION"):
        part = cursor.name()
        how = cursor.accept_any("CONCURRENTLY", "FINALIZE")
        return (DetachPartition(table, part, how == "CONCURRENTLY", how == "FINALIZE"),)
    return cursor.listed(lambda: action(cursor, table, kind, exists, only))


def renamed(cursor: Cursor, table: Name, kind: str, exists: bool) -> Change:
    """What follows RENAME."""
    if cursor.accept("TO"):
        return RenameTable(table, Name(cursor.identifier(), table.schema), exists, kind)
    if cursor.accept("CONSTRAINT"):
        old = cursor.identifier()
        cursor.expect("TO")
        return RenameConstraint(table, old, cursor.identifier())
    if not (cursor.sees("COLUMN", "TO")):
        cursor.accept("COLUMN")
    old = cursor.column()
    cursor.expect("TO")
    return RenameColumn(table, old, cursor.identifier(), exists, kind)


def action(cursor: Cursor, table: Name, kind: str, exists: bool, only: bool) -> Change:
    """One action of ALTER TABLE."""
    if cursor.accept("ADD"):
        return added(cursor, table, exists, only)
    if cursor.accept("DROP"):
        if cursor.accept("CONSTRAINT"):
            missing = cursor.if_exists()
            return DropConstraint(table, cursor.identifier(), None, missing, cursor.cascade(), exists)
        cursor.accept("COLUMN")
        missing = cursor.if_exists()
        return DropColumn(table, cursor.identifier(), missing, cursor.cascade(), exists)
    if cursor.accept("ALTER", "CONSTRAINT"):
        return altered_constraint(cursor, table)
    if cursor.accept("ALTER"):
        cursor.accept("COLUMN")
        return altered_column(cursor, table, exists)
    if cursor.accept("VALIDATE", "CONSTRAINT"):
        return ValidateConstraint(table, cursor.identifier())
    if cursor.accept("INHERIT"):
        return SetInheritance(table, cursor.name(), True)
    if cursor.accept("NO", "INHERIT"):
        return SetInheritance(table, cursor.name(), False)
    return table_option(cursor, SetTableOption(table, TableAction.OTHER_OPTION, kind=kind, if_exists=exists))


def added(cursor: Cursor, table: Name, exists: bool, only: bool) -> Change:
    """What follows ADD."""
    if starts_constraint(cursor):
        return AddConstraint(table, table_constraint(cursor), exists, only)
    cursor.accept("COLUMN")
    missing = cursor.if_not_exists()
    column, constraints = column_definition(cursor)
    return AddColumn(table, column, constraints, missing, exists, only)


def altered_constraint(cursor: Cursor, table: Name) -> AlterConstraint:
    """ALTER CONSTRAINT name …"""
    made = AlterConstraint(table, cursor.identifier())
    while True:
        if cursor.accept("NOT", "DEFERRABLE"):
            made = replace(made, deferrable=False, initially_deferred=False)
        elif cursor.accept("DEFERRABLE"):
            made = replace(made, deferrable=True)
        elif cursor.accept("INITIALLY"):
            word = cursor.accept_any("DEFERRED", "IMMEDIATE")
            if word is None or (word == "DEFERRED" and made.deferrable is False):
                raise cursor.unread("after INITIALLY")
            made = replace(made, initially_deferred=word == "DEFERRED")
        elif cursor.accept("NOT", "ENFORCED"):
            made = replace(made, enforced=False)
        elif cursor.accept("ENFORCED"):
            made = replace(made, enforced=True)
        elif cursor.accept("SET", "NO", "INHERIT") or cursor.accept("NO", "INHERIT"):
            made = replace(made, inherit=False)
        elif cursor.accept("SET", "INHERIT") or cursor.accept("INHERIT"):
            made = replace(made, inherit=True)
        else:
            return made


def altered_column(cursor: Cursor, table: Name, exists: bool) -> Change:
    """ALTER COLUMN name …"""
    token = cursor.peek()
    column = str(cursor.integer()) if token.kind == "number" else cursor.identifier()
    if cursor.accept("TYPE") or cursor.accept("SET", "DATA", "TYPE"):
        data_type = read_type(cursor).type
        collation = cursor.name() if cursor.accept("COLLATE") else None
        using = expression(cursor, cursor.text_until()) if cursor.accept("USING") else None
        return AlterColumnType(table, column, data_type, collation, using, exists)
    if cursor.accept("SET", "DEFAULT"):
        default = expression(cursor, cursor.text_until())
        return SetDefault(table, column, None if default.is_null else default, exists)
    if cursor.accept("DROP", "DEFAULT"):
        return SetDefault(table, column, None, exists)
    if cursor.accept("SET", "NOT", "NULL"):
        return SetNullable(table, column, False, exists)
    if cursor.accept("DROP", "NOT", "NULL"):
        return SetNullable(table, column, True, exists)
    if cursor.accept("SET", "EXPRESSION", "AS"):
        return SetGenerated(table, column, expression(cursor, cursor.parenthesised()))
    if cursor.accept("DROP", "EXPRESSION"):
        return SetGenerated(table, column, None, cursor.if_exists())
    if cursor.accept("DROP", "IDENTITY"):
        return SetIdentity(table, column, "drop", if_exists=cursor.if_exists())
    if cursor.accept("ADD"):
        made = generated(cursor, ColumnDefinition(column, None))
        if made.identity is None:
            raise cursor.unread("where AS IDENTITY was expected")
        return SetIdentity(table, column, "add", made.identity)
    return column_option(cursor, table, column)


def column_option(cursor: Cursor, table: Name, column: str) -> Change:
    """SET STATISTICS and the like, and changes of an identity."""
    if cursor.accept("RESET"):
        return SetColumnOption(table, column, "reset", ", ".join(cursor.identifiers()))
    if cursor.sees("SET", "("):
        cursor.expect("SET")
        start = cursor.peek().end
        option_list(cursor)
        return SetColumnOption(table, column, "set", cursor.sql[start : cursor.tokens[cursor.at - 1].start].strip())
    if cursor.accept("SET", "STATISTICS"):
        return SetColumnOption(
            table, column, "statistics", "default" if cursor.accept("DEFAULT") else str(cursor.integer())
        )
    for word in ("STORAGE", "COMPRESSION"):
        if cursor.accept("SET", word):
            return SetColumnOption(table, column, word.lower(), cursor.identifier())
    options, always, found = SequenceOptions(), None, False
    while True:
        if cursor.accept("SET", "GENERATED"):
            always = cursor.accept("ALWAYS")
            if not always:
                cursor.expect("BY", "DEFAULT")
        elif cursor.sees("SET") or cursor.sees("RESTART"):
            if cursor.accept("SET") and cursor.sees_any("RESTART", "OWNED", "SEQUENCE"):
                raise cursor.unread("after SET")
            before = cursor.at
            options = sequence_option(cursor, options)
            if cursor.at == before:
                raise cursor.unread("among an identity's options")
        elif found:
            return SetIdentity(table, column, "alter", Identity(bool(always), options), always)
        else:
            raise cursor.unread("after ALTER COLUMN")
        found = True


WORDS: tuple[tuple[tuple[str, ...], TableAction, str], ...] = (
    (("SET", "LOGGED"), TableAction.LOGGED, ""),
    (("SET", "UNLOGGED"), TableAction.UNLOGGED, ""),
    (("SET", "TABLESPACE"), TableAction.TABLESPACE, "name"),
    (("SET", "ACCESS", "METHOD"), TableAction.ACCESS_METHOD, "name"),
    (("CLUSTER", "ON"), TableAction.CLUSTER_ON, "name"),
    (("SET", "WITHOUT", "CLUSTER"), TableAction.WITHOUT_CLUSTER, ""),
    (("SET", "WITHOUT", "OIDS"), TableAction.WITHOUT_OIDS, ""),
    (("ENABLE", "ALWAYS", "TRIGGER"), TableAction.ENABLE_TRIGGER, "name"),
    (("ENABLE", "REPLICA", "TRIGGER"), TableAction.ENABLE_TRIGGER, "name"),
    (("ENABLE", "TRIGGER"), TableAction.ENABLE_TRIGGER, "name"),
    (("DISABLE", "TRIGGER"), TableAction.DISABLE_TRIGGER, "name"),
    (("ENABLE", "ALWAYS", "RULE"), TableAction.ENABLE_RULE, "name"),
    (("ENABLE", "REPLICA", "RULE"), TableAction.ENABLE_RULE, "name"),
    (("ENABLE", "RULE"), TableAction.ENABLE_RULE, "name"),
    (("DISABLE", "RULE"), TableAction.DISABLE_RULE, "name"),
    (("ENABLE", "ROW", "LEVEL", "SECURITY"), TableAction.ROW_SECURITY, "=enable"),
    (("DISABLE", "ROW", "LEVEL", "SECURITY"), TableAction.ROW_SECURITY, "=disable"),
    (("NO", "FORCE", "ROW", "LEVEL", "SECURITY"), TableAction.ROW_SECURITY, "=no force"),
    (("FORCE", "ROW", "LEVEL", "SECURITY"), TableAction.ROW_SECURITY, "=force"),
    (("OWNER", "TO"), TableAction.OWNER, "name"),
    (("NOT", "OF"), TableAction.NOT_OF_TYPE, ""),
)


def table_option(cursor: Cursor, made: SetTableOption) -> SetTableOption:
    """An action that changes no column, key or index."""
    for words, kind, value in WORDS:
        if cursor.accept(*words):
            if value == "name":
                text = cursor.identifier()
                if kind is TableAction.TABLESPACE:
                    cursor.accept("NOWAIT")
                return replace(made, action=kind, value=text)
            return replace(made, action=kind, value=value[1:] or None)
    if cursor.accept("SET"):
        return replace(made, action=TableAction.STORAGE_PARAMETERS, value="set", options=option_list(cursor))
    if cursor.accept("RESET"):
        names = cursor.in_parentheses(lambda: cursor.name().name)
        return replace(
            made, action=TableAction.STORAGE_PARAMETERS, value="reset", options=tuple((n, "") for n in names)
        )
    if cursor.accept("REPLICA", "IDENTITY"):
        if cursor.accept("USING", "INDEX"):
            return replace(made, action=TableAction.REPLICA_IDENTITY, value=f"index {cursor.identifier()}")
        return replace(made, action=TableAction.REPLICA_IDENTITY, value=cursor.identifier().lower())
    if cursor.accept("OF"):
        return replace(made, action=TableAction.OF_TYPE, value=str(cursor.name()))
    if cursor.accept("OPTIONS"):
        return replace(made, value=f"options ({cursor.parenthesised()})")
    if made.kind in ("index", "materialized view", "table") and cursor.accept("DEPENDS", "ON", "EXTENSION"):
        return replace(made, value=f"depends on extension {cursor.identifier()}")
    if cursor.accept("NO", "DEPENDS", "ON", "EXTENSION"):
        return replace(made, value=f"no depends on extension {cursor.identifier()}")
    raise cursor.unread("after ALTER")
