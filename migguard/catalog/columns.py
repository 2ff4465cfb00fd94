"""Columns: making them from their definition, and changing them."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog import naming
from migguard.catalog.constraints import add_constraint, need_column
from migguard.catalog.defaults import nextval, stored
from migguard.catalog.edit import Refused, put_sequence, put_table, remove_sequence, replace_column, tell
from migguard.catalog.expression_rules import refuse_changing, refuse_default, refuse_expression
from migguard.catalog.lookup import relation_key, type_at
from migguard.catalog.postgresql_assignment import Path, path
from migguard.catalog.rename import in_constraint, in_expression, in_index, mentions
from migguard.catalog.schema import (
    Catalog,
    Column,
    ConstraintKind,
    Key,
    RefusalKind,
    SequenceState,
    Table,
    View,
)
from migguard.catalog.type_names import named
from migguard.catalog.types import format_type
from migguard.changes import (
    AddColumn,
    AlterColumnType,
    ColumnDefinition,
    Constraint,
    DataType,
    Engine,
    Expression,
    Name,
    NotNull,
    PrimaryKey,
    SequenceOptions,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetIdentity,
    SetNullable,
    Unique,
)

BOUNDS = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}


def resolved(data_type: DataType | None, catalog: Catalog, *, needed: bool = True) -> DataType | None:
    """The type with a user type's schema filled in. Raises Refused for a type that is nowhere.

    A type that an extension may bring is taken as it is.
    """
    if data_type is None or data_type.builtin:
        if data_type is not None and catalog.server.engine is Engine.POSTGRESQL:
            refuse_size(data_type)
        return data_type
    known = type_at(catalog, data_type)
    if known is not None:
        return replace(data_type, schema=known.key[0])
    if not needed or catalog.server.engine is not Engine.POSTGRESQL:
        return data_type
    if relation_key(catalog, Name(data_type.name, data_type.schema)) is not None:
        return data_type  # a table's or view's rows
    if known_extension_type(data_type, catalog) or catalog.assumed or catalog.unread:
        return data_type
    raise Refused(RefusalKind.UNKNOWN_TYPE, f'the type "{data_type.name}" does not exist', data_type.name)


EXTENSION_TYPES = frozenset(
    {"bm25query", "box2d", "box3d", "citext", "cube", "ean13", "earth", "geography", "geometry", "halfvec", "hll",
     "hstore", "ip4", "ip4r", "ip6", "ip6r", "ipaddress", "iprange", "isbn", "isbn13", "ismn", "ismn13", "issn",
     "issn13", "jsquery", "lo", "lquery", "ltree", "ltxtquery", "query_int", "raster", "roaringbitmap", "seg", "semver",
     "sparsevec", "tdigest", "topogeometry", "upc", "uri", "vector"}
)  # fmt: skip
"""Types of widely used extensions, which somebody may have installed by other means than a revision."""

WITHOUT_TYPES = frozenset(
    {"btree_gin", "btree_gist", "dblink", "fuzzystrmatch", "pg_stat_statements", "pg_trgm", "pgcrypto", "plpgsql",
     "postgres_fdw", "tablefunc", "tsm_system_rows", "unaccent", "uuid-ossp"}
)  # fmt: skip
"""Extensions that bring no type of a name of their own."""


SIZES = {
    "numeric": (1, 1000), "bit": (1, 83886080), "bit varying": (1, 83886080), "character": (1, 10485760),
    "character varying": (1, 10485760),
}  # fmt: skip
"""What PostgreSQL's types take for a length or precision."""


def refuse_size(data_type: DataType) -> None:
    """Raise Refused for a length, precision or scale that PostgreSQL's type cannot have."""
    sizes = [int(a) for a in data_type.arguments if a.lstrip("-").isdigit()]
    if not sizes:
        return
    low, high = SIZES.get(data_type.name, (0, sizes[0]))
    if not low <= sizes[0] <= high:
        raise Refused(
            RefusalKind.INVALID, f"{data_type.name}({sizes[0]}) is out of range: {low} to {high}", data_type.name
        )


def known_extension_type(data_type: DataType, catalog: Catalog) -> bool:
    """Whether a type may come from an extension, or from before the history: PostgreSQL's own would have been known."""
    key = (data_type.schema or catalog.default_schema, data_type.name)
    if key in catalog.dropped:
        return False
    name = data_type.name.lower()
    if name in EXTENSION_TYPES or name in catalog.assumed_types or catalog.extensions - WITHOUT_TYPES:
        return True
    return key[0] not in catalog.schemas or not (catalog.tables or catalog.views or catalog.dropped)


def make_column(catalog: Catalog, table_key: Key, definition: ColumnDefinition) -> tuple[Column, Catalog]:
    """A column as the server keeps it, with the sequence that a serial or identity column gets."""
    data_type = resolved(definition.type, catalog)
    refuse_default(catalog, definition.default)
    made = Column(
        definition.name,
        data_type,
        nullable=definition.nullable is not False,
        default=stored(definition.default, data_type, catalog),
        generated=definition.generated.expression if definition.generated is not None else None,
        stored=definition.generated is not None and definition.generated.stored,
        collation=definition.collation.name if definition.collation is not None else None,
        comment=definition.comment,
        auto_increment=definition.auto_increment,
        on_update=definition.on_update,
        charset=definition.type.charset if definition.type is not None else None,
        invisible=definition.invisible,
        filled=definition.default is not None and not definition.default.is_null,
        oid=catalog.next_oid,
    )
    catalog = replace(catalog, next_oid=catalog.next_oid + 1)
    if definition.serial and catalog.server.engine is Engine.POSTGRESQL:
        key, catalog = owned_sequence(catalog, table_key, made, SequenceOptions(data_type=data_type), internal=False)
        made = replace(made, nullable=False, serial=True, sequence=key, default=nextval(key, catalog), filled=True)
    elif definition.identity is not None:
        refuse_identity(made, catalog)
        made = replace(made, nullable=False, identity="always" if definition.identity.always else "by default")
        if catalog.server.engine is Engine.POSTGRESQL:
            key, catalog = owned_sequence(catalog, table_key, made, definition.identity.options, internal=True)
            made = replace(made, sequence=key)
    refuse_unsupported(catalog, definition)
    if made.generated is not None and (made.default is not None or made.identity is not None):
        raise Refused(RefusalKind.INVALID, f"{made.name} is generated and has a default or identity too", made.name)
    if made.generated is not None and catalog.server.engine is Engine.POSTGRESQL and table_key in catalog.tables:
        for other in catalog.tables[table_key].columns:
            if other.generated is not None and mentions(made.generated, other.name):
                raise Refused(
                    RefusalKind.INVALID, f"{made.name} cannot be computed from the generated {other.name}", made.name
                )
    return made, catalog


def refuse_identity(column: Column, catalog: Catalog) -> None:
    """Raise Refused where an identity column is no whole number on PostgreSQL."""
    if catalog.server.engine is Engine.POSTGRESQL and column.type is not None and column.type.name not in BOUNDS:
        raise Refused(
            RefusalKind.INVALID, f"the identity column {column.name} must be smallint, integer or bigint", column.name
        )


def refuse_unsupported(catalog: Catalog, definition: ColumnDefinition) -> None:
    """Raise Refused for what the server's version lacks."""
    server = catalog.server
    if server.engine is not Engine.POSTGRESQL:
        return
    if definition.generated is not None and not definition.generated.stored and not server.since(18):
        raise Refused(
            RefusalKind.VERSION,
            f"{definition.name} is a virtual generated column, which needs PostgreSQL 18",
            definition.name,
        )
    if definition.generated is not None and not server.since(12):
        raise Refused(
            RefusalKind.VERSION, f"{definition.name} is a generated column, which needs PostgreSQL 12", definition.name
        )


def owned_sequence(
    catalog: Catalog, table_key: Key, column: Column, options: SequenceOptions, *, internal: bool
) -> tuple[Key, Catalog]:
    """The sequence of a serial or identity column."""
    schema = options.name.schema if options.name is not None and options.name.schema else table_key[0]
    if options.name is not None:
        name = options.name.name
    else:
        name = naming.choose(table_key[1], column.name, "seq", lambda n: naming.relation_taken(catalog, schema, n))
    kind = column.type.name if column.type is not None and column.type.name in BOUNDS else "bigint"
    made = sequence_state((schema, name), replace(options, data_type=DataType(kind)))
    made = replace(made, owner=(table_key, column.name), internal=internal, oid=catalog.next_oid)
    return made.key, put_sequence(replace(catalog, next_oid=catalog.next_oid + 1), made)


def sequence_state(key: Key, options: SequenceOptions, old: SequenceState | None = None) -> SequenceState:
    """A sequence with every option decided."""
    kind = options.data_type.name if options.data_type is not None else (old.data_type if old is not None else "bigint")
    top = BOUNDS.get(kind, BOUNDS["bigint"])
    increment = options.increment if options.increment is not None else (old.increment if old is not None else 1)
    low, high = (1, top) if increment > 0 else (-top - 1, -1)
    if old is not None:
        bound = BOUNDS.get(old.data_type, BOUNDS["bigint"])
        low = low if old.data_type != kind and old.minimum == -bound - 1 else old.minimum
        high = high if old.data_type != kind and old.maximum == bound else old.maximum
    minimum = options.minimum if options.minimum is not None else low
    maximum = options.maximum if options.maximum is not None else high
    if minimum >= maximum:
        raise Refused(RefusalKind.INVALID, f"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})", key[1])
    first = minimum if increment > 0 else maximum
    return SequenceState(
        key,
        kind,
        start=options.start if options.start is not None else (old.start if old is not None else first),
        increment=increment,
        minimum=minimum,
        maximum=maximum,
        cache=options.cache if options.cache is not None else (old.cache if old is not None else 1),
        cycle=options.cycle if options.cycle is not None else (old.cycle if old is not None else False),
        owner=old.owner if old is not None else None,
        internal=old.internal if old is not None else False,
        comment=old.comment if old is not None else None,
        oid=old.oid if old is not None else 0,
    )


# --- adding -------------------------------------------------------------------------------------------------------


def add_column(catalog: Catalog, key: Key, change: AddColumn) -> Catalog:
    """ADD COLUMN, on the table and on what inherits it."""
    table = catalog.tables[key]
    definition = change.column
    if any(c.name == definition.name or same_name(c.name, definition.name, catalog) for c in table.columns):
        if change.if_not_exists:
            return catalog
        raise Refused(
            RefusalKind.DUPLICATE, f'{table.key[1]} already has a column "{definition.name}"', definition.name
        )
    if table.partition_of is not None and catalog.server.engine is Engine.POSTGRESQL:
        raise Refused(RefusalKind.INVALID, f"{table.key[1]} is a partition: add the column to its parent", table.key[1])
    column, catalog = make_column(catalog, key, definition)
    table = catalog.tables[key]
    refuse_generated(catalog, table, definition)
    catalog = put_table(catalog, replace(table, columns=placed(table.columns, column, change.position)))
    for constraint in ordered(change.constraints):
        catalog = add_constraint(catalog, key, constraint, only=True)
    if not change.only:
        for child in catalog.children.get(key, ()):
            there = catalog.tables[child].column(column.name) if child in catalog.tables else None
            if there is not None:
                made = replace(there, inherited=True)
                catalog = put_table(catalog, replace_column(catalog.tables[child], column.name, made))
            elif child in catalog.tables:
                catalog = add_inherited(catalog, child, column, change)
    return catalog


def add_inherited(catalog: Catalog, key: Key, column: Column, change: AddColumn) -> Catalog:
    """The same column on a partition or inheriting table, and below it."""
    table = catalog.tables[key]
    twin = replace(column, inherited=True, sequence=None, oid=catalog.next_oid)
    catalog = replace(catalog, next_oid=catalog.next_oid + 1)
    catalog = put_table(catalog, replace(table, columns=(*table.columns, twin)))
    for constraint in ordered(change.constraints):
        if not isinstance(constraint, (PrimaryKey, Unique)) or table.partition_of is not None:
            catalog = add_constraint(
                catalog,
                key,
                replace(constraint, name=None) if isinstance(constraint, (PrimaryKey, Unique)) else constraint,
                only=True,
            )
    for child in catalog.children.get(key, ()):
        if child in catalog.tables and catalog.tables[child].column(column.name) is None:
            catalog = add_inherited(catalog, child, column, change)
    return catalog


def same_name(a: str, b: str, catalog: Catalog) -> bool:
    """Whether two column names are one on an engine whose names are caseless."""
    return catalog.server.engine is not Engine.POSTGRESQL and a.lower() == b.lower()


def placed(columns: tuple[Column, ...], column: Column, position: str | None) -> tuple[Column, ...]:
    """The columns with one more, where MySQL's FIRST or AFTER puts it."""
    if position == "first":
        return (column, *columns)
    if position is not None and position.startswith("after "):
        name = position.removeprefix("after ")
        place = next((i for i, c in enumerate(columns) if c.name.lower() == name.lower()), len(columns) - 1)
        return (*columns[: place + 1], column, *columns[place + 1 :])
    return (*columns, column)


def ordered(constraints: tuple[Constraint, ...]) -> list[Constraint]:
    """Constraints in the order in which PostgreSQL makes them: CHECKs, keys, foreign keys; equal keys are one."""
    from migguard.changes import Check, Exclusion, ForeignKey

    rank = {NotNull: 0, Check: 1, PrimaryKey: 2, Unique: 3, Exclusion: 3, ForeignKey: 4}
    found: list[Constraint] = []
    primaries = [c for c in constraints if isinstance(c, PrimaryKey)]
    if len(primaries) > 1:
        raise Refused(RefusalKind.DUPLICATE, "a table has one primary key, and two are written", primaries[1].name)
    for constraint in sorted(constraints, key=lambda c: rank[type(c)]):
        if isinstance(constraint, (PrimaryKey, Unique)) and not constraint.using_index:
            twin = next(
                (
                    c
                    for c in found
                    if isinstance(c, (PrimaryKey, Unique))
                    and c.columns == constraint.columns
                    and c.include == constraint.include
                    and c.deferrable == constraint.deferrable
                    and getattr(c, "nulls_not_distinct", False) == getattr(constraint, "nulls_not_distinct", False)
                    and not c.elements
                ),
                None,
            )
            if twin is not None:
                if twin.name is None and constraint.name is not None:
                    found[found.index(twin)] = replace(twin, name=constraint.name)
                continue
        found.append(constraint)
    return found


# --- changing -----------------------------------------------------------------------------------------------------


def family(catalog: Catalog, key: Key, column: str) -> list[Key]:
    """A table and what inherits the column from it."""
    found = [key]
    for child in catalog.children.get(key, ()):
        if child in catalog.tables and catalog.tables[child].column(column) is not None:
            found += family(catalog, child, column)
    return found


def set_nullable(catalog: Catalog, key: Key, change: SetNullable) -> Catalog:
    """SET NOT NULL and DROP NOT NULL."""
    table = catalog.tables[key]
    column = need_column(table, change.column, catalog)
    if change.nullable and table.primary_key is not None and change.column in table.primary_key.columns:
        raise Refused(RefusalKind.INVALID, f"{table.key[1]}.{change.column} is in the primary key", change.column)
    if column is None:
        return put_table(catalog, tell(table, change.column, nullable=change.nullable))
    if change.nullable and kept_by_parent(catalog, key, change.column):
        message = f"{table.key[1]}.{change.column} is NOT NULL in a parent, and so stays NOT NULL"
        raise Refused(RefusalKind.INVALID, message, change.column)
    if change.nullable and column.identity is not None:
        raise Refused(RefusalKind.INVALID, f"{change.column} is an identity column and stays NOT NULL", change.column)
    for member in family(catalog, key, change.column):
        there = catalog.tables[member].column(change.column)
        if there is not None and (there.nullable != change.nullable or not there.not_null_valid):
            made = replace(there, nullable=change.nullable, not_null_valid=True, not_null_name=None)
            catalog = put_table(catalog, replace_column(catalog.tables[member], change.column, made))
    return catalog


def kept_by_parent(catalog: Catalog, key: Key, column: str) -> bool:
    """Whether a table that this one is a part or a child of has the column NOT NULL."""
    if catalog.server.engine is not Engine.POSTGRESQL:
        return False
    table = catalog.tables[key]
    above = [table.partition_of, *(table.inherits if catalog.server.since(18) else ())]
    there = [catalog.tables[k].column(column) for k in above if k is not None and k in catalog.tables]
    return any(c is not None and not c.nullable for c in there)


def refuse_generated(catalog: Catalog, table: Table, definition: ColumnDefinition) -> None:
    """Raise Refused for what PostgreSQL lets no column be computed from."""
    if definition.generated is not None:
        refuse_expression(catalog, table, definition.generated.expression, "a generated column")
        refuse_changing(catalog, definition.generated.expression, "a generated column")


def set_default(catalog: Catalog, key: Key, change: SetDefault) -> Catalog:
    """SET DEFAULT and DROP DEFAULT."""
    column = need_column(catalog.tables[key], change.column, catalog)
    if column is None:
        return catalog
    if column.identity is not None:
        raise Refused(RefusalKind.INVALID, f"{change.column} is an identity column and has no default", change.column)
    if column.generated is not None:
        raise Refused(RefusalKind.INVALID, f"{change.column} is a generated column and has no default", change.column)
    refuse_default(catalog, change.default)
    for member in family(catalog, key, change.column):
        there = catalog.tables[member].column(change.column)
        if there is not None:
            made = replace(there, default=stored(change.default, there.type, catalog))
            catalog = put_table(catalog, replace_column(catalog.tables[member], change.column, made))
    return catalog


def alter_type(catalog: Catalog, key: Key, change: AlterColumnType) -> Catalog:
    """ALTER COLUMN TYPE: views and generated columns that use it stand in the way; its default is cast along."""
    table = catalog.tables[key]
    column = need_column(table, change.column, catalog)
    new = resolved(change.type, catalog)
    if column is None and new is not None:
        return put_table(catalog, tell(table, change.column, type=new))
    if column is None or new is None:
        return catalog
    if column.identity is not None:
        refuse_identity(replace(column, type=new), catalog)
    for view_key in sorted(catalog.view_users.get(key, frozenset())):
        view = catalog.views[view_key]
        if any(k == key and c == change.column for k, c in view.uses):
            raise Refused(
                RefusalKind.DEPENDENTS,
                f"the type of {table.key[1]}.{change.column} cannot be changed, because the view {view_key[1]} uses it",
                change.column,
            )
    for other in table.columns:
        if other.generated is not None and any(r.name == change.column for r in other.generated.references):
            raise Refused(
                RefusalKind.DEPENDENTS,
                f"the type of {table.key[1]}.{change.column} cannot be changed, "
                f"because the generated column {other.name} uses it",
                change.column,
            )
    for member in family(catalog, key, change.column):
        there = catalog.tables[member].column(change.column)
        if there is None:
            continue
        collation = change.collation.name if change.collation is not None else None
        made = replace(there, type=new, default=recast(there, new, catalog), collation=collation)
        catalog = put_table(catalog, replace_column(catalog.tables[member], change.column, made))
        if there.sequence is not None and there.identity is not None and new.name in BOUNDS:
            sequence = catalog.sequences.get(there.sequence)
            if sequence is not None:
                kept = sequence_state(sequence.key, SequenceOptions(data_type=DataType(new.name)), sequence)
                catalog = put_sequence(catalog, kept)
    return catalog


def recast(column: Column, new: DataType, catalog: Catalog) -> Expression | None:
    """A default after its column's type was changed: it stays as it is, and is cast each time. Raises Refused."""
    default = column.default
    if catalog.server.engine is not Engine.POSTGRESQL or default is None or column.type is None:
        return default
    own = type_of(default, column.type, catalog)
    if own is not None and path(own, new, catalog) in (Path.EXPLICIT, Path.NONE):
        wanted = format_type(new, catalog)
        raise Refused(
            RefusalKind.INVALID, f"the default of {column.name} cannot be cast to {wanted} by itself", column.name
        )
    return default


def type_of(default: Expression, column: DataType, catalog: Catalog) -> DataType | None:
    """The type that a stored default has of itself; None where that is not known."""
    if "nextval" in default.functions:
        return DataType("bigint")
    if default.constant is None:
        return column if default.text.upper() == default.text and default.text.startswith("CURRENT_") else None
    if default.text.startswith("'"):
        label = default.text.rpartition("'::")[2]
        found = named(label) if label != default.text else None
        return found if found is None or found.builtin or type_at(catalog, found) is not None else None
    if default.text in ("true", "false"):
        return DataType("boolean")
    return DataType("numeric" if "." in default.text else "integer")


def set_identity(catalog: Catalog, key: Key, change: SetIdentity) -> Catalog:
    """ADD, SET and DROP IDENTITY."""
    table = catalog.tables[key]
    column = need_column(table, change.column, catalog)
    if column is None:
        return catalog
    if change.action == "add":
        if column.identity is not None:
            raise Refused(RefusalKind.DUPLICATE, f"{change.column} is an identity column already", change.column)
        if column.default is not None:
            raise Refused(RefusalKind.INVALID, f"{change.column} has a default already", change.column)
        refuse_identity(column, catalog)
        if column.nullable:
            raise Refused(
                RefusalKind.INVALID, f"{change.column} must be NOT NULL before it can be an identity", change.column
            )
        assert change.identity is not None
        sequence, catalog = owned_sequence(catalog, key, column, change.identity.options, internal=True)
        made = replace(column, identity="always" if change.identity.always else "by default", sequence=sequence)
        return put_table(catalog, replace_column(catalog.tables[key], change.column, made))
    if column.identity is None:
        if change.if_exists:
            return catalog
        raise Refused(RefusalKind.INVALID, f"{change.column} is no identity column", change.column)
    if change.action == "drop":
        if column.sequence is not None:
            catalog = remove_sequence(catalog, column.sequence)
        made = replace(column, identity=None, sequence=None)
        return put_table(catalog, replace_column(catalog.tables[key], change.column, made))
    sequence_now = catalog.sequences.get(column.sequence) if column.sequence is not None else None
    if sequence_now is not None and change.identity is not None:
        catalog = put_sequence(catalog, sequence_state(sequence_now.key, change.identity.options, sequence_now))
    if change.always is not None:
        made = replace(column, identity="always" if change.always else "by default")
        catalog = put_table(catalog, replace_column(catalog.tables[key], change.column, made))
    return catalog


def set_generated(catalog: Catalog, key: Key, change: SetGenerated) -> Catalog:
    """SET EXPRESSION and DROP EXPRESSION."""
    column = need_column(catalog.tables[key], change.column, catalog)
    if column is None:
        return catalog
    if column.generated is None:
        if change.if_exists:
            return catalog
        raise Refused(RefusalKind.INVALID, f"{change.column} is no generated column", change.column)
    if change.expression is not None and not catalog.server.since(17):
        raise Refused(RefusalKind.VERSION, "SET EXPRESSION needs PostgreSQL 17", change.column)
    made = replace(column, generated=change.expression, stored=column.stored and change.expression is not None)
    return put_table(catalog, replace_column(catalog.tables[key], change.column, made))


def set_option(catalog: Catalog, key: Key, change: SetColumnOption) -> Catalog:
    """SET STATISTICS, STORAGE and the like."""
    column = need_column(catalog.tables[key], change.column, catalog)
    if column is None:
        return catalog
    options = dict(column.options) | {change.option: change.value or ""}
    made = replace(column, options=tuple(sorted(options.items())))
    return put_table(catalog, replace_column(catalog.tables[key], change.column, made))


def rename_column(catalog: Catalog, key: Key, old: str, new: str) -> Catalog:
    """RENAME COLUMN, and everything that mentions it."""
    engine = catalog.server.engine
    table = catalog.tables[key]
    column = need_column(table, old, catalog)
    if table.column(new) is not None and not same_name(old, new, catalog):
        raise Refused(RefusalKind.DUPLICATE, f'{table.key[1]} already has a column "{new}"', new)
    if column is None:
        told = tuple(replace(t, name=new) if t.name == old else t for t in table.told)
        return put_table(catalog, replace(table, told=told)) if told else catalog
    old = column.name
    columns = tuple(
        replace(
            c,
            name=new if c.name == old else c.name,
            generated=in_expression(c.generated, old, new, engine) if c.generated is not None else None,
        )
        for c in table.columns
    )
    by = table.partition_by
    made = replace(
        table,
        columns=columns,
        partition_by=by and replace(by, columns=tuple(new if c == old else c for c in by.columns)),
        constraints=tuple(in_constraint(c, old, new, engine) for c in table.constraints),
        indexes=tuple(in_index(i, old, new, engine) for i in table.indexes),
        policy_columns=tuple((k, n, tuple(new if c == old else c for c in cs)) for k, n, cs in table.policy_columns),
    )
    catalog = put_table(catalog, made)
    for other_key in catalog.referenced_by.get(key, frozenset()):
        other = catalog.tables[other_key]
        constraints = tuple(
            replace(c, references_columns=tuple(new if n == old else n for n in c.references_columns))
            if c.kind is ConstraintKind.FOREIGN and c.references == key
            else c
            for c in other.constraints
        )
        catalog = put_table(catalog, replace(other, constraints=constraints))
    if column.sequence is not None and column.sequence in catalog.sequences:
        sequence = catalog.sequences[column.sequence]
        catalog = put_sequence(catalog, replace(sequence, owner=(key, new)))
    for view_key in catalog.view_users.get(key, frozenset()):
        view: View = catalog.views[view_key]
        uses = frozenset((k, new) if (k, c) == (key, old) else (k, c) for k, c in view.uses)
        catalog = replace(catalog, views=catalog.views.set(view_key, replace(view, uses=uses)))
    for child in catalog.children.get(key, ()):
        if child in catalog.tables and catalog.tables[child].column(old) is not None:
            catalog = rename_column(catalog, child, old, new)
    return catalog
