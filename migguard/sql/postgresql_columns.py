"""PostgreSQL: columns, constraints and what belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from migguard.changes import (
    Check,
    ColumnDefinition,
    Constraint,
    Exclusion,
    Expression,
    ForeignKey,
    ForeignKeyAction,
    Generated,
    Identity,
    IndexElement,
    Name,
    NotNull,
    PrimaryKey,
    SequenceOptions,
    Unique,
)
from migguard.sql.cursor import Cursor
from migguard.sql.expression_grammar import reading
from migguard.sql.expressions import read_expression
from migguard.sql.postgresql_types import read_type
from migguard.sql.postgresql_words import RESERVED
from migguard.sql.tokens import Unread

COLUMN_STOPS = (
    "NOT", "NULL", "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "GENERATED", "DEFERRABLE", "INITIALLY",
    "COLLATE", "STORAGE", "COMPRESSION", "ENFORCED", "DEFAULT", "NO",
)  # fmt: skip
IN_PARENTHESES = frozenset({"AND", "OR", "AT", "LIKE", "ILIKE", "SIMILAR", "IN", "BETWEEN", "ISNULL", "NOTNULL"})
"""Operators that are not allowed at the top of a column's DEFAULT (the grammar's `b_expr`)."""
CONSTRAINT_WORDS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE")


def expression(cursor: Cursor, text: str) -> Expression:
    """What can be told of an expression's text. Raises Unread where the text is no expression."""
    found = reading(text)
    if found.fault is not None:
        raise Unread(found.fault)
    made = read_expression(text, cursor.engine)
    return replace(made, named=found.columns, subquery=found.query) if found.columns or found.query else made


def default_text(cursor: Cursor) -> str:
    """A DEFAULT expression: `NOT`, `NULL` and the like end it, but not where they are its first word or follow IS."""
    first = cursor.peek()
    start, end, depth = first.start, first.start, 0
    while not cursor.done:
        token = cursor.peek()
        word = token.word
        if depth == 0 and (word in IN_PARENTHESES or (word == "NOT" and end == start)) and token.kind == "word":
            raise cursor.unread("where a default needs parentheses around it")
        if depth == 0 and end > start:
            previous = cursor.tokens[cursor.at - 1].word
            if word in (",", ")", ";") or (word in COLUMN_STOPS and previous not in ("IS", "NOT", "AT", "::")):
                break
        elif depth == 0 and word in (",", ")", ";"):
            break
        depth += (word in ("(", "[", "CASE")) - (word in (")", "]", "END"))
        end = token.end
        cursor.at += 1
    if end == start:
        raise cursor.unread("where a default was expected")
    return cursor.sql[start:end]


def column_definition(cursor: Cursor, *, typed: bool = True) -> tuple[ColumnDefinition, tuple[Constraint, ...]]:
    """A column with the constraints written on it."""
    name = cursor.column()
    data_type, serial = None, False
    if typed:
        read = read_type(cursor)
        data_type, serial = read.type, read.serial
    else:
        cursor.accept("WITH", "OPTIONS")
    made = ColumnDefinition(name, data_type, serial=serial)
    constraints: list[Constraint] = []
    label: str | None = None
    while True:
        if cursor.accept("CONSTRAINT"):
            label = cursor.identifier()
            continue
        read_more = column_property(cursor, made)
        if read_more is not None:
            made = read_more
            if (
                not made.nullable
                and label is not None
                and made.nullable is not None
                and not not_null_named(constraints)
            ):
                constraints.append(NotNull(name, label))
            label = None
            continue
        constraint = column_constraint(cursor, name, label)
        if constraint is None:
            break
        constraints.append(attributes(cursor, constraint))
        label = None
    return made, tuple(constraints)


def not_null_named(constraints: list[Constraint]) -> bool:
    """Whether a named NOT NULL was noted already."""
    return any(isinstance(c, NotNull) for c in constraints)


def column_property(cursor: Cursor, made: ColumnDefinition) -> ColumnDefinition | None:
    """Nullability, default, identity, generation, collation, storage; None if something else comes."""
    if cursor.accept("NOT", "NULL"):
        cursor.accept("NO", "INHERIT")
        return replace(made, nullable=False)
    if cursor.accept("NULL"):
        return replace(made, nullable=True)
    if cursor.accept("DEFAULT"):
        return replace(made, default=expression(cursor, default_text(cursor)))
    if cursor.accept("COLLATE"):
        return replace(made, collation=cursor.name())
    if cursor.accept("STORAGE"):
        return replace(made, storage=cursor.identifier().lower())
    if cursor.accept("COMPRESSION"):
        return replace(made, compression=cursor.identifier().lower())
    if cursor.sees("GENERATED"):
        return generated(cursor, made)
    return None


def generated(cursor: Cursor, made: ColumnDefinition) -> ColumnDefinition:
    """GENERATED … AS IDENTITY, or AS (expression)."""
    cursor.expect("GENERATED")
    always = cursor.accept("ALWAYS")
    if not always:
        cursor.expect("BY", "DEFAULT")
    cursor.expect("AS")
    if cursor.accept("IDENTITY"):
        options = sequence_options(cursor, closed=True) if cursor.accept("(") else SequenceOptions()
        return replace(made, identity=Identity(always, options))
    text = cursor.parenthesised()
    stored = cursor.accept("STORED")
    if not stored:
        cursor.accept("VIRTUAL")
    return replace(made, generated=Generated(expression(cursor, text), stored))


def column_constraint(cursor: Cursor, column: str, label: str | None) -> Constraint | None:
    """A key, CHECK or REFERENCES on a column; None if none comes."""
    if cursor.accept("PRIMARY", "KEY"):
        return index_parameters(cursor, PrimaryKey((column,), label))
    if cursor.accept("UNIQUE"):
        distinct = nulls_not_distinct(cursor)
        return index_parameters(cursor, Unique((column,), label, nulls_not_distinct=distinct))
    if cursor.accept("CHECK"):
        check = Check(expression(cursor, cursor.parenthesised()), label, column=column)
        return replace(check, no_inherit=cursor.accept("NO", "INHERIT"))
    if cursor.sees("REFERENCES"):
        return references(cursor, (column,), label, inline=True)
    return None


def table_constraint(cursor: Cursor) -> Constraint:
    """A constraint written by itself. Raises Unread if none comes."""
    label = cursor.identifier() if cursor.accept("CONSTRAINT") else None
    if cursor.accept("PRIMARY", "KEY"):
        return attributes(cursor, key_columns(cursor, PrimaryKey((), label)))
    if cursor.accept("UNIQUE"):
        distinct = nulls_not_distinct(cursor)
        return attributes(cursor, key_columns(cursor, Unique((), label, nulls_not_distinct=distinct)))
    if cursor.accept("CHECK"):
        return attributes(cursor, Check(expression(cursor, cursor.parenthesised()), label))
    if cursor.accept("FOREIGN", "KEY"):
        columns = key_list(cursor, [])
        return attributes(cursor, references(cursor, columns, label))
    if cursor.accept("EXCLUDE"):
        return attributes(cursor, exclusion(cursor, label))
    if cursor.accept("NOT", "NULL"):
        return attributes(cursor, NotNull(cursor.identifier(), label))
    raise cursor.unread("where a constraint was expected")


def nulls_not_distinct(cursor: Cursor) -> bool:
    """NULLS [NOT] DISTINCT."""
    if cursor.accept("NULLS", "NOT", "DISTINCT"):
        return True
    cursor.accept("NULLS", "DISTINCT")
    return False


def key_list(cursor: Cursor, periods: list[bool]) -> tuple[str, ...]:
    """Columns in parentheses; PERIOD before the last one (PostgreSQL 18) is part of the key, and told in `periods`."""

    def one() -> str:
        periods.append(cursor.peek(1).word not in (",", ")") and cursor.accept("PERIOD"))
        return cursor.identifier()

    return cursor.in_parentheses(one)


def key_columns(cursor: Cursor, key: PrimaryKey | Unique) -> PrimaryKey | Unique:
    """The columns of a key, or USING INDEX."""
    if cursor.accept("USING", "INDEX"):
        return replace(key, using_index=cursor.identifier())

    overlapping = True

    def one() -> str:
        nonlocal overlapping
        name = cursor.identifier()
        overlapping = not cursor.accept("WITHOUT", "OVERLAPS")
        return name

    key = replace(key, columns=cursor.in_parentheses(one))
    key = replace(key, without_overlaps=not overlapping)
    if cursor.accept("INCLUDE"):
        key = replace(key, include=cursor.identifiers())
    return index_parameters(cursor, key)


def index_parameters(cursor: Cursor, key: PrimaryKey | Unique) -> PrimaryKey | Unique:
    """WITH (…) and USING INDEX TABLESPACE behind a key."""
    options: list[tuple[str, str]] = []
    if cursor.accept("WITH"):
        options += option_list(cursor)
    if cursor.accept("USING", "INDEX", "TABLESPACE"):
        options.append(("tablespace", cursor.identifier()))
    return replace(key, options=tuple(options)) if options else key


def option_list(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """`(name = value, …)` with lower-case names; a name alone means true."""

    def one() -> tuple[str, str]:
        name = cursor.identifier().lower()
        while cursor.accept("."):
            name += "." + cursor.identifier().lower()
        if not cursor.accept("="):
            token = cursor.peek()
            return (name, cursor.scalar()) if token.kind in ("number", "string", "word") else (name, "true")
        return name, cursor.scalar()

    return cursor.in_parentheses(one)


ACTIONS: dict[tuple[str, ...], ForeignKeyAction] = {
    ("NO", "ACTION"): ForeignKeyAction.NO_ACTION,
    ("RESTRICT",): ForeignKeyAction.RESTRICT,
    ("CASCADE",): ForeignKeyAction.CASCADE,
    ("SET", "NULL"): ForeignKeyAction.SET_NULL,
    ("SET", "DEFAULT"): ForeignKeyAction.SET_DEFAULT,
}


def references(cursor: Cursor, columns: tuple[str, ...], label: str | None, *, inline: bool = False) -> ForeignKey:
    """REFERENCES with its actions."""
    cursor.expect("REFERENCES")
    table = cursor.name()
    periods = [False]
    targets = key_list(cursor, periods) if cursor.sees("(") else ()
    key = ForeignKey(columns, table, targets, label, inline=inline, period=periods[-1])
    while True:
        if cursor.accept("MATCH"):
            word = cursor.identifier().upper()
            key = replace(key, match=None if word == "SIMPLE" else word)
        elif cursor.accept("ON", "DELETE"):
            key = replace(key, on_delete=foreign_action(cursor))
            if cursor.sees("("):
                key = replace(key, set_columns=cursor.identifiers())
        elif cursor.accept("ON", "UPDATE"):
            key = replace(key, on_update=foreign_action(cursor))
        else:
            return key


def foreign_action(cursor: Cursor) -> ForeignKeyAction:
    """What follows ON DELETE or ON UPDATE."""
    for words, action in ACTIONS.items():
        if cursor.accept(*words):
            return action
    raise cursor.unread("where a referential action was expected")


def exclusion(cursor: Cursor, label: str | None) -> Exclusion:
    """EXCLUDE USING method (element WITH operator, …)."""
    method = cursor.identifier() if cursor.accept("USING") else "btree"

    def one() -> IndexElement:
        element = index_element(cursor, ("WITH",))
        cursor.expect("WITH")
        if cursor.accept("OPERATOR"):
            return replace(element, operator=cursor.parenthesised())
        return replace(element, operator=cursor.take().text)

    made = Exclusion(cursor.in_parentheses(one), label, method)
    if cursor.accept("INCLUDE"):
        made = replace(made, include=cursor.identifiers())
    if cursor.accept("WITH"):
        made = replace(made, options=option_list(cursor))
    if cursor.accept("USING", "INDEX", "TABLESPACE"):
        made = replace(made, options=(*made.options, ("tablespace", cursor.identifier())))
    if cursor.accept("WHERE"):
        made = replace(made, where=expression(cursor, cursor.parenthesised()))
    return made


def attributes(cursor: Cursor, constraint: Constraint) -> Constraint:
    """DEFERRABLE, INITIALLY, NOT VALID, NO INHERIT and ENFORCED behind a constraint."""
    while True:
        if cursor.accept("NOT", "VALID"):
            constraint = set_flag(constraint, "not_valid", True)
        elif cursor.accept("NOT", "ENFORCED"):
            constraint = set_flag(constraint, "enforced", False)
        elif cursor.accept("ENFORCED"):
            constraint = set_flag(constraint, "enforced", True)
        elif cursor.accept("NO", "INHERIT"):
            constraint = set_flag(constraint, "no_inherit", True)
        elif cursor.accept("NOT", "DEFERRABLE"):
            constraint = set_flag(constraint, "deferrable", False)
        elif cursor.accept("DEFERRABLE"):
            constraint = set_flag(constraint, "deferrable", True)
        elif cursor.accept("INITIALLY", "DEFERRED"):
            constraint = set_flag(constraint, "initially_deferred", True)
            constraint = set_flag(constraint, "deferrable", True)
        elif not cursor.accept("INITIALLY", "IMMEDIATE"):
            return constraint


def set_flag(constraint: Constraint, flag: str, value: bool) -> Constraint:
    """The constraint with a flag, or, where its kind has none such, with the words that no server takes there."""
    if flag not in type(constraint).__slots__:
        if not value:
            return constraint
        return replace(constraint, misplaced=flag.replace("_", " ").upper())
    return replace(constraint, **{flag: value})  # type: ignore[arg-type]  # checked just above


def index_element(cursor: Cursor, stops: tuple[str, ...] = ()) -> IndexElement:
    """A key of an index: a column or expression, with collation, operator class and order."""
    column: str | None = None
    made: Expression | None = None
    if cursor.sees("("):
        made = expression(cursor, cursor.parenthesised())
    elif cursor.peek(1).word in ("(", ".") and cursor.peek().kind in ("word", "name"):
        start = cursor.peek().start
        cursor.name()
        if cursor.sees("("):
            cursor.skip_parentheses()
        made = expression(cursor, cursor.sql[start : cursor.tokens[cursor.at - 1].end])
    elif cursor.peek().word in ("CURRENT_TIMESTAMP", "CURRENT_USER"):
        made = expression(cursor, cursor.take().text)
    else:
        column = cursor.column()
    element = IndexElement(column, made)
    if cursor.accept("COLLATE"):
        element = replace(element, collation=cursor.name().name)
    if cursor.peek().kind in ("word", "name") and cursor.peek().word not in ("ASC", "DESC", "NULLS", *stops):
        if cursor.peek().word in RESERVED:
            raise cursor.unread("where an operator class was expected")
        opclass = cursor.name().name
        if cursor.sees("("):
            opclass += f" ({cursor.parenthesised()})"
        element = replace(element, opclass=opclass)
    if (order := cursor.accept_any("ASC", "DESC")) is not None:
        element = replace(element, descending=order == "DESC")
    if cursor.accept("NULLS"):
        which = cursor.accept_any("FIRST", "LAST")
        if which is None:
            raise cursor.unread("after NULLS")
        element = replace(element, nulls_first=which == "FIRST")
    return element


def sequence_options(cursor: Cursor, *, closed: bool = False) -> SequenceOptions:
    """The options of a sequence, up to the closing parenthesis if `closed`."""
    made = SequenceOptions()
    while not (closed and cursor.accept(")")):
        before = cursor.at
        made = sequence_option(cursor, made)
        if cursor.at == before:
            if closed:
                raise cursor.unread("among a sequence's options")
            return made
    return made


def sequence_option(cursor: Cursor, made: SequenceOptions) -> SequenceOptions:
    """One option of a sequence; the same value if none comes."""
    numbers: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("START", "start", lambda: cursor.accept("WITH")),
        ("INCREMENT", "increment", lambda: cursor.accept("BY")),
        ("MINVALUE", "minimum", lambda: None),
        ("MAXVALUE", "maximum", lambda: None),
        ("CACHE", "cache", lambda: None),
    )
    for word, field, joining in numbers:
        if cursor.accept(word):
            joining()
            return replace(made, **{field: cursor.integer()})  # type: ignore[arg-type]  # all five are numbers
    if cursor.accept("AS"):
        return replace(made, data_type=read_type(cursor).type)
    if cursor.accept("NO"):
        without = cursor.accept_any("MINVALUE", "MAXVALUE", "CYCLE")
        if without is None:
            raise cursor.unread("after NO")
        return replace(made, cycle=False) if without == "CYCLE" else made
    if cursor.accept("CYCLE"):
        return replace(made, cycle=True)
    if cursor.accept("RESTART"):
        cursor.accept("WITH")
        value = cursor.integer() if cursor.peek().kind == "number" or cursor.sees("-") else None
        return replace(made, restart=True, restart_with=value)
    if cursor.accept("OWNED", "BY"):
        if cursor.accept("NONE"):
            return replace(made, owned_by_none=True)
        parts = [cursor.identifier()]
        while cursor.accept("."):
            parts.append(cursor.identifier())
        if len(parts) < 2:
            raise cursor.unread("where table.column was expected")
        return replace(made, owned_by=(Name(parts[-2], parts[-3] if len(parts) > 2 else None), parts[-1]))
    if cursor.accept("SEQUENCE", "NAME"):
        return replace(made, name=cursor.name())
    if cursor.accept_any("LOGGED", "UNLOGGED"):
        return made
    return made
