"""How a recipe calls a constraint or index whose whole name only a naming convention knows that nobody could read.

Alembic applies the convention of the MetaData to the name that a script gives, unless it stands in `op.f(…)`
(https://alembic.sqlalchemy.org/en/latest/naming.html); a name in SQL is whole as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from migguard.catalog.meant_names import kind_said, words
from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, DropConstraint, DropIndex, RenameConstraint, RenameIndex, ValidateConstraint
from migguard.records import dataclass
from migguard.rules.facts.advice.named_in_place import columns_of, holder, parts_of
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.facts.scripts.index_drops import argument, constants_of, text_of
from migguard.rules.facts.scripts.index_sources import script_of
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.frame import StepContext
from migguard.rules.wording import python

UNKNOWN = "…"
"""Stands for a name that is not known."""
INDEX_WORDS = frozenset({"ix", "idx", "index", "uq", "unique", "key"})
KIND_WORDS = {
    ConstraintKind.UNIQUE: frozenset({"uq", "uc", "uk", "uix", "unique", "key"}),
    ConstraintKind.FOREIGN: frozenset({"fk", "fkey", "foreign", "key"}),
    ConstraintKind.CHECK: frozenset({"ck", "chk", "check"}),
    ConstraintKind.PRIMARY: frozenset({"pk", "pkey", "primary", "key"}),
}
WHOLE = frozenset({"f", "conv"})
"""`op.f(…)`, and SQLAlchemy's `conv(…)`, which is what it makes."""


@dataclass(frozen=True, slots=True)
class GivenName:
    """`name` is the whole one, for SQL, or `…`; `argument` is what a call of Alembic's is given for it, as Python."""

    name: str
    argument: str

    @property
    def lead(self) -> str:
        """Words on what stands for the name, to be put behind a sentence; empty where it is known."""
        return "" if self.name != UNKNOWN else " (… is the name that your naming convention makes, not known here)"


def given_name(
    kind: ConstraintKind | None,
    name: str | None,
    made: str,
    columns: Sequence[str],
    table: Table,
    ctx: StepContext,
    beside: Sequence[str] = (),
) -> GivenName:
    """The name of what a step makes: as given, as a revision calls it later, or `made` where no convention is unseen.

    `kind` is None for an index. `name` is that of the statement, None where it has none. A name may have what is in
    `beside` in it.
    """
    if not ctx.deployment.environment.unknown_names or (name is not None and whole(name, ctx)):
        return GivenName(name or made, f"op.f({python(name or made)})")
    later = next(iter(later_names(kind, name, columns, table, ctx, beside)), None)
    if later is not None:
        return GivenName(later, f"op.f({python(later)})")
    if name is None:
        return GivenName(UNKNOWN, "None")  # Alembic gives it the convention's name
    return GivenName(UNKNOWN if kind is ConstraintKind.CHECK else name, python(name))


def servers_own(kind: ConstraintKind, columns: Sequence[str], table: Table, ctx: StepContext) -> str | None:
    """What the server calls a constraint to which this step gives no name; other revisions may know it by that."""
    if ctx.deployment.environment.conventions:
        return None
    made = ctx.after.tables.get(table.key)
    known = {c.name for c in table.constraints}
    new = (c for c in made.constraints if c.name not in known) if made is not None else ()
    return next((c.name for c in new if c.kind is kind and not c.named and tuple(columns) == c.columns), None)


def whole(name: str, ctx: StepContext) -> bool:
    """Whether the script says the whole name: in `op.f(…)`, whatever it holds, or in SQL of its own."""
    origin = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.known.transactions.revision(ctx.step.statement))
    if script is None or origin is None:
        return False
    texts = constants_of(script.tree) if script.tree is not None else {}
    for node in script.nodes:
        if not isinstance(node, ast.Call):
            continue
        if called(node) in WHOLE and node.args and text_of(node.args[0], texts) == name:
            return True
        if (node.lineno, node.col_offset + 1) == (origin.line, origin.column) and (
            called(node) in ("execute", "exec_driver_sql") or called(name_argument(node)) in WHOLE
        ):
            return True
    return False


def renamed_check(constraint: ConstraintState, ctx: StepContext) -> bool:
    """Whether a step gives a CHECK a name of which a convention that nobody knows may make another one."""
    unknown = ctx.deployment.environment.unknown_names and constraint.kind is ConstraintKind.CHECK
    return unknown and not whole(constraint.name, ctx)


def name_argument(call: ast.Call) -> ast.expr | None:
    """What a call of Alembic's that makes one constraint or index is given for its name."""
    if not called(call).startswith("create_") or called(call) == "create_table":
        return None
    return argument(call, "index_name" if called(call) == "create_index" else "constraint_name")


def later_names(
    kind: ConstraintKind | None,
    name: str | None,
    columns: Sequence[str],
    table: Table,
    ctx: StepContext,
    beside: Sequence[str],
) -> Iterator[str]:
    """The names by which the deployment, or a way back, calls what the step makes: not what it called so before."""
    traces, before = (*ctx.deployment.upgrades, *ctx.deployment.downgrades.values()), {id(s) for s in before_this(ctx)}
    steps = (step for trace in traces for step in trace.steps() if id(step) not in before)
    for one in dict.fromkeys(used for step in steps for used in names_used(step.change, kind, table)):
        if kind is not None and kind_said(one) not in (None, kind):
            continue
        if name is not None:
            if one != name and f"_{one}_".lower().endswith(f"_{name}_".lower()):
                yield one
        elif spells(
            one, columns, (*table.key, *beside), INDEX_WORDS if kind is None else KIND_WORDS.get(kind, frozenset())
        ):
            yield one


def names_used(change: object, kind: ConstraintKind | None, table: Table) -> Iterator[str]:
    """The names of the table's constraints, or of indexes, that a change speaks of."""
    match change:
        case DropConstraint() | RenameConstraint() | ValidateConstraint() if kind is not None:
            if change.table.name == table.key[1] and change.name is not None:
                yield change.name
        case DropIndex() | RenameIndex() if kind is None:
            yield change.index.name
        case _:
            pass


def spells(name: str, columns: Sequence[str], others: Sequence[str], kinds: frozenset[str]) -> bool:
    """Whether a name is made of these columns, perhaps the other names and words of the kind, and of nothing else."""
    rest = words(name)
    for part in sorted(columns, key=len, reverse=True):
        left = without(rest, words(part))
        if left is None:
            return False
        rest = left
    for part in sorted(others, key=len, reverse=True):
        left = without(rest, words(part))
        rest = left if left is not None else rest
    return bool(columns) and set(rest) <= kinds


def key_spelled(name: str, columns: Iterable[str], table: Table) -> bool:
    """Whether a name tells of a unique constraint over some of these columns, and over nothing else."""
    rest, found = words(name), False
    for part in sorted(columns, key=len, reverse=True):
        left = without(rest, words(part))
        rest, found = (left, True) if left is not None else (rest, found)
    for part in sorted(table.key, key=len, reverse=True):
        left = without(rest, words(part))
        rest = left if left is not None else rest
    return found and bool(rest) and set(rest) <= KIND_WORDS[ConstraintKind.UNIQUE]


def without(listed: list[str], part: list[str]) -> list[str] | None:
    """The words without the first run of some; None where they do not stand there."""
    for place in range(len(listed) - len(part) + 1):
        if listed[place : place + len(part)] == part:
            return listed[:place] + listed[place + len(part) :]
    return None


def by_its_column(table: Table, ctx: StepContext) -> AddColumn | None:
    """The column that one call of `add_column` adds together with the constraint of a step, in two statements.

    Alembic sends the foreign key of a column so (https://alembic.sqlalchemy.org/en/latest/ops.html, `add_column`). All
    statements of a batch come of its `with`: there the column of a call that has a foreign key on it.
    """
    script = script_of(ctx)
    here = holder(script, ctx) if script is not None else None
    made = by_its_type(table, ctx) if here is not None else None
    if made is None or script is None or script.tree is None:
        return None
    if isinstance(here, ast.Call):
        return made if called(here) == "add_column" else None
    texts = constants_of(script.tree)
    columns = (c for c in columns_of(script, here) if text_of(c.args[0], texts) == made.column.name)
    return made if any(called(p) == "ForeignKey" for c in columns for p in parts_of(c)) else None


def by_its_type(table: Table, ctx: StepContext) -> AddColumn | None:
    """The column of whose type the CHECK that a step adds is a part: one call adds both, in two statements.

    `sa.Enum` and `sa.Boolean` with `create_constraint` have such a part, and types that a project makes like them
    (https://docs.sqlalchemy.org/en/20/core/type_basics.html#sqlalchemy.types.Enum).
    """
    origin, after, found = ctx.step.statement.origin, ctx.after.tables.get(table.key), None
    if origin is None or after is None:
        return None
    known = {c.oid for c in table.constraints}
    columns = {name for c in after.constraints if c.oid not in known for name in c.columns}
    for step in before_this(ctx):
        change = step.change
        if isinstance(change, AddColumn) and step.statement.origin == origin and change.column.name in columns:
            at = step.after.tables.get(table.key)
            found = change if at is not None and at.oid == table.oid else found
    return found
