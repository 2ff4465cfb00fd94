"""Read statements over rows: SELECT, INSERT, UPDATE, DELETE, MERGE."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from migguard.changes import (
    Change,
    CreateTable,
    Delete,
    Engine,
    Expression,
    Insert,
    Merge,
    Name,
    Opaque,
    Query,
    Select,
    SetVariable,
    Unknown,
    Update,
)
from migguard.sql.expressions import read_expression
from migguard.sql.foreign_clauses import refuse_foreign
from migguard.sql.queries import folded, query_of, table_name
from migguard.sql.selections import Named, named_queries, selection_of
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse, prepared

KNOWN = {
    "Insert": {"this", "expression", "conflict", "returning", "with", "with_", "ignore", "overwrite", "alternative",
               "default", "columns", "exists", "is_function", "stored", "by_name", "hint"},
    "Update": {"this", "expressions", "from", "from_", "where", "returning", "order", "limit", "with", "with_", "hint",
               "options"},
    "Delete": {"this", "tables", "using", "where", "returning", "limit", "order", "with", "with_", "cluster", "hint"},
    "Merge": {"this", "using", "on", "using_cond", "whens", "with", "with_", "returning"},
}  # fmt: skip
"""The parts of a tree that are looked at here: any other makes the statement Unknown."""


@lru_cache(maxsize=2048)
def read_dml(text: str, engine: Engine) -> tuple[Change, ...]:
    """The changes of a statement over rows; Unknown where its tree could not be had or holds more than is known."""
    try:
        tree = parse(text, engine)
        refuse_foreign(tree, text, engine)
        return tuple(changes(tree, text, engine))
    except Unread as error:
        return (Unknown(text, str(error)),)


def changes(tree: Any, text: str, engine: Engine) -> list[Change]:
    """The changes of a tree: those inside WITH first."""
    from sqlglot import exp

    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
    named = named_queries(tree, engine, {})
    inside = [one(cte.this, text, engine, named) for cte in tree.find_all(exp.CTE) if isinstance(cte.this, writes)]
    return [*inside, *(settings(tree, text, engine) or [with_names(one(tree, text, engine, named), tree, engine)])]


def with_names(change: Change, tree: Any, engine: Engine) -> Change:
    """A statement that writes rows with the names that it uses, where these can be looked up."""
    if engine is not Engine.POSTGRESQL or not isinstance(change, (Insert, Update, Delete, Merge)):
        return change
    from migguard.sql.scopes import naming_of

    return replace(change, naming=naming_of(tree, engine))


def one(tree: Any, text: str, engine: Engine, named: Named) -> Change:
    """One statement node as a change; `named` are the queries of WITH that it may use."""
    from sqlglot import exp

    refuse_leftovers(tree)
    if isinstance(tree, exp.Insert):
        made = insert(tree, text, engine)
        return replace(made, rows_of=selection_of(tree, engine, named)) if made.query is not None else made
    if isinstance(tree, exp.Update):
        return replace(update(tree, engine), rows_of=selection_of(tree, engine, named))
    if isinstance(tree, exp.Delete):
        return replace(delete(tree, engine), rows_of=selection_of(tree, engine, named))
    if isinstance(tree, exp.Merge):
        target = target_name(tree.this, engine)
        return Merge(target, others(tree.args.get("using"), engine, target))
    if isinstance(tree, (exp.Select, exp.SetOperation, exp.Values, exp.Subquery, exp.Table)):
        return select(tree, text, engine)
    raise Unread(f"it was read as {type(tree).__name__}, which is no statement over rows")


def refuse_leftovers(tree: Any) -> None:
    """Raise Unread for a part of the tree that nothing here looks at."""
    known = KNOWN.get(type(tree).__name__)
    if known is None:
        return
    left = [k for k, v in tree.args.items() if v not in (None, False, [], ()) and k not in known]
    if left:
        raise Unread(f"its {left[0].rstrip('_')} clause was not understood")


def target_name(node: Any, engine: Engine) -> Name:
    """The table that a statement writes to."""
    from sqlglot import exp

    if isinstance(node, exp.Schema):
        node = node.this
    table = node if isinstance(node, exp.Table) else node.find(exp.Table) if hasattr(node, "find") else None
    name = table_name(table, engine) if table is not None else None
    if name is None:
        raise Unread("the table it writes to could not be told")
    return name


def expression(node: Any, engine: Engine) -> Expression:
    """A node as an expression."""
    return read_expression(spelled(node, engine), engine)


def spelled(node: Any, engine: Engine) -> str:
    """The text of a node, as sqlglot writes it."""
    from migguard.sql.tokens import DIALECTS

    return str(node.sql(dialect=DIALECTS[engine]))


def insert(tree: Any, text: str, engine: Engine) -> Insert:
    """INSERT and REPLACE."""
    from sqlglot import exp

    name = target_name(tree.this, engine)
    columns: tuple[str, ...] = ()
    if isinstance(tree.this, exp.Schema):
        columns = tuple(folded(c if isinstance(c, exp.Identifier) else c.this, engine) for c in tree.this.expressions)
    source = tree.expression
    rows: int | None = None
    query: Query | None = None
    values: tuple[tuple[str | None, ...], ...] = ()
    if isinstance(source, exp.Values):
        rows = len(source.expressions)
        if rows <= 100:
            values = tuple(
                tuple(expression(c, engine).constant for c in getattr(row, "expressions", [row]))
                for row in source.expressions
            )
    elif source is not None:
        query = query_of(source, spelled(source, engine), engine)
    elif tree.args.get("default"):
        rows = 1
    return Insert(
        name,
        columns,
        query,
        rows,
        values,
        on_conflict=bool(tree.args.get("conflict") or tree.args.get("ignore")),
        returning=bool(tree.args.get("returning")),
        replace=prepared(text).lstrip().upper().startswith("REPLACE"),
    )


def update(tree: Any, engine: Engine) -> Update:
    """UPDATE."""
    from sqlglot import exp

    target = target_name(tree.this, engine)
    assignments = []
    for assignment in tree.expressions:
        left = assignment.this
        columns = left.expressions if isinstance(left, exp.Tuple) else [left]
        for column in columns:
            named = column.this if isinstance(column, exp.Column) else column
            assignments.append((folded(named, engine), expression(assignment.expression, engine)))
    where = tree.args.get("where")
    around = [tree.args.get("from") or tree.args.get("from_"), where, *tree.expressions, *joins(tree.this)]
    return Update(
        target,
        tuple(assignments),
        expression(where.this, engine) if where is not None else None,
        tuple(dict.fromkeys(n for part in around for n in others(part, engine, target))),
        limited=tree.args.get("limit") is not None,
        returning=bool(tree.args.get("returning")),
    )


def joins(node: Any) -> list[Any]:
    """The joins of a table node."""
    return list(node.args.get("joins") or ()) if hasattr(node, "args") else []


def delete(tree: Any, engine: Engine) -> Delete:
    """DELETE."""
    named = tree.args.get("tables")
    target = target_name(named[0] if named else tree.this, engine)
    where = tree.args.get("where")
    using = tree.args.get("using")
    around = [*(using if isinstance(using, list) else [using]), where, *joins(tree.this), tree.this if named else None]
    return Delete(
        target,
        expression(where.this, engine) if where is not None else None,
        tuple(dict.fromkeys(n for part in around for n in others(part, engine, target))),
        limited=tree.args.get("limit") is not None,
        returning=bool(tree.args.get("returning")),
    )


def others(node: Any, engine: Engine, target: Name) -> tuple[Name, ...]:
    """The relations below a node, but for the one that is written to."""
    from sqlglot import exp

    if not hasattr(node, "find_all"):
        return ()
    found = (table_name(t, engine) for t in node.find_all(exp.Table))
    return tuple(dict.fromkeys(n for n in found if n is not None and n != target))


HARMLESS = frozenset(
    [
        "setval",
        "nextval",
        "currval",
        "lastval",
        "set_config",
        "pg_advisory_lock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock",
        "pg_try_advisory_xact_lock",
        "pg_advisory_unlock",
        "pg_advisory_unlock_all",
        "pg_notify",
        "pg_sleep",
        "version",
        "current_schema",
        "current_schemas",
        "current_database",
        "current_setting",
        "pg_backend_pid",
        "txid_current",
        "to_regclass",
        "to_regtype",
        "to_regproc",
        "to_regnamespace",
        "pg_get_serial_sequence",
        "format_type",
        "obj_description",
        "col_description",
        "has_table_privilege",
        "has_schema_privilege",
        "has_column_privilege",
        "pg_table_is_visible",
        "pg_type_is_visible",
        "quote_ident",
        "quote_literal",
        "count",
        "sum",
        "min",
        "max",
        "avg",
        "coalesce",
        "exists",
        "lower",
        "upper",
        "length",
        "now",
        "random",
        "gen_random_uuid",
        "uuid_generate_v4",
        "concat",
        "concat_ws",
        "md5",
        "encode",
        "decode",
        "substr",
        "substring",
        "replace",
        "nullif",
        "greatest",
        "least",
        "row_number",
        "array_agg",
        "string_agg",
        "json_agg",
        "jsonb_agg",
        "json_build_object",
        "jsonb_build_object",
        "to_json",
        "to_jsonb",
        "unnest",
        "enum_first",
        "enum_last",
        "enum_range",
        "generate_series",
        "date_trunc",
        "extract",
        "date_part",
        "to_char",
        "database",
        "last_insert_id",
        "get_lock",
        "release_lock",
        "is_free_lock",
        "connection_id",
        "found_rows",
        "user",
        "current_user",
        "session_user",
        "schema",
        "sqlite_version",
        "changes",
        "last_insert_rowid",
        "inet_server_addr",
        "pg_relation_size",
        "pg_total_relation_size",
        "pg_size_pretty",
        "pg_postmaster_start_time",
        "pg_is_in_recovery",
        "abs",
        "round",
        "floor",
        "ceil",
        "cast",
        "convert",
        "if",
        "ifnull",
        "isnull",
        "date",
        "now",
        "sysdate",
        "unix_timestamp",
        "from_unixtime",
        "uuid",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtimestamp",
    ]
)
"""Functions whose call alone, without a table, is known to change no schema."""


def settings(tree: Any, text: str, engine: Engine) -> list[Change]:
    """What a SELECT of set_config() sets; nothing for any other statement. A value that is no literal is empty."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select) or tree.find(exp.Table) is not None or "set_config" not in text.lower():
        return []
    found: list[Change] = []
    for call in tree.find_all(exp.Anonymous):
        if str(call.this).lower() == "set_config" and len(call.expressions) >= 2:
            parts = [expression(e, engine) for e in call.expressions]
            if parts[0].constant is not None:
                local = len(parts) > 2 and parts[2].constant == "true"
                value = parts[1].constant
                items = tuple(i.strip() for i in value.split(",")) if value else ()
                found.append(SetVariable(parts[0].constant.lower(), value or "", local, items=items))
    return found


def select(tree: Any, text: str, engine: Engine) -> Change:
    """A SELECT: of set_config() it is a setting, with INTO a new table, of an unknown function alone it is opaque."""
    from sqlglot import exp

    into = tree.args.get("into") if hasattr(tree, "args") else None
    if into is not None:
        name = target_name(into.this, engine)
        into.pop()
        return CreateTable(name, query=query_of(tree, text, engine, names=True))
    query = query_of(tree, text, engine, names=True)
    if query.relations:
        return Select(query)
    anonymous = {str(c.this).lower() for c in tree.find_all(exp.Anonymous)}
    strange = sorted(anonymous - HARMLESS)
    builtin = engine is Engine.POSTGRESQL and all(
        n.startswith(("pg_", "has_", "json", "array_", "regexp_")) for n in strange
    )
    if strange and not builtin:
        calls = tuple(called(c, engine) for c in tree.find_all(exp.Anonymous) if str(c.this).lower() in strange)
        return Opaque(f"call of {strange[0]}()", text.strip(), calls=tuple(dict.fromkeys(calls)))
    return Select(query)


def called(node: Any, engine: Engine) -> Name:
    """The name of a function that is called, with the schema before it."""
    from sqlglot import exp

    quoted = isinstance(node.this, exp.Identifier) and node.this.quoted
    name = str(node.this.this if isinstance(node.this, exp.Identifier) else node.this)
    above = node.parent
    schema = folded(above.this, engine) if isinstance(above, exp.Dot) and above.expression is node else None
    return Name(name if quoted else name.lower(), schema)
