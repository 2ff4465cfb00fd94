"""PostgreSQL: what creating, dropping and describing objects costs on the tables they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.lookup import domain_named, relation_key, table_key, type_key
from migguard.catalog.schema import Catalog, CompositeType, ConstraintKind, Key, Table
from migguard.changes import (
    AlterCompositeType,
    AlterDomain,
    AlterSequence,
    AlterTableObject,
    Comment,
    CreatePolicy,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateView,
    DropPolicy,
    DropTable,
    DropTrigger,
    ForeignKey,
    Grant,
    Name,
    ObjectAction,
    OtherObject,
    Query,
    RefreshMaterializedView,
    RenameColumn,
)
from migguard.effects.cost import Cost, partitions, tree
from migguard.effects.model import LockMode
from migguard.effects.postgresql_columns import cast_is_free
from migguard.effects.postgresql_data import read, with_views
from migguard.effects.postgresql_partitions import created
from migguard.trace import Step


def create_table(step: Step, change: CreateTable, cost: Cost) -> None:
    """A new table locks what it is copied from and becomes a part of, then what it refers to, in the order written.

    The foreign keys are added when the table is there (transformCreateStmt in src/backend/parser/parse_utilcmd.c).
    """
    if change.if_not_exists and step.before.next_oid == step.after.next_oid:
        if change.query is not None:
            named(step.before, change.query, cost)
        return
    for like in change.likes:
        source = relation_key(step.before, like.source)
        if source is not None:
            cost.lock(source, LockMode.ACCESS_SHARE, target=False)
    for name in change.inherits:
        parent = table_key(step.before, name)
        if parent is not None:
            cost.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE, target=False)
    if change.query is not None and change.with_data:
        read(step.before, change.query, cost)
    elif change.query is not None:
        named(step.before, change.query, cost)
    created(step, change, cost)
    for constraint in change.constraints:
        if isinstance(constraint, ForeignKey):
            other = table_key(step.before, constraint.references)
            for one in partitions(step.before, other) if other is not None else ():
                cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
    cost.cite("https://www.postgresql.org/docs/current/sql-createtable.html")


def named(catalog: Catalog, query: Query, cost: Cost) -> None:
    """A query that is only analysed: ACCESS SHARE on what it names, not on what is beneath or a part of it."""
    for name in query.relations:
        key = relation_key(catalog, name)
        if key is not None:
            cost.lock(key, LockMode.ACCESS_SHARE, target=False)


# --- drops --------------------------------------------------------------------------------------------------------


def drop(step: Step, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on all that goes, on the tables that lose something, and on partitions' parents."""
    gone = [k for k in (*step.before.tables, *step.before.views) if not survives(step, k)]
    named = step.change.table if isinstance(step.change, DropTable) else None
    first = table_key(step.before, named) if named is not None else None
    gone.sort(key=lambda k: k != first)  # looked up by name before anything is dropped
    for key in gone:
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    lost(step, tuple(gone), cost)
    for key in gone:
        table = step.before.tables.get(key)
        if table is not None and table.partition_of is not None and survives(step, table.partition_of):
            cost.lock(table.partition_of, LockMode.ACCESS_EXCLUSIVE, target=False)
            for sibling in step.before.children.get(table.partition_of, ()):
                other = step.before.tables.get(sibling)
                if other is not None and other.bound is not None and other.bound.default and sibling != key:
                    cost.lock(sibling, LockMode.ACCESS_EXCLUSIVE, target=False)
    cost.cite("https://www.postgresql.org/docs/current/ddl-depend.html")


def survives(step: Step, key: Key) -> bool:
    """Whether a relation is still there after the step."""
    return key in step.after.tables or key in step.after.views


def lost(step: Step, keys: tuple[Key, ...], cost: Cost) -> None:
    """Locks on the other tables that a drop changes: far sides of foreign keys, dependent views, users of a type.

    What depends on something is dropped newest first (object_address_comparator in src/backend/catalog/dependency.c).
    """
    before, after = step.before, step.after
    if before.tables is after.tables and before.views is after.views:
        return
    for table in sorted(neighbours(step, keys), key=lambda t: t.oid, reverse=True):
        key, kept = table.key, after.tables.get(table.key)
        if kept is table:
            continue
        names = {c.name for c in kept.constraints} if kept is not None else set()
        for constraint in reversed(table.constraints):
            if constraint.kind is ConstraintKind.FOREIGN and constraint.name not in names:
                cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=key in keys)
                if constraint.inherited:
                    continue  # what the referenced table has for it is its parent's
                for other in partitions(before, constraint.references) if constraint.references is not None else ():
                    cost.lock(other, LockMode.ACCESS_EXCLUSIVE, target=other in keys)
        if kept is not None and kept != table and key not in keys:
            # Partitions have copies of the triggers of their table.
            for one in partitions(before, key) if kept.triggers != table.triggers else (key,):
                cost.lock(one, LockMode.ACCESS_EXCLUSIVE, target=False)
    for key in before.views:
        if key not in after.views:
            cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=key in keys)


def neighbours(step: Step, keys: tuple[Key, ...]) -> list[Table]:
    """The tables that a drop could change: those named and those that refer to them; any, where a type may be gone."""
    before = step.before
    if not keys or before.types is not step.after.types:
        return list(before.tables.values())
    found: dict[Key, None] = {}
    for key in keys:
        found.update(dict.fromkeys(tree(before, key)))
        for other in before.referenced_by.get(key, frozenset()):
            found[other] = None
    return [before.tables[k] for k in found if k in before.tables]


# --- views, triggers, policies ------------------------------------------------------------------------------------


def create_view(step: Step, change: CreateView, cost: Cost) -> None:
    """ACCESS SHARE on what it reads; a replaced view itself takes ACCESS EXCLUSIVE."""
    key = relation_key(step.before, change.view)
    if change.if_not_exists and key is not None:
        return
    if key is not None and change.or_replace:
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    if change.materialized and change.with_data:
        read(step.before, change.query, cost)
    else:
        named(step.before, change.query, cost)


def refresh(step: Step, change: RefreshMaterializedView, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the view, or EXCLUSIVE with CONCURRENTLY; ACCESS SHARE on what it reads."""
    key = relation_key(step.before, change.view)
    view = step.before.views.get(key) if key is not None else None
    if key is None or view is None:
        return
    cost.lock(key, LockMode.EXCLUSIVE if change.concurrently else LockMode.ACCESS_EXCLUSIVE)
    cost.cite("https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html")
    if change.concurrently:
        cost.scan(key, f"{key[1]} is compared with its new contents")
    elif not change.with_data:
        cost.replaced[key] = None
    else:
        cost.rewrites[key] = None
        cost.reasons[f"{key[1]} is written again"] = None
        if view.indexes:
            cost.scan(key)
    if change.with_data:
        for name in view.query.relations:
            source = relation_key(step.before, name)
            for one in with_views(step.before, source) if source is not None else ():
                cost.lock(one, LockMode.ACCESS_SHARE, target=False)
                cost.scan(one)


def table_object(
    step: Step, change: CreateTrigger | DropTrigger | CreatePolicy | DropPolicy | AlterTableObject, cost: Cost
) -> None:
    """CREATE TRIGGER takes SHARE ROW EXCLUSIVE; everything else about triggers, rules and policies ACCESS EXCLUSIVE."""
    key = relation_key(step.before, change.table) if change.table is not None else None
    if key is None or not_there(step, change, key):
        return
    mode = LockMode.SHARE_ROW_EXCLUSIVE if isinstance(change, CreateTrigger) else LockMode.ACCESS_EXCLUSIVE
    renamed = isinstance(change, AlterTableObject) and change.kind == "trigger" and change.new is not None
    recursive = (
        isinstance(change, DropTrigger)
        or (isinstance(change, CreateTrigger) and change.each_row)
        or (renamed and step.before.server.since(15))
    )
    for one in partitions(step.before, key) if recursive else (key,):
        cost.lock(one, mode)
    if isinstance(change, CreateTrigger) and change.references is not None:
        far = relation_key(step.before, change.references)
        if far is not None:
            cost.lock(far, LockMode.ACCESS_SHARE, target=False)
    if isinstance(change, CreatePolicy):
        for reference in change.references:
            other = relation_key(step.before, Name(reference.name, reference.qualifier))
            if reference.kind == "relation" and other is not None:
                cost.lock(other, LockMode.ACCESS_SHARE, target=False)
    cost.cite(
        "https://www.postgresql.org/docs/current/sql-createtrigger.html", "src/backend/commands/trigger.c: renametrig"
    )


def not_there(
    step: Step, change: CreateTrigger | DropTrigger | CreatePolicy | DropPolicy | AlterTableObject, key: Key
) -> bool:
    """Whether IF EXISTS finds nothing to drop, which locks nothing."""
    table = step.before.tables.get(key)
    if table is None or not table.complete:
        return False
    match change:
        case DropTrigger():
            return change.if_exists and all(t.name != change.trigger.name for t in table.triggers)
        case DropPolicy():
            return change.if_exists and (change.kind, change.name) not in table.policies
        case _:
            return False


# --- types --------------------------------------------------------------------------------------------------------


def add_enum_value(step: Step, cost: Cost) -> None:
    """Locks no table. Before PostgreSQL 12 it refuses to run inside a transaction block."""
    cost.transaction_block = step.before.server.since(12)
    cost.cite("https://www.postgresql.org/docs/current/sql-altertype.html")


def alter_domain(step: Step, change: AlterDomain, cost: Cost) -> None:
    """A new constraint is verified in every table that uses the domain, under SHARE."""
    domain = domain_named(step.before, change.domain)
    if domain is None:
        return
    constraint = change.constraint
    verifying = (change.action == "add constraint" and constraint is not None and not constraint.not_valid) or (
        change.action in ("set not null", "validate constraint")
    )
    if not verifying:
        return
    for key in step.before.type_users.get(domain.key, frozenset()):
        cost.lock(key, LockMode.SHARE, target=False)
        cost.scan(key, f"{key[1]} is read to verify the domain's constraint")
    cost.cite("src/backend/commands/typecmds.c: validateDomainCheckConstraint")


def alter_composite(step: Step, change: AlterCompositeType, cost: Cost) -> None:
    """With CASCADE, the tables made of the type are altered too, and written again where an attribute's type asks."""
    if not change.cascade:
        return
    key = type_key(step.before, change.type)
    for one in typed_tables(step.before, change.type):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE, target=False)
        if change.action == "alter" and not attribute_kept(step.before, change, key):
            cost.rewrite(one, f"the attribute {change.attribute} is stored otherwise")
    cost.cite("https://www.postgresql.org/docs/current/sql-altertype.html")


def rename_attribute(step: Step, change: RenameColumn, cost: Cost) -> None:
    """RENAME ATTRIBUTE, which has to CASCADE where tables are made of the type."""
    for one in typed_tables(step.before, change.table):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE, target=False)


def typed_tables(catalog: Catalog, name: Name) -> Iterator[Key]:
    """The tables made of a type (CREATE TABLE … OF), and what is below them."""
    key = type_key(catalog, name)
    for table in catalog.tables.values():
        of = table.options.get("of")
        if of is not None and key in (None, type_key(catalog, Name(of)), tuple(of.split(".", 1))):
            yield from tree(catalog, table.key)


def attribute_kept(catalog: Catalog, change: AlterCompositeType, key: Key | None) -> bool:
    """Whether the values of an attribute stay as they are stored."""
    made = catalog.types.get(key) if key is not None else None
    attributes = dict(made.attributes) if isinstance(made, CompositeType) else {}
    old = attributes.get(change.attribute)
    return old is not None and change.data_type is not None and cast_is_free(old, change.data_type, catalog)


# --- the rest -----------------------------------------------------------------------------------------------------


def comment(step: Step, change: Comment, cost: Cost) -> None:
    """SHARE UPDATE EXCLUSIVE for a relation or column; ACCESS SHARE for what belongs to a table."""
    if change.kind in ("table", "view", "materialized view", "column", "foreign table"):
        key = relation_key(step.before, change.table or change.name)
        mode = LockMode.SHARE_UPDATE_EXCLUSIVE
    elif change.table is not None:
        key, mode = relation_key(step.before, change.table), LockMode.ACCESS_SHARE
    else:
        return
    if key is not None:
        cost.lock(key, mode)
    cost.cite("https://www.postgresql.org/docs/current/sql-comment.html")


def grant(step: Step, change: Grant, cost: Cost) -> None:
    """No lock before PostgreSQL 18, ACCESS SHARE from there on (observed)."""
    if not step.before.server.since(18) or change.kind != "table":
        return
    for name in change.relations:
        key = relation_key(step.before, name)
        if key is not None:
            cost.lock(key, LockMode.ACCESS_SHARE)


def other(step: Step, change: OtherObject, cost: Cost) -> None:
    """Publications and statistics take SHARE UPDATE EXCLUSIVE on their tables; server-wide objects refuse a block."""
    if change.kind in ("database", "tablespace") and change.action is not ObjectAction.ALTER:
        cost.transaction_block = False
    if change.kind == "system":
        cost.transaction_block = False
    if change.kind == "subscription" and change.action is not ObjectAction.ALTER:
        cost.transaction_block = False
    if change.kind in ("publication", "statistics"):
        for name in change.tables:
            key = relation_key(step.before, name)
            table = step.before.tables.get(key) if key is not None else None
            if key is None:
                continue
            # A publication takes inheriting tables in, while a partitioned table stands for its partitions.
            inheriting = change.kind == "publication" and table is not None and table.partition_by is None
            for one in tree(step.before, key) if inheriting else (key,):
                cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE, target=False)


def sequence(step: Step, change: CreateSequence | AlterSequence, cost: Cost) -> None:
    """OWNED BY looks at the table under ACCESS SHARE."""
    if change.options.owned_by is not None:
        key = table_key(step.before, change.options.owned_by[0])
        if key is not None:
            cost.lock(key, LockMode.ACCESS_SHARE, target=False)
