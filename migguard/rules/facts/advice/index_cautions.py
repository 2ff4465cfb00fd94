"""What is to be known of a script before its index is built, or dropped, apart and concurrently."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Column, Index, Table
from migguard.changes import CreateIndex, DropIndex
from migguard.rules.facts.advice.plain_index_drops import dropped_again, is_sure
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.locks.replaced_under_lock import built
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.facts.schema.index_cover import covers
from migguard.rules.facts.schema.superfluous import instead_of_built, overtaking
from migguard.rules.facts.schema.unknown_names import called as shown
from migguard.rules.facts.scripts.index_sources import calling, creating, script_of
from migguard.rules.facts.scripts.own_condition import bound, condition
from migguard.rules.facts.scripts.script_places import dotted, imports
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.frame import StepContext, table_at
from migguard.rules.wording import listed
from migguard.trace import Step

LIBRARIES = ("alembic", "sqlalchemy")
SWITCH = "CONCURRENTLY"
READ = ("os.environ.get", "os.getenv", "os.environ")


def before_building(change: CreateIndex, name: str, table: Table, ctx: StepContext, recipe: str) -> str:
    """The recipe behind what comes first: that the index is not needed, goes again, or that the script has a switch."""
    other = instead_of_built(change, ctx)
    if other is not None:
        return after(f"{shown(other, ctx)} finds all that it finds: leave it out (MG924). If it is to stay:", recipe)
    later = overtaking(change, ctx)
    if later is not None:
        return after(
            f"{shown(later, ctx)}, which a later revision of the deployment makes, finds all that it finds (MG924): if "
            "nothing between needs it, leave it out. Where it has to be there:",
            recipe,
        )
    again = dropped_again(name, table, ctx)
    return after(again or switched(ctx) or bounded(name, ctx), recipe)


def before_dropping(changes: Sequence[DropIndex], table: Table, ctx: StepContext, recipe: str) -> str:
    """The recipe behind what comes first: that the deployment itself makes what it drops, or the script's switch."""
    found = {c.index.name: made for c in changes if (made := made_before(c.index.name, table, ctx)) is not None}
    if not found:
        return after(switched(ctx), recipe)
    places = listed(f"{name} ({place(step, ctx)})" for name, step in found.items())
    return after(
        f"The deployment itself makes {places}: if nothing between needs that, leave out both the making and the drop, "
        "and what the downgrades do with it. Where it has to be there:",
        recipe,
    )


def after(first: str, recipe: str) -> str:
    """The recipe as the end of a sentence; as it is where nothing comes first."""
    return f"{first} {recipe[:1].lower()}{recipe[1:]}" if first else recipe


def made_before(name: str, table: Table, ctx: StepContext) -> Step | None:
    """The step of the deployment that makes the plain index which is dropped."""
    index = table.index(name)
    if index is None or index.unique or not index.oid or ctx.deployment.existing(index.oid):
        return None
    for step in ctx.deployment.steps():
        if isinstance(step.change, CreateIndex) and is_sure(step):
            there = table_at(table_key(step.after, step.change.table), step.after)
            old = table_at(table_key(step.before, step.change.table), step.before)
            known = {i.oid for i in old.indexes} if old is not None else set()
            if there is not None and any(i.oid == index.oid and i.oid not in known for i in there.indexes):
                return step
    return None


def bounded(name: str, ctx: StepContext) -> str:
    """A sentence on a number of rows up to which alone the script builds the index; empty for none."""
    call, script = creating(name, ctx), script_of(ctx)
    own = bound(call, script) if call is not None and script is not None else None
    if own is None:
        return ""
    return (
        f"The script builds it only where {ast.unparse(own.test)} (line {own.lineno}). If so many rows are too many to "
        "wait for:"
    )


def as_here(call: ast.Call | None, ctx: StepContext, built: str | None = None) -> str:
    """Words on what the work is to be given of the script: the condition that is its own, or what a function asks.

    The inspector names an INVALID index as well: a condition that asks for the index is met by what a failed concurrent
    build has left.
    """
    script = script_of(ctx)
    own = condition(call, script) if call is not None and script is not None else None
    if own is None:
        return keeping(ctx)
    left = " (an INVALID index, which a failed build leaves, counts there too: drop it first)"
    more = left if built is not None and asks_for_index(own.test, built) else ""
    return f", under the condition of line {own.lineno} as here{more}"


def asks_for_index(test: ast.expr, name: str) -> bool:
    """Whether a condition asks for an index: by its name, or by what it calls indexes."""
    words = (
        n.id if isinstance(n, ast.Name) else n.attr if isinstance(n, ast.Attribute) else "" for n in ast.walk(test)
    )
    spelled = any(isinstance(n, ast.Constant) and n.value == name for n in ast.walk(test))
    return spelled or any("index" in word.lower() for word in words)


def keeping(ctx: StepContext) -> str:
    """Words on the project's function that is called, which may look first; empty where the script calls Alembic's."""
    call, script = calling(ctx), script_of(ctx)
    if call is None or script is None:
        return ""
    known = imports(script.nodes)
    whole = dotted(call.func, known)
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root.id not in known or whole.split(".")[0] in LIBRARIES:
        return ""
    return f", along with what {called(call)}() may look at first, as whether it is there"


def switched(ctx: StepContext) -> str:
    """A sentence on what in the script decides whether the index is built, or dropped, concurrently; empty for none."""
    call, script = calling(ctx), script_of(ctx)
    decides = next(switches(call), None) if call is not None else None
    if script is None or decides is None:
        return ""
    known = imports(script.nodes)
    read = {
        arg.value
        for node in script.nodes
        for arg in given(node, known)
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    }
    where = f" (the script reads {' and '.join(sorted(read))})" if read else ""
    return f"The script does this itself where {ast.unparse(decides)} is true, as it was not here{where}. Else"


def switches(call: ast.Call) -> Iterator[ast.expr]:
    """The names by which a call tells whether the work is concurrent."""
    for node in ast.walk(call):
        if isinstance(node, ast.keyword) and node.arg == "postgresql_concurrently":
            if isinstance(node.value, ast.Name | ast.Attribute):
                yield node.value
        elif isinstance(node, ast.IfExp) and ast.unparse(node.body).strip("' ").upper() == SWITCH:
            yield node.test


def given(node: ast.AST, known: dict[str, str]) -> list[ast.expr]:
    """The name that a read of the environment asks for."""
    if isinstance(node, ast.Call) and dotted(node.func, known) in READ:
        return node.args[:1]
    if isinstance(node, ast.Subscript) and dotted(node.value, known) in READ:
        return [node.slice]
    return []


def reshaped(change: CreateIndex, table: Table, ctx: StepContext) -> bool:
    """Whether the revision has changed the name or the type of a column of the index: one built before it would not be
    over the same column, or be built again with it."""
    names = {e.column for e in change.elements if e.column is not None}
    for element in change.elements:
        if element.expression is not None:
            names |= {r.name for r in element.expression.references}
    now = {c.oid: state(c) for c in table.columns if c.name in names and c.oid}
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        if step is ctx.step:
            return False
        there = next((t for t in step.before.tables.values() if t.oid == table.oid != 0), None)
        if there is not None and any(state(c) != now.get(c.oid, state(c)) for c in there.columns):
            return True
    return False


def state(column: Column) -> tuple[object, ...]:
    """What an index of a column depends on."""
    return column.name, column.type, column.collation


def only_after(change: CreateIndex, table: Table, bring: str, ctx: StepContext) -> str:
    """The advice to build it after the revision, which does something to its columns first; empty where it does not."""
    if not reshaped(change, table, ctx):
        return ""
    gap = "; until it is there nothing keeps the values unique" if change.unique else ""
    return (
        f"Build it concurrently, in a revision after this one{bring}: one built before it would be over other columns, "
        f"or be built again with them{gap}"
    )


def once_covered(changes: Sequence[DropIndex], table: Table, ctx: StepContext) -> str:
    """Words on the index that the revision makes after it drops plain ones, and that finds what those find."""
    for change in changes:
        old = table.index(change.index.name)
        own = {id(s) for s in (ctx.trace.steps() if ctx.trace is not None else ())}
        for step in run_after(ctx.step, ctx.known) if old is not None and not old.unique else ():
            there, new = built(step)
            if there is None or there.oid != table.oid or not isinstance(new, Index) or old is None:
                continue
            if id(step) in own and new.name != old.name and covers(new, old):
                return f", once {shown(new, ctx)} ({place(step, ctx)}) is built, which finds what {old.name} finds"
    return ""


def replaced_after(them: str, later: dict[str, Step], table: Table, ctx: StepContext) -> str:
    """The advice to drop indexes before a revision that changes the columns of the ones that come in their place."""
    made = [(s, s.change, table_at(table.key, s.before)) for s in later.values()]
    if not any(
        isinstance(change, CreateIndex) and there is not None and reshaped(change, there, replace(ctx, step=step))
        for step, change, there in made
    ):
        return ""
    what = listed(f"{name} ({place(step, ctx)})" for name, step in later.items())
    return (
        f"Drop {them} concurrently, in a revision before this one, which changes the columns; the new {what} can only "
        "be built after it: until then nothing takes its place"
    )


def needless(step: Step, ctx: StepContext) -> bool:
    """Whether the index that a later step makes finds nothing that another one does not find."""
    return isinstance(step.change, CreateIndex) and instead_of_built(step.change, replace(ctx, step=step)) is not None
