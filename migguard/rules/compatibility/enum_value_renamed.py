"""MG608: a value of an enum gets another name under the code that is running."""

from collections.abc import Iterator

from migguard.catalog.lookup import type_key
from migguard.catalog.schema import DomainType, EnumType, Key, Table, UserType
from migguard.changes import DataType, RenameEnumValue
from migguard.findings import Finding, Severity
from migguard.rules.deployment_end import final
from migguard.rules.frame import POSTGRESQL, Example, StepContext, display, rule
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
    "A value of an enum that is in use is renamed, and the running code still uses its old name.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def enum_value_renamed(change: RenameEnumValue, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    From the rename on the server refuses the old name in every INSERT, UPDATE and WHERE, and hands out the new one,
    which a Python enum of the old code does not know: reading a row raises LookupError.

    ## What is let through
    Types that this deployment creates, values that it adds, renames that it takes back; a type that no column had
    before it.
    """
    key = type_key(ctx.before, change.type)
    made = ctx.before.types.get(key) if key is not None else None
    if ctx.step.refusal is not None:
        return
    if isinstance(made, EnumType):
        old = next((t for t in ctx.deployment.released.types.values() if t.oid == made.oid), None)
        end = next((t for t in final(ctx).types.values() if t.oid == made.oid), None)
        if not isinstance(old, EnumType) or change.value not in old.labels:
            return
        if isinstance(end, EnumType) and change.value in end.labels and change.new not in end.labels:
            return
        users = users_of(old, ctx)
        if not users and not (ctx.before.assumed or ctx.before.unread):
            return
    else:
        users = []
    label = display(key, ctx.before) if key is not None else str(change.type)
    added = f"ALTER TYPE {sql_name(change.type)} ADD VALUE IF NOT EXISTS {literal(change.new)}"
    held = f" ({listed(users)})" if users else ""
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


def users_of(enum: EnumType, ctx: StepContext) -> list[str]:
    """The columns that had the type before the deployment, those of domains over it included."""
    released = ctx.deployment.released
    names = {enum.key, *(d.key for d in released.types.values() if over(d, enum))}
    found: list[str] = []
    for key in names:
        for user in sorted(released.type_users.get(key, frozenset())):
            table: Table | None = released.tables.get(user)
            columns = table.columns if table is not None else ()
            found += [f"{display(user, released)}.{c.name}" for c in columns if of_type(c.type, key)]
    return found


def of_type(data_type: DataType | None, key: Key) -> bool:
    """Whether a column's type is that user type, or an array of it."""
    return data_type is not None and not data_type.builtin and (data_type.schema, data_type.name) == key


def over(domain: UserType, enum: EnumType) -> bool:
    """Whether a type is a domain over the enum."""
    return isinstance(domain, DomainType) and of_type(domain.base, enum.key)


def literal(value: str) -> str:
    """A value as a string in SQL."""
    return "'" + value.replace("'", "''") + "'"
