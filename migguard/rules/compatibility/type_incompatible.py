"""MG607: a column's new type does not go with what the running code writes and reads."""

from collections.abc import Iterator

from migguard.catalog.lookup import type_key
from migguard.catalog.schema import Column, EnumType, Table
from migguard.catalog.types import format_type
from migguard.changes import RenameType
from migguard.findings import Finding, Severity
from migguard.models import ModelColumn
from migguard.rules.facts.rows.python_values import trouble
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import original, same
from migguard.rules.facts.schema.retyped_columns import Retyping, retyped
from migguard.rules.facts.schema.running_code import OldTable, old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python
from migguard.sql.type_text import data_type

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code integer)"
MODEL = """
class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger, primary_key=True)
    code = sa.Column(sa.Integer)
"""
ALTER = 'op.alter_column("orders", "code", type_=sa.{type}())'
BAD = Example(ALTER.format(type="Text"), given=GIVEN, models=MODEL)
GOOD = Example(ALTER.format(type="BigInteger"), given=GIVEN, models=MODEL)


@rule(
    "MG607",
    "type-incompatible",
    Severity.ERROR,
    "A column's new type cannot take what the running code writes, or gives what it cannot read.",
    bad=BAD,
    good=GOOD,
)
def type_incompatible(change: Retyping | RenameType, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Instances of the old code run on while the schema changes. Their models say what they write, and what they make of
    the values that they get: a number where they know a text, or a moment without a time zone, fails sooner or later.
    The driver has values cast to the model's type, so an enum under another name is refused as well.

    ## What is let through
    Types that hold all that the models write and give it back as it was, such as a longer string or a wider integer;
    values of the same kind that did not fit before either. Columns that the models of the running code do not map, or
    whose type is not known there; columns of another type again, or gone, when the deployment ends. Where the models
    are not known, MG307, MG409 and MG705 say what can be said.
    """
    if isinstance(change, RenameType):
        yield from renamed(change, ctx)
        return
    for table, column, new in retyped(change, ctx):
        old = old_table(table, ctx)
        was = same(column, old.was.columns) if old is not None and old.was is not None else None
        mapped = old.of(column) if old is not None else None
        if old is None or mapped is None or mapped.type is None or was is None or was.type is None or was.type == new:
            continue
        modelled = data_type(mapped.type, ctx.before.server.engine)
        if modelled is None:
            continue
        why = trouble(modelled, was.type, new, ctx.deployment.released, final(ctx), casts=mapped.cast)
        if why is not None:
            name = label(original(table.key), ctx)
            yield said(
                f"{name}.{column.name} becomes {format_type(new, final(ctx))}", why, table, column, old, mapped, ctx
            )


def renamed(change: RenameType, ctx: StepContext) -> Iterator[Finding]:
    """An enum under another name, to whose old one the driver casts."""
    key = type_key(ctx.before, change.type)
    made = ctx.before.types.get(key) if key is not None else None
    if key is None or ctx.step.refusal is not None or not isinstance(made, EnumType) or key in final(ctx).types:
        return
    for user in sorted(ctx.before.type_users.get(key, frozenset())):
        table = ctx.before.tables.get(user)
        old = old_table(table, ctx) if table is not None else None
        for column in table.columns if table is not None and old is not None else ():
            mapped = old.of(column) if old is not None else None
            if table is None or old is None or mapped is None or not mapped.cast or mapped.enum != key[1]:
                continue
            if column.type is not None and (column.type.schema, column.type.name) == key and mapped.type == mapped.enum:
                why = f"the server knows no type {key[1]} any more"
                yield said(
                    f"The enum of {label(user, ctx)}.{column.name} is called {change.new}",
                    why,
                    table,
                    column,
                    old,
                    mapped,
                    ctx,
                )


def said(
    what: str, why: str, table: Table, column: Column, old: OldTable, mapped: ModelColumn, ctx: StepContext
) -> Finding:
    """The finding."""
    key = original(table.key)
    return ctx.finding(
        f"{what}, while {old.said(mapped)} has it as {mapped.type}: {why}.",
        table=key,
        advice=(
            f"Add a column of the new type, write both, copy the old values in batches, and drop {column.name} when no "
            "running code names it:\n"
            f"op.add_column({python(key[1])}, sa.Column(..., nullable=True))"
        ),
    )
