"""Foreign keys that a deployment leads to another column of the same table, over the values of the old one."""

from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Table
from migguard.changes import DropColumn, DropConstraint, Engine
from migguard.findings import Finding, Severity
from migguard.records import dataclass
from migguard.rules.facts.advice.askable import names_before
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.advice.recipes import execute
from migguard.rules.facts.locks.held_until import place
from migguard.rules.frame import StepContext
from migguard.rules.wording import label
from migguard.trace import Step


@dataclass(frozen=True, slots=True)
class Former:
    """The key over the column before, with what it referred to, and what drops that, if anything does. `retyped` says
    that the column has got another type since."""

    name: str
    referred: str
    dropped: Step | None
    retyped: bool


def former(key: ConstraintState, before: Table, ctx: StepContext) -> Former | None:
    """The key of one column that this one takes the place of, where that referred to another column of the table."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    if parent is None or not of_one_column(key):
        return None
    own, now = before.column(key.columns[0]), parent.column(key.references_columns[0])
    found: tuple[str, Column, Column] | None = None
    dropped: Step | None = None
    for step in ctx.deployment.steps():
        if step is ctx.step or own is None or now is None or not own.oid or not now.oid:
            break
        if not isinstance(step.change, DropConstraint | DropColumn):
            continue  # only these can end a key, or take away what it referred to
        tables = {t.oid: t for t in step.before.tables.values() if t.oid}
        child, other = tables.get(before.oid), tables.get(parent.oid)
        for old in child.constraints if child is not None and other is not None else ():
            if not of_one_column(old) or old.references != (other.key if other is not None else None):
                continue
            over = child.column(old.columns[0]) if child is not None else None
            to = other.column(old.references_columns[0]) if other is not None else None
            if over is not None and over.oid == own.oid and to is not None and to.oid not in (0, now.oid):
                found, dropped = (old.name, over, to), None
        gone = other.column(step.change.column) if isinstance(step.change, DropColumn) and other is not None else None
        if found is not None and gone is not None and gone.oid == found[2].oid:
            dropped = step
    if found is None or own is None:
        return None
    name, over, to = found
    return Former(name, to.name, dropped, retyped=over.type != own.type)


def of_one_column(key: ConstraintState) -> bool:
    """Whether it is a foreign key of one column; what it refers to is not known of a table that nobody made."""
    return key.kind is ConstraintKind.FOREIGN and len(key.columns) == 1 == len(key.references_columns)


def holds_former(what: str, key: ConstraintState, old: Former, before: Table, ctx: StepContext) -> Finding:
    """A foreign key to one column over values of another: all rows are in the way, whatever type they have by now."""
    name, other = label(before.key, ctx), label(key.references or ("", ""), ctx)
    own, to = key.columns[0], key.references_columns[0]
    was = names_before(before, key.columns, ctx)
    after = [f"after {own} has its new type"] if old.retyped else []
    after += [f"before {place(old.dropped, ctx)} drops {other}.{old.referred}"] if old.dropped is not None else []
    advice = ", ".join(
        (f"Put what {other}.{to} is in its rows into {own} first", *([" and ".join(after)] if after else []))
    )
    if ctx.before.server.engine is Engine.POSTGRESQL and key.references is not None:
        child, parent = relation(before.key, ctx.before), relation(key.references, ctx.before)
        own_, to_, old_ = (column(c, ctx.before) for c in (own, to, old.referred))
        update = (
            f"UPDATE {child} AS child SET {own_} = parent.{to_} FROM {parent} AS parent "
            f"WHERE CAST(parent.{old_} AS text) = CAST(child.{own_} AS text)"
        )
        advice = f"{advice}:\n{execute(update)}"
    else:
        advice = f"{advice}."
    return ctx.finding(
        f"{what} fails if {name} has a row whose {own} is not NULL: its values are those of {other}.{old.referred}, to "
        f"which {old.name} referred, and nothing in this deployment puts those of {to} in their place.",
        severity=Severity.WARNING,
        table=before.key,
        advice=advice,
        probe=f"SELECT 1 FROM {relation(was[0], ctx.before)} WHERE {column(was[1][0], ctx.before)} IS NOT NULL LIMIT 1"
        if was is not None
        else None,
    )
