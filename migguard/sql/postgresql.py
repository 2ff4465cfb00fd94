"""PostgreSQL, release 11 to 18: one statement's tokens into changes."""

from __future__ import annotations

from collections.abc import Callable

from migguard.changes import Change, Insert, Nothing, ObjectAction, Opaque, Persistence, Query, Select
from migguard.sql import postgresql_objects as objects
from migguard.sql import postgresql_session as session
from migguard.sql import postgresql_tables as tables
from migguard.sql import postgresql_triggers as triggers
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_bodies import create_function, do_block
from migguard.sql.queries import read_query

Reader = Callable[[Cursor], tuple[Change, ...]]


def read_postgresql(cursor: Cursor) -> tuple[Change, ...]:
    """The changes of a statement that is no SELECT, INSERT, UPDATE, DELETE or MERGE. Raises Unread."""
    word = cursor.take().word
    reader = READERS.get(word)
    if reader is None:
        cursor.at -= 1
        raise cursor.unread("at the beginning of a statement")
    found = reader(cursor)
    cursor.accept(";")
    cursor.finish()
    return found


def create(cursor: Cursor) -> tuple[Change, ...]:
    """CREATE, from behind the word."""
    or_replace = cursor.accept("OR", "REPLACE")
    cursor.accept_any("GLOBAL", "LOCAL")
    persistence = Persistence.PERMANENT
    if cursor.accept_any("TEMP", "TEMPORARY"):
        persistence = Persistence.TEMPORARY
    elif cursor.accept("UNLOGGED"):
        persistence = Persistence.UNLOGGED
    temporary = persistence is Persistence.TEMPORARY
    cursor.accept("RECURSIVE")
    if cursor.accept("TABLE"):
        return (tables.create_table(cursor, persistence),)
    if cursor.accept("FOREIGN", "TABLE"):
        return foreign_table(cursor)
    if cursor.accept("UNIQUE", "INDEX"):
        return (tables.create_index(cursor, unique=True),)
    if cursor.accept("INDEX"):
        return (tables.create_index(cursor, unique=False),)
    if cursor.accept("MATERIALIZED", "VIEW"):
        return (objects.create_view(cursor, materialized=True, or_replace=or_replace, temporary=False),)
    if cursor.accept("VIEW"):
        return (objects.create_view(cursor, materialized=False, or_replace=or_replace, temporary=temporary),)
    if cursor.accept("SEQUENCE"):
        return (objects.create_sequence(cursor, temporary=temporary),)
    if cursor.accept("TYPE"):
        return (objects.create_type(cursor),)
    if cursor.accept("DOMAIN"):
        return (objects.create_domain(cursor),)
    if (kind := cursor.accept_any("FUNCTION", "PROCEDURE")) is not None:
        return (create_function(cursor, kind.lower(), or_replace=or_replace),)
    if cursor.accept("CONSTRAINT", "TRIGGER"):
        return (triggers.create_trigger(cursor, or_replace=or_replace, constraint=True),)
    if cursor.accept("TRIGGER"):
        return (triggers.create_trigger(cursor, or_replace=or_replace, constraint=False),)
    if cursor.accept("POLICY"):
        return (triggers.create_policy(cursor),)
    if cursor.accept("RULE"):
        return (triggers.create_rule(cursor, or_replace=or_replace),)
    if cursor.accept("EXTENSION"):
        return (objects.create_extension(cursor),)
    if cursor.accept("SCHEMA"):
        return (objects.create_schema(cursor),)
    return (named_object(cursor, ObjectAction.CREATE),)


def foreign_table(cursor: Cursor) -> tuple[Change, ...]:
    """CREATE FOREIGN TABLE: kept by name, its columns are somebody else's."""
    return (objects.other(cursor, ObjectAction.CREATE, "foreign table"),)


def named_object(cursor: Cursor, action: ObjectAction) -> Change:
    """An object that is kept by name only."""
    kind = objects.other_kind(cursor)
    if cursor.done:
        raise cursor.unread(f"where the name of the {kind} was expected")
    return objects.other(cursor, action, kind)


def alter(cursor: Cursor) -> tuple[Change, ...]:
    """ALTER, from behind the word."""
    if cursor.accept("TABLE", "ALL"):
        return (objects.other(cursor, ObjectAction.ALTER, "table"),)
    if cursor.accept("TABLE"):
        return tables.alter_table(cursor, "table")
    if cursor.accept("FOREIGN", "TABLE"):
        return tables.alter_table(cursor, "foreign table")
    if cursor.accept("MATERIALIZED", "VIEW"):
        return tables.alter_table(cursor, "materialized view")
    if cursor.accept("VIEW"):
        return tables.alter_table(cursor, "view")
    if cursor.accept("INDEX"):
        return (objects.alter_index(cursor),)
    if cursor.accept("TYPE"):
        return objects.alter_type(cursor)
    if cursor.accept("DOMAIN"):
        return (objects.alter_domain(cursor),)
    if cursor.accept("SEQUENCE"):
        return (objects.alter_sequence(cursor),)
    if cursor.accept("SCHEMA"):
        return (objects.alter_schema(cursor),)
    if (kind := cursor.accept_any("TRIGGER", "POLICY", "RULE")) is not None:
        return (triggers.alter_table_object(cursor, kind.lower()),)
    setting = session.default_setting(cursor)
    return (named_object(cursor, ObjectAction.ALTER), *([setting] if setting is not None else []))


def comment(cursor: Cursor) -> tuple[Change, ...]:
    """COMMENT, from behind the word."""
    cursor.expect("ON")
    return (objects.comment(cursor),)


def copy(cursor: Cursor) -> tuple[Change, ...]:
    """COPY, from behind the word: rows in are an INSERT, rows out a SELECT."""
    if cursor.sees("("):
        query = cursor.parenthesised()
        cursor.rest()
        return (Select(read_query(query, cursor.engine)),)
    table = cursor.name()
    columns = cursor.identifiers() if cursor.sees("(") else ()
    way = cursor.accept_any("FROM", "TO")
    if way is None:
        raise cursor.unread("where FROM or TO was expected")
    text = cursor.rest()
    if way == "TO":
        return (Select(Query(f"COPY TO {text}", relations=(table,))),)
    return (Insert(table, columns),)


def nothing(what: str) -> Reader:
    """A reader of a statement that changes nothing that matters here."""

    def read(cursor: Cursor) -> tuple[Change, ...]:
        cursor.rest()
        return (Nothing(what),)

    return read


def call(cursor: Cursor) -> tuple[Change, ...]:
    """CALL: what the procedure does is for the catalog to say."""
    name = cursor.name()
    cursor.rest()
    return (Opaque(f"call of {name.name}()", cursor.sql.strip(), calls=(name,)),)


def execute(cursor: Cursor) -> tuple[Change, ...]:
    """EXECUTE of a prepared statement: what it runs is not seen."""
    cursor.rest()
    return (Opaque("call", cursor.sql.strip()),)


def notify(cursor: Cursor) -> tuple[Change, ...]:
    """NOTIFY channel, payload; LISTEN; UNLISTEN *."""
    if not cursor.accept("*"):
        cursor.identifier()
    if cursor.accept(","):
        cursor.string()
    return (Nothing("notify"),)


def reassign(cursor: Cursor) -> tuple[Change, ...]:
    """REASSIGN OWNED BY roles TO role."""
    cursor.expect("OWNED", "BY")
    cursor.listed(cursor.identifier)
    cursor.expect("TO")
    cursor.identifier()
    return (Nothing("reassign owned"),)


def control(word: str) -> Reader:
    """A reader of transaction control."""
    return lambda cursor: (session.transaction(cursor, word),)


READERS: dict[str, Reader] = {
    "CREATE": create,
    "ALTER": alter,
    "DROP": objects.drop,
    "COMMENT": comment,
    "GRANT": lambda c: (objects.grant(c, revoke=False),),
    "REVOKE": lambda c: (objects.grant(c, revoke=True),),
    "SET": lambda c: (session.set_variable(c),),
    "RESET": lambda c: (session.reset(c),),
    "SHOW": lambda c: (session.show(c),),
    "EXPLAIN": session.explain,
    "TRUNCATE": session.truncate,
    "LOCK": session.lock_table,
    "VACUUM": lambda c: session.maintain(c, "VACUUM"),
    "ANALYZE": lambda c: session.maintain(c, "ANALYZE"),
    "ANALYSE": lambda c: session.maintain(c, "ANALYZE"),
    "CLUSTER": lambda c: session.maintain(c, "CLUSTER"),
    "CHECKPOINT": lambda c: session.maintain(c, "CHECKPOINT"),
    "REINDEX": lambda c: (session.reindex(c),),
    "REFRESH": lambda c: (session.refresh(c),),
    "COPY": copy,
    "DO": lambda c: (do_block(c),),
    "CALL": call,
    "EXECUTE": execute,
    "NOTIFY": notify,
    "LISTEN": notify,
    "UNLISTEN": notify,
    "DISCARD": nothing("discard"),
    "PREPARE": nothing("prepare"),
    "DEALLOCATE": nothing("deallocate"),
    "DECLARE": nothing("declare cursor"),
    "FETCH": nothing("fetch"),
    "MOVE": nothing("move"),
    "CLOSE": nothing("close cursor"),
    "LOAD": nothing("load"),
    "SECURITY": nothing("security label"),
    "REASSIGN": reassign,
    **{w: control(w) for w in ("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE")},
}
