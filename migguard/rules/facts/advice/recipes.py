"""Alembic Python that does online what a step does under a lock: lines of code in the user's own names.

Where `op` has no spelling for it, the line is an `op.execute` of the exact SQL.
"""

from collections.abc import Iterable, Sequence

from migguard.catalog.schema import Catalog, Key, Table
from migguard.changes import (
    AddColumn,
    AlterColumnType,
    Change,
    Check,
    ColumnDefinition,
    CreateIndex,
    Expression,
    ForeignKey,
    ForeignKeyAction,
    IndexElement,
    ModifyColumn,
    Name,
    PrimaryKey,
    Unique,
)
from migguard.rules.facts.advice.recipe_types import python_type
from migguard.rules.wording import identifier, python, quoted, schema_argument, sql_name

AUTOCOMMIT = "with op.get_context().autocommit_block():"


def execute(statement: str) -> str:
    """`op.execute("…")`, with what SQLAlchemy would take for a parameter escaped."""
    return f"op.execute({python(bound_free(statement))})"


def bound_free(text: str) -> str:
    """SQL in which no `:name` is taken for a bound parameter by `sqlalchemy.text()`."""
    out = ""
    for place, char in enumerate(text):
        after, before = text[place + 1 : place + 2], text[place - 1 : place] if place else ""
        out += "\\:" if char == ":" and (after.isalnum() or after == "_") and before not in (":", "\\") else char
    return out


def text(sql: str) -> str:
    """`sa.text("…")`."""
    return f"sa.text({python(bound_free(sql))})"


def constant(value: str) -> str:
    """A value as a literal."""
    return "'" + value.replace("'", "''") + "'"


def outside(*lines: str) -> list[str]:
    """Lines outside of the migration's transaction."""
    return [AUTOCOMMIT, *(f"    {line}" for line in lines)]


def advice(lead: str, lines: Iterable[str]) -> str:
    """Words on the first line, and below them the code they speak of."""
    return f"{lead}:\n" + "\n".join(lines)


def named(key: Key, catalog: Catalog) -> Name:
    """A relation's name, with the schema where it is not the default one."""
    return Name(key[1], key[0] if key[0] != catalog.default_schema else None)


# --- indexes ------------------------------------------------------------------------------------------------------


def element(one: IndexElement) -> str:
    """A key of an index as an item of `op.create_index`'s list."""
    words = index_key(one)
    if one.expression is None and words == identifier(one.column or ""):
        return python(one.column or "")
    return text(words)


def index_key(one: IndexElement) -> str:
    """A key of an index as SQL."""
    words = f"({one.expression.text})" if one.expression is not None else identifier(one.column or "")
    words += f' COLLATE "{one.collation}"' if one.collation else ""
    words += f" {one.opclass}" if one.opclass else ""
    words += " DESC" if one.descending else ""
    return words + ("" if one.nulls_first is None else " NULLS FIRST" if one.nulls_first else " NULLS LAST")


def create_index(
    change: CreateIndex,
    name: str,
    table: Name,
    *,
    concurrently: bool = True,
    unless_there: bool = False,
    others: Iterable[str] = (),
    keys: str | None = None,
) -> str:
    """`op.create_index(…)` of the same index, under that name and on that table.

    A concurrent build that fails leaves an invalid index, which IF NOT EXISTS would keep: it has that with
    `unless_there` alone. `others` are arguments for other engines, and `keys` its columns, as they are written.
    """
    more = ", unique=True" if change.unique else ""
    more += schema_argument(table)
    more += ", if_not_exists=True" if change.if_not_exists and (unless_there or not concurrently) else ""
    more += f", postgresql_using={python(change.method)}" if change.method not in (None, "btree") else ""
    more += f", postgresql_include=[{quoted(change.include)}]" if change.include else ""
    more += ", postgresql_nulls_not_distinct=True" if change.nulls_not_distinct else ""
    more += f", postgresql_where={text(change.where.text)}" if change.where is not None else ""
    options = {k: v for k, v in change.options if k != "tablespace"}
    listed = ", ".join(f"{python(k)}: {python(v)}" for k, v in options.items())
    more += f", postgresql_with={{{listed}}}" if options else ""
    space = dict(change.options).get("tablespace")
    more += f", postgresql_tablespace={python(space)}" if space else ""
    keys = keys or ", ".join(element(e) for e in change.elements)
    last = "".join(f", {other}" for other in others)
    last += ", postgresql_concurrently=True" if concurrently else ""
    return f"op.create_index({python(name)}, {python(table.name)}, [{keys}]{more}{last})"


def drop_invalid(name: str, table: Name, *, dialects: bool) -> list[str]:
    """The lines that drop what a failed concurrent build left under the name, and no index that is whole.

    `dialects` says that the script runs on other servers too, which know no `pg_index`.
    """
    there = constant(sql_name(Name(name, table.schema)))
    asked = python(f"SELECT 1 FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass({there})")
    only = 'op.get_bind().dialect.name == "postgresql" and ' if dialects else ""
    which = f"{python(name)}, {python(table.name)}{schema_argument(table)}"
    return [
        f"if {only}op.get_bind().execute(sa.text({asked})).scalar():",
        f"    op.drop_index({which}, postgresql_concurrently=True)",
    ]


def partitioned_index(change: CreateIndex, name: str, table: Table, catalog: Catalog) -> list[str]:
    """An index of a partitioned table: on it alone, concurrently on each partition, then attached to it.

    Each build commits, so it begins with a drop of what an attempt that failed at a later one has left.
    """
    above: list[str] = []
    leaves: list[str] = []
    attached: list[str] = []

    def build(at: Table, called: str) -> None:
        above.append(execute(f"CREATE {'UNIQUE ' if change.unique else ''}INDEX {identifier(called)} ON ONLY "
                             f"{sql_name(named(at.key, catalog))} {definition(change)}"))  # fmt: skip
        for child in catalog.children.get(at.key, ()):
            part, inner = catalog.tables[child], f"{name}_{child[1]}"[:63]
            if part.partition_by is not None:
                build(part, inner)
            else:
                leaf = named(child, catalog)
                leaves.append(f"op.drop_index({python(inner)}, {python(leaf.name)}{schema_argument(leaf)}, "
                              "if_exists=True, postgresql_concurrently=True)")  # fmt: skip
                leaves.append(create_index(change, inner, leaf))
            schema = named(child, catalog).schema
            attached.append(execute(f"ALTER INDEX {sql_name(Name(called, named(at.key, catalog).schema))} "
                                    f"ATTACH PARTITION {sql_name(Name(inner, schema))}"))  # fmt: skip

    build(table, name)
    return [*above, *outside(*leaves), *attached] if leaves else above


def definition(change: CreateIndex) -> str:
    """What stands behind the table's name in CREATE INDEX."""
    words = f"USING {change.method} " if change.method not in (None, "btree") else ""
    words += f"({', '.join(index_key(e) for e in change.elements)})"
    words += f" INCLUDE ({', '.join(identifier(c) for c in change.include)})" if change.include else ""
    words += " NULLS NOT DISTINCT" if change.nulls_not_distinct else ""
    options = [f"{k} = {v}" for k, v in change.options if k != "tablespace"]
    words += f" WITH ({', '.join(options)})" if options else ""
    space = dict(change.options).get("tablespace")
    words += f" TABLESPACE {identifier(space)}" if space else ""
    return words + (f" WHERE {change.where.text}" if change.where is not None else "")


# --- constraints --------------------------------------------------------------------------------------------------


def validate(table: Name, name: str) -> list[str]:
    """VALIDATE CONSTRAINT in a transaction of its own."""
    return outside(execute(f"ALTER TABLE {sql_name(table)} VALIDATE CONSTRAINT {identifier(name)}"))


def proved_later(table: Name, name: str, added: Iterable[str]) -> list[str]:
    """The lines that add a constraint NOT VALID, and its validation in a transaction of its own.

    That commits what is added, and fails at bad rows: the next attempt has to leave out what is there by then.
    """
    where = f"conname = {constant(name)} AND conrelid = to_regclass({constant(sql_name(table))})"
    asked = text(f"SELECT 1 FROM pg_constraint WHERE {where}")
    return [
        "# not again where an attempt failed at VALIDATE:",
        f"if not op.get_bind().execute({asked}).scalar():",
        *(f"    {line}" for line in added),
        *validate(table, name),
    ]


def add_check(table: Name, name: str, check: Check, argument: str | None = None) -> str:
    """A CHECK that is not yet validated. The name is whole: a naming convention is not to be applied to it (op.f).

    `argument` is the name as Python, where it is to be given otherwise.
    """
    if check.no_inherit:
        condition = f"CHECK ({check.expression.text}) NO INHERIT NOT VALID"
        return execute(f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {identifier(name)} {condition}")
    return (
        f"op.create_check_constraint({argument or f'op.f({python(name)})'}, {python(table.name)}, "
        f"{python(bound_free(check.expression.text))}{schema_argument(table)}, postgresql_not_valid=True)"
    )


def add_foreign_key(
    table: Name, name: str, key: ForeignKey, columns: Sequence[str], catalog: Catalog, argument: str | None = None
) -> str:
    """A foreign key that is not yet validated, under a name that is whole; `argument` as in `add_check`."""
    target = referenced_columns(key, catalog)
    if key.match or key.set_columns or not target:  # op.create_foreign_key has no words for these
        there = sql_name(key.references) + (f" ({', '.join(identifier(c) for c in target)})" if target else "")
        words = f"FOREIGN KEY ({', '.join(identifier(c) for c in columns)}) REFERENCES {there}"
        words += f" MATCH {key.match}" if key.match else ""
        for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
            words += f" ON {event} {action}" if action is not ForeignKeyAction.NO_ACTION else ""
            if event == "DELETE" and key.set_columns:
                words += f" ({', '.join(identifier(c) for c in key.set_columns)})"
        words += " DEFERRABLE" if key.deferrable else ""
        words += " INITIALLY DEFERRED" if key.initially_deferred else ""
        return execute(f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {identifier(name)} {words} NOT VALID")
    more = f", source_schema={python(table.schema)}" if table.schema else ""
    more += f", referent_schema={python(key.references.schema)}" if key.references.schema else ""
    more += f", ondelete={python(key.on_delete)}" if key.on_delete is not ForeignKeyAction.NO_ACTION else ""
    more += f", onupdate={python(key.on_update)}" if key.on_update is not ForeignKeyAction.NO_ACTION else ""
    more += deferrable(key)
    return (
        f"op.create_foreign_key({argument or f'op.f({python(name)})'}, {python(table.name)}, "
        f"{python(key.references.name)}, "
        f"[{quoted(columns)}], [{quoted(target)}]{more}, postgresql_not_valid=True)"
    )


def deferrable(key: ForeignKey) -> str:
    """The arguments that say when a constraint is checked."""
    when = ", deferrable=True" if key.deferrable else ""
    return when + (', initially="DEFERRED"' if key.initially_deferred else "")


def referenced_columns(key: ForeignKey, catalog: Catalog) -> tuple[str, ...]:
    """The columns that a foreign key refers to; the primary key's where it names none."""
    from migguard.catalog.lookup import table_key

    if key.references_columns:
        return key.references_columns
    there = table_key(catalog, key.references)
    table = catalog.tables.get(there) if there is not None else None
    primary = table.primary_key if table is not None else None
    return primary.columns if primary is not None else ()


def using_index(
    table: Name, name: str, constraint: Unique | PrimaryKey, columns: Sequence[str], index_name: str | None = None
) -> list[str]:
    """A unique index built concurrently, and made the constraint, which gives it its own name.

    A build that fails, as it does at a duplicate, leaves its index, and the next one of the name fails at that.
    """
    built = index_name or name
    left = f"op.drop_index({python(built)}, {python(table.name)}{schema_argument(table)}, if_exists=True, "
    kind = "PRIMARY KEY" if isinstance(constraint, PrimaryKey) else "UNIQUE"
    index = CreateIndex(
        table,
        tuple(IndexElement(c) for c in columns),
        unique=True,
        include=constraint.include,
        nulls_not_distinct=isinstance(constraint, Unique) and constraint.nulls_not_distinct,
        options=constraint.options,
    )
    when = " DEFERRABLE" if constraint.deferrable else ""
    when += " INITIALLY DEFERRED" if constraint.initially_deferred else ""
    return [
        *outside(
            f"{left}postgresql_concurrently=True)  # what a failed attempt left",
            create_index(index, built, table),
        ),
        execute(
            f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {identifier(name)} {kind} "
            f"USING INDEX {identifier(built)}{when}"
        ),
    ]


def set_not_null(table: Name, column: str) -> list[str]:
    """NOT NULL by way of a CHECK that is validated while reads and writes go on."""
    name, where = f"ck_{table.name}_{column}_not_null"[:63], schema_argument(table)
    check = (
        f"op.create_check_constraint(op.f({python(name)}), {python(table.name)}, "
        f"{python(f'{identifier(column)} IS NOT NULL')}{where}, postgresql_not_valid=True)"
    )
    return [
        *proved_later(table, name, [check]),
        f"op.alter_column({python(table.name)}, {python(column)}, nullable=False{where})",
        f'op.drop_constraint(op.f({python(name)}), {python(table.name)}, type_="check"{where})',
    ]


# --- columns ------------------------------------------------------------------------------------------------------


def add_column(change: AddColumn, *, default: bool = True, empty: bool = False) -> str:
    """The column without what is written on it: `empty` leaves out the default and NOT NULL too."""
    column, table = change.column, change.table
    default = default and not empty
    kind = python_type(column.type) if column.type is not None else None
    if kind is None or column.collation is not None or column.generated is not None:
        return execute(f"ALTER TABLE {sql_name(table)} ADD COLUMN {column_sql(column, default=default, empty=empty)}")
    more = f", server_default={server_default(column.default)}" if default and column.default is not None else ""
    more += ", nullable=False" if column.nullable is False and not empty else ""
    return (
        f"op.add_column({python(table.name)}, sa.Column({python(column.name)}, {kind}{more}){schema_argument(table)})"
    )


def typed(change: Change, column: str, kind: str, *, converts: bool = False) -> str:
    """A column with that type as Python, for what gives it one: where it is defined, or where its type is changed.

    The USING of the change was written for the other type, and may shift or cut values: it is kept only where it
    `converts` to this type as well, and else left to be written.
    """
    if isinstance(change, AlterColumnType | ModifyColumn):
        using = change.using if isinstance(change, AlterColumnType) else None
        by = f", postgresql_using={python(using.text) if converts else '...'}" if using is not None else ""
        where = schema_argument(change.table)
        return f"op.alter_column({python(change.table.name)}, {python(column)}, type_={kind}{by}{where})"
    return f"sa.Column({python(column)}, {kind}, ...)"


def server_default(expression: Expression) -> str:
    """A default as `server_default` takes it."""
    return text(expression.text)


def column_sql(column: ColumnDefinition, *, default: bool, empty: bool) -> str:
    """A column as it stands in ADD COLUMN."""
    from migguard.rules.facts.advice.recipe_types import sql_type

    words = f"{identifier(column.name)} {sql_type(column.type)}" if column.type else identifier(column.name)
    words += f" COLLATE {sql_name(column.collation)}" if column.collation else ""
    words += f" DEFAULT {column.default.text}" if default and column.default is not None else ""
    return words + (" NOT NULL" if column.nullable is False and not empty else "")
