"""Under which names databases may have a constraint, where a script drops each of them only if it is there."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.meant_names import kind_said, within
from migguard.catalog.schema import ConstraintState, Table
from migguard.changes import DropConstraint, Name
from migguard.rules.facts.advice.recipes import advice, execute
from migguard.rules.facts.schema.deployment_end import released
from migguard.rules.frame import StepContext, table_at
from migguard.rules.wording import identifier, python, quoted, sql_name

LEAD = "Rename it instead of dropping it and building it again"


def renaming(at: Name, old: ConstraintState, new: str, table: Table, ctx: StepContext) -> str:
    """The advice to rename a constraint instead of building it again, under whichever name a database has it."""
    others = alternatives(old, new, table, ctx)
    if not others:
        return renamed(at, old.name, new)
    asked = f"SELECT 1 FROM pg_constraint WHERE conrelid = '{sql_name(at)}'::regclass AND conname = :name"
    words = f"ALTER TABLE {sql_name(at)} RENAME CONSTRAINT ", f" TO {identifier(new)}"
    before, after = (part.replace("{", "{{").replace("}", "}}").replace("'", "\\'") for part in words)
    return advice(
        f"{LEAD}, under whichever name a database has it (the script drops each if it is there): that is brief",
        [
            f"for name in ({quoted([*others, old.name])}):",
            f'    if op.get_bind().execute(sa.text({python(asked)}), {{"name": name}}).scalar():',
            f"        op.execute(f'{before}\"{{name}}\"{after}')",
        ],
    )


def renamed(at: Name, old: str, new: str) -> str:
    """The advice to rename a constraint that has this name everywhere."""
    words = f"RENAME CONSTRAINT {identifier(old)} TO {identifier(new)}"
    return advice(f"{LEAD}: that is brief", [execute(f"ALTER TABLE {sql_name(at)} {words}")])


def alternatives(old: ConstraintState, new: str, table: Table, ctx: StepContext) -> list[str]:
    """The names beside its own that a constraint which the deployment drops may have in other databases.

    `DROP CONSTRAINT IF EXISTS` of a name that no revision gives is there for databases that have it: of the same kind
    of constraint, as far as the name tells, and of the same columns, or else of none of the table.
    """
    met = dict.fromkeys(if_there(table, ctx))
    if old.name not in met:
        return []
    was = released(table, ctx) or table
    called = [names_of(name, was, table) for name in old.columns]
    others = [n for n in met if n not in (old.name, new) and kind_said(n) in (None, old.kind)]
    others = [n for n in others if was.constraint(n) is None]
    own = [n for n in others if called and all(any(within(c, n) for c in both) for both in called)]
    columns = {c.name for c in (*was.columns, *table.columns)}
    return own or [n for n in others if not any(within(c, n) for c in columns)]


def names_of(column: str, was: Table, now: Table) -> set[str]:
    """The names that a column of the table has had."""
    oids = {c.oid for t in (was, now) if (c := t.column(column)) is not None and c.oid}
    return {column} | {c.name for t in (was, now) for c in t.columns if c.oid in oids}


def if_there(table: Table, ctx: StepContext) -> Iterator[str]:
    """The constraints of a table that the deployment drops if they are there."""
    for step in ctx.deployment.steps():
        change = step.change
        if isinstance(change, DropConstraint) and change.if_exists and change.name is not None:
            there = table_at(relation_key(step.before, change.table), step.before)
            if there is not None and there.oid == table.oid != 0:
                yield change.name
