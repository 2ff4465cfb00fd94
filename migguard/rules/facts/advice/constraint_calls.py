"""A constraint as it is written in a script: an operation of Alembic's, or an element of a table."""

from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Key
from migguard.changes import ForeignKeyAction
from migguard.placeholders import is_placeholder
from migguard.rules.facts.advice.recipes import bound_free, named
from migguard.rules.wording import python, quoted, schema_argument


def operation(state: ConstraintState, name: str, key: Key, catalog: Catalog) -> str:
    """`op.create_…(op.f("name"), …)`: the name is whole, so no naming convention is to be applied to it."""
    table, first = named(key, catalog), f"op.f({python(name)})"
    if state.kind is ConstraintKind.FOREIGN and state.references is not None:
        there = named(state.references, catalog)
        more = f", source_schema={python(table.schema)}" if table.schema else ""
        more += f", referent_schema={python(there.schema)}" if there.schema else ""
        return (
            f"op.create_foreign_key({first}, {python(table.name)}, {python(there.name)}, [{quoted(state.columns)}], "
            f"[{quoted(state.references_columns)}]{more}{actions(state)}{when(state)})"
        )
    if state.kind is ConstraintKind.CHECK and state.expression is not None:
        words = condition(state.expression.text)
        return f"op.create_check_constraint({first}, {python(table.name)}, {words}{schema_argument(table)})"
    return (
        f"op.create_unique_constraint({first}, {python(table.name)}, [{quoted(state.columns)}]"
        f"{schema_argument(table)}{when(state)})"
    )


def element(state: ConstraintState, name: str, catalog: Catalog) -> str:
    """`sa.…Constraint(…, name=op.f("name"))`, among the columns of `op.create_table`."""
    last = f", name=op.f({python(name)}))"
    if state.kind is ConstraintKind.FOREIGN and state.references is not None:
        there = str(named(state.references, catalog))
        targets = quoted(f"{there}.{column}" for column in state.references_columns)
        given = f"[{quoted(state.columns)}], [{targets}]{actions(state)}{when(state)}"
        return f"sa.ForeignKeyConstraint({given}{last}"
    if state.kind is ConstraintKind.CHECK and state.expression is not None:
        return f"sa.CheckConstraint({condition(state.expression.text)}{last}"
    return f"sa.UniqueConstraint({quoted(state.columns)}{when(state)}{last}"


def condition(text: str) -> str:
    """What a check asks for, as an argument; dots where a value in it is not known."""
    return python(bound_free(text)) if not is_placeholder(text) else "..."


def actions(state: ConstraintState) -> str:
    """What becomes of the rows that refer to one that goes, as arguments."""
    more = f", ondelete={python(state.on_delete)}" if state.on_delete is not ForeignKeyAction.NO_ACTION else ""
    return more + (f", onupdate={python(state.on_update)}" if state.on_update is not ForeignKeyAction.NO_ACTION else "")


def when(state: ConstraintState) -> str:
    """When it is checked, as arguments."""
    more = ", deferrable=True" if state.deferrable else ""
    return more + (', initially="DEFERRED"' if state.initially_deferred else "")
