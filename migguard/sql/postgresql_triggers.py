"""PostgreSQL: triggers, policies and rules, which belong to a table."""

from __future__ import annotations

from migguard.changes import AlterTableObject, Change, CreatePolicy, CreateTrigger, Name, Nothing, Reference, Unknown
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_columns import expression


def create_trigger(cursor: Cursor, *, or_replace: bool, constraint: bool) -> CreateTrigger:
    """CREATE TRIGGER, from behind TRIGGER."""
    name = Name(cursor.identifier())
    timing = cursor.accept_any("BEFORE", "AFTER", "INSTEAD")
    if timing is None:
        raise cursor.unread("where BEFORE, AFTER or INSTEAD OF was expected")
    if timing == "INSTEAD":
        cursor.expect("OF")
    events = []
    while True:
        event = cursor.accept_any("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if event is None:
            raise cursor.unread("where an event was expected")
        events.append(event.lower())
        if event == "UPDATE" and cursor.accept("OF"):
            cursor.listed(cursor.identifier)
        if not cursor.accept("OR"):
            break
    cursor.expect("ON")
    table = cursor.name()
    start = cursor.peek().start
    references = cursor.name() if cursor.accept("FROM") else None
    deferral(cursor)
    transition_tables(cursor)
    each_row = False
    if cursor.accept("FOR"):
        cursor.accept("EACH")
        each_row = cursor.accept("ROW")
        if not each_row:
            cursor.expect("STATEMENT")
    if cursor.accept("WHEN"):
        expression(cursor, cursor.parenthesised())
    cursor.expect("EXECUTE")
    if cursor.accept_any("FUNCTION", "PROCEDURE") is None:
        raise cursor.unread("after EXECUTE")
    function = cursor.name()
    cursor.expect("(")
    if not cursor.accept(")"):
        cursor.listed(cursor.scalar)
        cursor.expect(")")
    text = cursor.sql[start : cursor.tokens[cursor.at - 1].end]
    return CreateTrigger(
        name,
        table,
        timing.lower(),
        tuple(events),
        function,
        or_replace=or_replace,
        constraint=constraint,
        text=text,
        references=references,
        each_row=each_row,
    )


def deferral(cursor: Cursor) -> None:
    """When a constraint trigger runs."""
    while cursor.accept("NOT", "DEFERRABLE") or cursor.accept("DEFERRABLE") or cursor.accept("INITIALLY"):
        initially = cursor.tokens[cursor.at - 1].word == "INITIALLY"
        if initially and cursor.accept_any("IMMEDIATE", "DEFERRED") is None:
            raise cursor.unread("after INITIALLY")


def transition_tables(cursor: Cursor) -> None:
    """REFERENCING OLD TABLE AS name NEW TABLE AS name."""
    if not cursor.accept("REFERENCING"):
        return
    while cursor.accept_any("OLD", "NEW") is not None:
        if cursor.accept_any("TABLE", "ROW") is None:
            raise cursor.unread("where TABLE was expected")
        cursor.accept("AS")
        cursor.identifier()


# --- policies -----------------------------------------------------------------------------------------------------


def create_policy(cursor: Cursor) -> CreatePolicy:
    """CREATE POLICY, from behind POLICY."""
    name = cursor.identifier()
    cursor.expect("ON")
    table = cursor.name()
    start = cursor.peek().start
    if cursor.accept("AS") and cursor.accept_any("PERMISSIVE", "RESTRICTIVE") is None:
        raise cursor.unread("where PERMISSIVE or RESTRICTIVE was expected")
    if cursor.accept("FOR") and cursor.accept_any("ALL", "SELECT", "INSERT", "UPDATE", "DELETE") is None:
        raise cursor.unread("where a command was expected")
    references = policy_body(cursor, table)
    text = cursor.sql[start : cursor.tokens[cursor.at - 1].end]
    return CreatePolicy(name, table, "policy", text, references=tuple(references))


def policy_body(cursor: Cursor, table: Name) -> list[Reference]:
    """TO roles USING (condition) WITH CHECK (condition): what the conditions mention."""
    if cursor.accept("TO"):
        cursor.listed(cursor.identifier)
    found: list[Reference] = []
    if cursor.accept("USING"):
        found += of_row(cursor.parenthesised(), table, cursor)
    if cursor.accept("WITH", "CHECK"):
        found += of_row(cursor.parenthesised(), table, cursor)
    return found


def of_row(text: str, table: Name, cursor: Cursor) -> list[Reference]:
    """The columns of the table that a policy's condition names; in a subquery only those with the table before them."""
    found = expression(cursor, text).references
    nested = any(t.word == "SELECT" for t in Cursor(text, cursor.engine).tokens)
    own = [
        r for r in found if r.kind == "column" and (r.qualifier == table.name or (r.qualifier is None and not nested))
    ]
    return [*own, *(r for r in found if r.kind == "relation")]


# --- rules --------------------------------------------------------------------------------------------------------


def create_rule(cursor: Cursor, *, or_replace: bool) -> CreatePolicy:
    """CREATE RULE, from behind RULE."""
    name = cursor.identifier()
    cursor.expect("AS", "ON")
    if cursor.accept_any("SELECT", "INSERT", "UPDATE", "DELETE") is None:
        raise cursor.unread("where an event was expected")
    cursor.expect("TO")
    table = cursor.name()
    start = cursor.peek().start
    if cursor.accept("WHERE"):
        expression(cursor, cursor.text_until("DO"))
    cursor.expect("DO")
    cursor.accept_any("ALSO", "INSTEAD")
    if not cursor.accept("NOTHING"):
        commands(cursor)
    return CreatePolicy(name, table, "rule", cursor.sql[start : cursor.tokens[cursor.at - 1].end], or_replace)


def commands(cursor: Cursor) -> None:
    """The commands of a rule: one, or several in parentheses. Raises Unread where one of them is not understood."""
    from migguard.sql.read import read

    text = cursor.parenthesised() if cursor.sees("(") else cursor.rest()
    for change in read(text, cursor.engine):
        if isinstance(change, Unknown) or (isinstance(change, Nothing) and not text):
            raise cursor.unread("in the command of a rule")


# --- alter --------------------------------------------------------------------------------------------------------


def alter_table_object(cursor: Cursor, kind: str) -> Change:
    """ALTER TRIGGER, POLICY or RULE name ON table …"""
    name = cursor.identifier()
    cursor.expect("ON")
    table = cursor.name()
    if cursor.accept("RENAME", "TO"):
        return AlterTableObject(kind, name, table, cursor.identifier())
    start = cursor.peek().start
    if kind == "policy":
        policy_body(cursor, table)
    else:
        cursor.accept("NO")
        cursor.expect("DEPENDS", "ON", "EXTENSION")
        cursor.identifier()
    text = cursor.sql[start : cursor.tokens[cursor.at - 1].end]
    if not text:
        raise cursor.unread(f"after ALTER {kind.upper()}")
    return AlterTableObject(kind, name, table, None, text)
