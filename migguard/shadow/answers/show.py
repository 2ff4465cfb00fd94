"""SHOW and DESCRIBE, answered from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migguard.catalog.lookup import relation_at
from migguard.catalog.naming import quote
from migguard.catalog.schema import ConstraintKind, Table
from migguard.catalog.types import format_type
from migguard.changes import Engine, Name
from migguard.sql.cursor import Cursor
from migguard.sql.evaluate import Result
from migguard.sql.query_values import like
from migguard.sql.tokens import Unread

if TYPE_CHECKING:
    from migguard.shadow.database import Database


def answer_show(database: Database, sql: str) -> Result:
    """The answer to SHOW and DESCRIBE; a guess for a kind that is not known here."""
    try:
        cursor = Cursor(sql, database.server.engine)
        word = cursor.take().word
        if word in ("DESC", "DESCRIBE"):
            return columns(database, cursor.name())
        if word == "EXPLAIN":
            return Result(("QUERY PLAN",), [], guessed=True)
        if database.server.engine is Engine.POSTGRESQL:
            from migguard.shadow.answers.settings import setting

            name = cursor.rest().strip().rstrip(";").lower()
            name = {"time zone": "timezone", "transaction isolation level": "transaction_isolation"}.get(name, name)
            value = setting(database, name)
            return Result((name,), [(value,)], guessed=value is None)
        return mysql(database, cursor)
    except Unread:
        return Result(("?column?",), [], guessed=True)


def mysql(database: Database, cursor: Cursor) -> Result:
    """SHOW on MySQL and MariaDB."""
    cursor.accept_any("FULL", "GLOBAL", "SESSION", "EXTENDED")
    catalog = database.catalog
    if cursor.accept("CREATE", "TABLE"):
        relation = relation_at(catalog, cursor.name())
        if not isinstance(relation, Table):
            return Result(("Table", "Create Table"), [])
        return Result(("Table", "Create Table"), [(relation.key[1], create_table(relation, database))])
    what = cursor.take().word
    table = (
        cursor.name()
        if what in ("COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS") and cursor.accept_any("FROM", "IN")
        else None
    )
    if cursor.accept_any("FROM", "IN"):
        cursor.identifier()
    pattern = cursor.string() if cursor.accept("LIKE") else None

    def wanted(name: str) -> bool:
        return pattern is None or bool(like(name, pattern, fold=True))

    match what:
        case "TABLES":
            return Result(
                ("Tables", "Table_type"), [(k[1], "BASE TABLE") for k in sorted(catalog.tables) if wanted(k[1])]
            )
        case "DATABASES" | "SCHEMAS":
            return Result(("Database",), [(s,) for s in sorted(catalog.schemas)])
        case "COLUMNS" | "FIELDS" if table is not None:
            found = columns(database, table)
            return Result(found.columns, [r for r in found.rows if wanted(r[0])])
        case "INDEX" | "INDEXES" | "KEYS" if table is not None:
            return indexes(database, table)
        case "VARIABLES":
            values = {"version": ".".join(map(str, database.server.version)),
                      "sql_mode": ",".join(database.server.sql_mode),
                      "lower_case_table_names": "0", "innodb_large_prefix": "ON",
                      "foreign_key_checks": "ON"}  # fmt: skip
            values |= dict(catalog.variables)
            return Result(("Variable_name", "Value"), [(k, v) for k, v in values.items() if wanted(k)])
        case "ENGINES":
            return Result(("Engine", "Support"), [("InnoDB", "DEFAULT")])
        case _:
            return Result(("?column?",), [], guessed=True)


def columns(database: Database, name: Name) -> Result:
    """SHOW COLUMNS."""
    relation = relation_at(database.catalog, name)
    rows: list[tuple[Any, ...]] = []
    primary = relation.primary_key if isinstance(relation, Table) else None
    for one in relation.columns if relation is not None else ():
        kind = format_type(one.type, database.catalog) if one.type is not None else ""
        key = "PRI" if primary is not None and one.name in primary.columns else ""
        default = one.default.constant if one.default is not None and one.default.constant is not None else None
        rows.append(
            (
                one.name,
                kind,
                "YES" if one.nullable else "NO",
                key,
                default,
                "auto_increment" if one.auto_increment else "",
            )
        )
    return Result(("Field", "Type", "Null", "Key", "Default", "Extra"), rows)


def indexes(database: Database, name: Name) -> Result:
    """SHOW INDEX."""
    relation = relation_at(database.catalog, name)
    rows: list[tuple[Any, ...]] = []
    for index in relation.indexes if isinstance(relation, Table) else ():
        for place, element in enumerate(index.elements, 1):
            rows.append((name.name, 0 if index.unique else 1, index.name, place, element.column, "A", 0, element.prefix,
                         None, "YES", "BTREE", "", ""))  # fmt: skip
    names = ("Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name", "Collation", "Cardinality", "Sub_part",
             "Packed",
             "Null", "Index_type", "Comment", "Index_comment")  # fmt: skip
    return Result(names, rows)


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def create_table(table: Table, database: Database) -> str:
    """SHOW CREATE TABLE: the text that SQLAlchemy's own parser reads."""
    catalog, engine = database.catalog, Engine.MYSQL
    lines = []
    for one in table.columns:
        parts = [quote(one.name, engine), format_type(one.type, catalog) if one.type is not None else "text"]
        charset = one.charset or (one.type.charset if one.type is not None else None)
        if charset:
            parts.append(f"CHARACTER SET {charset}")
        if one.collation:
            parts.append(f"COLLATE {one.collation}")
        if one.generated is not None:
            parts.append(f"GENERATED ALWAYS AS ({one.generated.text}) {'STORED' if one.stored else 'VIRTUAL'}")
        if not one.nullable:
            parts.append("NOT NULL")
        if one.default is not None:
            value = one.default
            plain = value.constant is not None and not value.text.startswith("(")
            parts.append(f"DEFAULT {text(value.constant) if plain and value.constant is not None else value.text}")
        elif (
            one.nullable
            and one.generated is None
            and not one.auto_increment
            and not (one.type and one.type.name.endswith(("text", "blob")))
        ):
            parts.append("DEFAULT NULL")
        if one.auto_increment:
            parts.append("AUTO_INCREMENT")
        if one.on_update is not None:
            parts.append(f"ON UPDATE {one.on_update.text}")
        if one.comment:
            parts.append(f"COMMENT {text(one.comment)}")
        lines.append("  " + " ".join(parts))
    for index in table.indexes:
        keys = ",".join(
            key_text(e.column, e.prefix, e.expression.text if e.expression else None) for e in index.elements
        )
        if index.primary:
            lines.append(f"  PRIMARY KEY ({keys})")
        else:
            kind = "UNIQUE " if index.unique else f"{index.kind.upper()} " if index.kind else ""
            lines.append(f"  {kind}KEY {quote(index.name, engine)} ({keys})")
    for one_constraint in table.constraints:
        name = quote(one_constraint.name, engine)
        if one_constraint.kind is ConstraintKind.FOREIGN and one_constraint.references is not None:
            mine = ", ".join(quote(c, engine) for c in one_constraint.columns)
            theirs = ", ".join(quote(c, engine) for c in one_constraint.references_columns)
            target = one_constraint.references
            where = (
                quote(target[1], engine) if target[0] == table.key[0] else ".".join(quote(p, engine) for p in target)
            )
            line = f"  CONSTRAINT {name} FOREIGN KEY ({mine}) REFERENCES {where} ({theirs})"
            for word, action in (("DELETE", one_constraint.on_delete), ("UPDATE", one_constraint.on_update)):
                if action.value not in ("NO ACTION",):
                    line += f" ON {word} {action.value}"
            lines.append(line)
        elif one_constraint.kind is ConstraintKind.CHECK and one_constraint.expression is not None:
            lines.append(f"  CONSTRAINT {name} CHECK ({one_constraint.expression.text})")
    comment = f" COMMENT={text(table.comment)}" if table.comment else ""
    charset = table.options.get("charset") or table.options.get("character set") or "utf8mb4"
    return (
        f"CREATE TABLE {quote(table.key[1], engine)} (\n" + ",\n".join(lines)
        + f"\n) ENGINE={table.options.get('engine', 'InnoDB')} DEFAULT CHARSET={charset}{comment}"
    )  # fmt: skip


def key_text(column: str | None, prefix: int | None, expression: str | None) -> str:
    """A key of an index."""
    if column is None:
        return f"({expression})"
    return quote(column, Engine.MYSQL) + (f"({prefix})" if prefix else "")
