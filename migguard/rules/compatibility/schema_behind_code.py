"""MG613: new code that is deployed before the migration needs what only the migration brings."""

from collections.abc import Iterator

from migguard.catalog.lookup import type_key
from migguard.catalog.schema import Column, EnumType, Key, Table
from migguard.changes import AddColumn, AddEnumValue, CreateTable, RenameColumn, RenameTable, SetDefault, SetNullable
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.inserts import must_be_named
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import final, released
from migguard.rules.facts.schema.enum_columns import columns_of
from migguard.rules.facts.schema.introduced import original, same
from migguard.rules.facts.schema.running_code import OldTable, at_key
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY)"
MODEL = """
class Person(Base):
    __tablename__ = "people"
    id = sa.Column(sa.BigInteger, primary_key=True)
"""
CODE = 'op.add_column("people", sa.Column("email", sa.Text()))'
FIRST = 'deploy = "code-first"'
BAD = Example(CODE, given=GIVEN, models=f"{MODEL}    email = sa.Column(sa.Text)", settings=FIRST)
GOOD = Example(CODE, given=GIVEN, models=MODEL, settings=FIRST)

Bringing = CreateTable | AddColumn | RenameTable | RenameColumn | AddEnumValue | SetNullable | SetDefault


@rule(
    "MG613",
    "schema-behind-code",
    Severity.ERROR,
    'With `deploy = "code-first"`: the new code\'s models need what the schema has only after the migration.',
    bad=BAD,
    good=GOOD,
)
def schema_behind_code(change: Bringing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Where new code is released before the migrations run, it meets the old schema. A mapped class names all of its
    columns in every SELECT: until the migration has run, everything on the table fails.

    ## What is let through
    What no model of the working tree maps yet: the code that uses it comes with the next release. Everything where
    `deploy` is `"rolling"`, which is the default: there the migration runs first, and the other rules of MG6 speak of
    the old code that runs meanwhile.
    """
    if ctx.settings.deploy != "code-first" or ctx.running is None or ctx.step.refusal is not None:
        return
    if isinstance(change, AddEnumValue):
        yield from value_needed(change, ctx)
        return
    table = table_named(ctx.after, change.new if isinstance(change, RenameTable) else change.table)
    last = next((t for t in final(ctx).tables.values() if table is not None and t.oid == table.oid), None)
    if table is None or last is None or table.key != original(table.key):
        return
    code = at_key(last.key, ctx)
    if code is None or code.model is None:
        return
    was = released(table, ctx)
    if was is None or was.key != last.key:
        if isinstance(change, CreateTable | RenameTable) and last.key not in ctx.deployment.released.tables:
            yield said(f"the table {label(last.key, ctx)}", last.key, code.said(), ctx)
        return
    before = ctx.before.tables.get(table.key)
    for column in last.columns:
        there, mapped = same(column, table.columns), code.column(column.name)
        if there is None or there.name != column.name or mapped is None or before is None:
            continue
        if was.column(column.name) is None and before.column(column.name) is None:
            yield said(f"{label(last.key, ctx)}.{column.name}", last.key, code.said(mapped), ctx)
        elif unfilled(was, column, code) and not unfilled(last, column, code) and unfilled(before, column, code):
            yield said(f"NULL or a default in {label(last.key, ctx)}.{column.name}", last.key, code.said(mapped), ctx)


def unfilled(table: Table, column: Column, code: OldTable) -> bool:
    """Whether the table refuses an INSERT of the new code that has no value for a column."""
    there, mapped = table.column(column.name), code.column(column.name)
    if there is None or mapped is None or mapped.filled or mapped.primary_key or there.nullable:
        return False
    return must_be_named(there) if mapped.server_default else mapped.nullable


def value_needed(change: AddEnumValue, ctx: StepContext) -> Iterator[Finding]:
    """A value of an enum that a model of the new code has."""
    key = type_key(ctx.before, change.type)
    made = ctx.deployment.released.types.get(key) if key is not None else None
    if not isinstance(made, EnumType) or change.value in made.labels:
        return
    for table, column in columns_of(made, ctx.deployment.released):
        code = at_key(table.key, ctx)
        mapped = code.column(column.name) if code is not None else None
        if code is not None and mapped is not None and change.value in mapped.labels:
            yield said(
                f"the value {change.value} in {label(table.key, ctx)}.{column.name}", table.key, code.said(mapped), ctx
            )


def said(what: str, key: Key, place: str, ctx: StepContext) -> Finding:
    """The finding."""
    return ctx.finding(
        f"The new code needs {what} ({place}) and runs before the migration brings it: its queries fail until then.",
        table=key,
        advice="Release the migration first, or the models that need it with the next release.",
    )
