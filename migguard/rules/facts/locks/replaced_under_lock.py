"""What a transaction drops, and builds again in another way under the lock of the drop: in which order that is safe."""

from collections.abc import Iterable
from itertools import dropwhile, takewhile

from migguard.catalog.lookup import relation_key, table_of_index
from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import AddConstraint, CreateIndex, DropConstraint, DropIndex
from migguard.effects.postgresql_offers import partitioned_not_valid
from migguard.rules.facts.locks.work_under_locks import Work
from migguard.rules.facts.schema.unknown_names import made_up_by
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup, table_at
from migguard.rules.wording import identifier, listed
from migguard.trace import RevisionTrace, Step

OUTSIDE = (ConstraintKind.FOREIGN, ConstraintKind.CHECK)
"""Constraints that no index backs: they can be added NOT VALID."""


def order(works: list[Work], trace: RevisionTrace, lookup: Lookup) -> str:
    """A sentence that keeps a commit from coming between the drop of what keeps rows out and what takes its place.

    The drop is what took the lock of the first work, or any other statement of the transaction before it; what takes
    its place is that work, or a later one. It is empty where nothing takes the place of what is dropped: another table,
    another kind, other columns.
    """
    first = works[0]
    free = named_by_convention(first.step, lookup)
    if said := instead(first.held.step, first.step, free=free):
        return said
    same = lookup.transaction(first.step.statement.transaction)
    before = until(first.step, same)
    drops = [step for step in before if isinstance(step.change, DropConstraint | DropIndex) and step.refusal is None]
    for drop in reversed(drops):
        if (said := instead(drop, first.step, sure=True, free=free)) and not replaced(drop, before):
            return said
    for build in (w.step for w in works[1:]) if drops else ():
        for drop in drops:
            if instead(drop, build, sure=True) and not replaced(drop, until(build, same)):
                name, _, _ = dropped(drop)
                parts = together(drop, build, same)
                lines = listed(dict.fromkeys(placed(step, trace, lookup) for step in parts))
                put = "puts another" if len(parts) == 1 else "put others, together,"
                return (
                    f". The drop of {identifier(name or '')} stays with {lines}, which {put} in its place: a row "
                    "that is put in between can make that fail"
                )
    return ""


def placed(step: Step, trace: RevisionTrace, lookup: Lookup) -> str:
    """Where a step stands, for the reader of a revision."""
    return line_of(step.statement.origin, lookup.transactions.revision(step.statement), trace.revision)


def together(drop: Step, build: Step, steps: Iterable[Step]) -> list[Step]:
    """What takes the place of what is dropped, from its first part on: an index with a WHERE is one of several."""
    found: list[Step] = []
    for step in dropwhile(lambda one: one is not build, steps):
        if step is build or instead(drop, step, sure=True):
            found.append(step)
            _, new = built(step)
            if not isinstance(new, Index) or new.where is None:
                break
    return found


def until(last: Step, steps: Iterable[Step]) -> list[Step]:
    """The steps before one of them."""
    return list(takewhile(lambda step: step is not last, steps))


def replaced(drop: Step, steps: Iterable[Step]) -> bool:
    """Whether something takes the place of what is dropped already in these steps of its transaction."""
    later = dropwhile(lambda step: step is not drop, steps)
    return any(isinstance(s.change, AddConstraint | CreateIndex) and instead(drop, s, sure=True) for s in later)


def named_by_convention(step: Step, lookup: Lookup) -> bool:
    """Whether a step builds an index under a name that is made where it runs: it may be that of the old one."""
    change = step.change
    name = change.name.name if isinstance(change, CreateIndex) and change.name is not None else None
    return name is not None and made_up_by(step, name, lookup)


def instead(drop: Step, build: Step, *, sure: bool = False, free: bool = False) -> str:
    """The sentence for a drop, and for what may take the place of what it drops; with `sure`, what certainly does.

    `free` says that the new one wants a name that is not the old one's.
    """
    name, table, old = dropped(drop)
    after, new = built(build)
    if name is None or after is None or new is None or (table is not None and table.oid != after.oid):
        return ""
    alike = replaces(new, old) if old is not None else None
    same = new.name == name
    if alike is False and (not same or kind(new) is not kind(old)):
        return ""
    if sure and not ((same or alike) and (old is None or keeps_out(old))):
        return ""
    gone, unsure = identifier(name), "" if same or alike else ", if this takes the place of that"
    if kind(new) is ConstraintKind.PRIMARY and kind(old) in (ConstraintKind.PRIMARY, None):
        return (
            f". Build the new key's unique index first, CONCURRENTLY; after the commit drop {gone} and make the key of "
            f"that index, by USING INDEX{unsure}"
        )
    whole = after.partition_by is None or kind(new) is ConstraintKind.CHECK
    if kind(new) in OUTSIDE and (whole or partitioned_not_valid(build.before.server)):
        return f". Add it NOT VALID where {gone} is dropped, and validate it after the commit{unsure}"
    if same:
        return f". Build it first, under another name; after the commit drop {gone}, and give its name to the new one"
    name = ", under a name that is free," if free else ","
    return f". Build it first{name} and drop {gone} after the commit{unsure}"


def keeps_out(part: ConstraintState | Index | None) -> bool:
    """Whether a constraint or an index keeps some rows out."""
    return part.unique if isinstance(part, Index) else part is not None


def kind(part: ConstraintState | Index | None) -> ConstraintKind | None:
    """The kind of a constraint; unique for an index, which may be one but for its name."""
    if isinstance(part, Index):
        return ConstraintKind.UNIQUE
    return part.kind if part is not None else None


def replaces(new: ConstraintState | Index, old: ConstraintState | Index) -> bool | None:
    """Whether one takes the place of another of its table; None where that cannot be told, as of an expression."""
    kinds = {kind(new), kind(old)}
    if len(kinds) > 1 and kinds & {*OUTSIDE}:
        return False
    mine, theirs = set(old.columns), set(new.columns)
    if (mine & theirs) - {None}:
        return True
    return None if None in mine | theirs or not mine or not theirs else False


def dropped(step: Step) -> tuple[str | None, Table | None, ConstraintState | Index | None]:
    """The name of what a step drops, its table and what it was, as far as they are known."""
    change = step.change
    if isinstance(change, DropConstraint):
        table = table_at(relation_key(step.before, change.table), step.before)
        found = table.constraint(change.name) if table is not None and change.name is not None else None
        return change.name, table, found
    if isinstance(change, DropIndex):
        table = table_at(table_of_index(step.before, change.index, change.table), step.before)
        return change.index.name, table, table.index(change.index.name) if table is not None else None
    return None, None, None


def built(step: Step) -> tuple[Table | None, ConstraintState | Index | None]:
    """The table on which a step builds a constraint or an index, as it is then, and what it has built."""
    change = step.change
    if not isinstance(change, AddConstraint | CreateIndex):
        return None, None
    key = relation_key(step.after, change.table)
    before, after = table_at(key, step.before), table_at(key, step.after)
    if before is None or after is None:
        return None, None
    if isinstance(change, AddConstraint):
        return after, next((c for c in after.constraints if c.oid not in {old.oid for old in before.constraints}), None)
    return after, next((i for i in after.indexes if i.oid not in {old.oid for old in before.indexes}), None)
