"""MG608: a value of an enum gets another name, or goes, under the code that is running."""

from collections.abc import Iterator

from migguard.catalog.lookup import type_key
from migguard.catalog.schema import Column, EnumType, Table
from migguard.changes import RenameEnumValue
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.enum_columns import columns_of
from migguard.rules.facts.schema.introduced import original, same
from migguard.rules.facts.schema.retyped_columns import Retyping, labels, retyped
from migguard.rules.facts.schema.running_code import old_table
from migguard.rules.frame import MYSQL_FAMILY, POSTGRESQL, Example, StepContext, display, rule
from migguard.rules.wording import listed, python, sql_name

GIVEN = "CREATE TYPE state AS ENUM ('open', 'done');CREATE TABLE tasks (id bigint PRIMARY KEY, state state)"
BAD = Example("op.execute(\"ALTER TYPE state RENAME VALUE 'done' TO 'closed'\")", given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE state ADD VALUE IF NOT EXISTS 'closed'")
    """,
    given=GIVEN,
)


@rule(
    "MG608",
    "enum-value-renamed",
    Severity.ERROR,
    "A value of an enum that is in use is renamed or removed, and the running code still uses it.",
    engines=POSTGRESQL | MYSQL_FAMILY,
    bad=BAD,
    good=GOOD,
)
def enum_value_renamed(change: RenameEnumValue | Retyping, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    From the rename on the server refuses the old name in every INSERT, UPDATE and WHERE, and hands out the new one,
    which a Python enum of the old code does not know: reading a row raises LookupError.

    ## What is let through
    Types that this deployment creates, values that it adds, renames that it takes back; a type that no column had
    before it. Where the models of the running code are known: values that none of them has. That a value is removed is
    said only where they are; else MG307 and MG309 say what can be said.
    """
    if not isinstance(change, RenameEnumValue):
        yield from removed(change, ctx)
        return
    key, released = type_key(ctx.before, change.type), ctx.deployment.released
    made = ctx.before.types.get(key) if key is not None else None
    if ctx.step.refusal is not None:
        return
    users: list[tuple[Table, Column]] = []
    if isinstance(made, EnumType):
        old = next((t for t in released.types.values() if t.oid == made.oid), None)
        end = next((t for t in final(ctx).types.values() if t.oid == made.oid), None)
        if not isinstance(old, EnumType) or change.value not in old.labels:
            return
        if isinstance(end, EnumType) and change.value in end.labels and change.new not in end.labels:
            return
        users = list(columns_of(old, released))
        if not users and not (ctx.before.assumed or ctx.before.unread):
            return
        if users and not any(spoken_of(change.value, table, column, ctx) for table, column in users):
            yield ctx.safe(f"No model of the running code has the value {change.value}.")
            return
    label = display(key, ctx.before) if key is not None else str(change.type)
    added = f"ALTER TYPE {sql_name(change.type)} ADD VALUE IF NOT EXISTS {literal(change.new)}"
    held = f" ({listed(f'{display(t.key, released)}.{c.name}' for t, c in users)})" if users else ""
    yield ctx.finding(
        f"Renaming the value {change.value} of {label}{held} to {change.new} breaks the running code, which still "
        "writes the old name and cannot read the new one.",
        advice=(
            "Add the new value, release code that reads both and writes the new one, then move the rows in batches; an "
            "unused value may stay:\n"
            "with op.get_context().autocommit_block():\n"
            f"    op.execute({python(added)})"
        ),
    )


def spoken_of(value: str, table: Table, column: Column, ctx: StepContext) -> bool:
    """Whether the running code may use a value in a column: its model has it, or does not list what it has."""
    old = old_table(table, ctx)
    mapped = old.of(column) if old is not None else None
    return old is None or (mapped is not None and (not mapped.labels or value in mapped.labels))


def removed(change: Retyping, ctx: StepContext) -> Iterator[Finding]:
    """A column's new type lacks values of its old one that a model has."""
    for table, column, new in retyped(change, ctx):
        old = old_table(table, ctx)
        was = same(column, old.was.columns) if old is not None and old.was is not None else None
        mapped = old.of(column) if old is not None else None
        if old is None or mapped is None or was is None or was.type is None:
            continue
        before, after = labels(was.type, ctx.deployment.released), labels(new, final(ctx))
        gone = [v for v in mapped.labels if after and v in before and v not in after]
        if gone:
            name = display(original(table.key), ctx.before)
            yield ctx.finding(
                f"{name}.{column.name} takes {listed(gone)} no longer, and {old.said(mapped)} still has "
                f"{'it' if len(gone) == 1 else 'them'}.",
                table=original(table.key),
                advice=(
                    f"An unused value costs nothing: leave {listed(gone)} in the type. If it must go, first release "
                    "code that does not have it, and build the type again in the deployment after it."
                ),
            )


def literal(value: str) -> str:
    """A value as a string in SQL."""
    return "'" + value.replace("'", "''") + "'"
