"""The sentences that rules share: what waits, for how long, and names as their users write them."""

from collections.abc import Iterable

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Key, Table
from migguard.changes import Engine, Name
from migguard.effects.cost import tree
from migguard.effects.model import Blocks, Effect, TableLock
from migguard.rules.facts.locks.held_until import held_until, place
from migguard.rules.facts.schema.reserved_words import WORDS
from migguard.rules.frame import StepContext, display
from migguard.transactions import Held, stronger


def target(ctx: StepContext, name: Name) -> Table | None:
    """The table that a change names, as it was before the change, if it was there before the deployment.

    None for a table that is new (empty, unused) and for one that is not there at all.
    """
    key = table_key(ctx.before, name)
    table = ctx.before.tables.get(key) if key is not None else None
    return table if table is not None and ctx.existing(table.key) else None


def label(key: Key, ctx: StepContext) -> str:
    """A relation's name, with the schema only where it is needed."""
    return display(key, ctx.before)


def waiting(ctx: StepContext, key: Key, effect: Effect, *, brief: bool = False, also: Iterable[Key] = ()) -> str:
    """The lock on a table, what waits for it, and whether the time grows with the table; `brief` where it does not.

    `also` are other tables on which the lock is the same.
    """
    lock = effect.lock_on(key)
    if lock is None:
        return ""
    held, name = held_already(ctx, lock), listed(label(one, ctx) for one in (key, *also))
    lock = held.lock if held is not None else lock
    mode = f"{lock.mode.spelling} lock on {name}" if lock.mode else f"lock on {name}"
    who = {
        Blocks.NOTHING: "reads and writes go on",
        Blocks.WRITES: "reads go on, every INSERT, UPDATE and DELETE waits",
        Blocks.READS_AND_WRITES: "every read and write waits",
    }[lock.blocks]
    grows = effect.grows_with(key) and not brief
    if held is not None:
        ended = " (unless the connection is in autocommit)" if ctx.deployment.environment.handed_in else ""
        grown = "; the time grows with the table" if grows else ""
        return f"{mode}, held since {since(ctx, held)}{ended}: {who}{grown}"
    return f"{mode}: {who}; {'the time grows with the table' if grows else held_until(ctx)}"


def held_already(ctx: StepContext, lock: TableLock) -> Held | None:
    """A lock on the same table, at least as strong, that the transaction holds when the statement begins."""
    held = ctx.known.transactions.strongest(ctx.step.statement).get(lock.oid)
    return held if held is not None and not stronger(lock, held.lock) else None


def since(ctx: StepContext, held: Held) -> str:
    """`line 12`, `line 12 of revision 3f2a`: where a lock was taken."""
    return place(held.step, ctx)


def blocked(ctx: StepContext, key: Key, effect: Effect) -> str:
    """`every write to`, `every read and write of`: who waits for the locks on a table meanwhile."""
    own = lock = effect.lock_on(key)
    held = held_already(ctx, lock) if lock is not None else None
    lock = held.lock if held is not None else lock
    if own is not None and lock is not None and own.blocks is not lock.blocks and ctx.deployment.environment.handed_in:
        return "every write, and if it is in a transaction every read, of"
    if lock is not None and lock.blocks is Blocks.READS_AND_WRITES:
        return "every read and write of"
    return "every write to"


def kept_waiting(ctx: StepContext, keys: Iterable[Key], effect: Effect) -> str:
    """`writes to orders and customers`, `reads and writes of orders and writes to customers`: what waits meanwhile."""
    found = {k: "reads and writes of" if "read and write" in blocked(ctx, k, effect) else "writes to" for k in keys}
    whats = dict.fromkeys(found.values())
    return " and ".join(f"{w} {listed(label(k, ctx) for k, one in found.items() if one == w)}" for w in whats)


def blocks(effect: Effect, key: Key) -> bool:
    """Whether the application's writes (or more) to a table wait."""
    lock = effect.lock_on(key)
    return lock is not None and lock.blocks is not Blocks.NOTHING


def held_up(ctx: StepContext, key: Key, effect: Effect) -> list[Key]:
    """Of a relation and the partitions and inheriting tables below it: those that were there before the deployment, and
    that are read or written whole while at least writes to them wait."""
    return [k for k in tree(ctx.before, key) if effect.grows_with(k) and blocks(effect, k) and ctx.existing(k)]


def and_parts(ctx: StepContext, key: Key, slow: list[Key]) -> str:
    """`orders`, `events and its 12 partitions`: a table, and how many below it are concerned."""
    below = [k for k in slow if k != key]
    name = label(key, ctx)
    if not below:
        return name
    table = ctx.before.tables.get(key)
    kind = "partition" if table is not None and table.partition_by is not None else "child table"
    return f"{name} and its {len(below)} {kind}s" if len(below) > 1 else f"{name} and its {kind} {label(below[0], ctx)}"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    found = list(names)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


def shortened(text: str, most: int = 60) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def quoted(names: Iterable[str]) -> str:
    """Names as the items of a Python list: `"a", "b"`."""
    return ", ".join(python(n) for n in names)


def python(text: str) -> str:
    """A string as Python source with double quotes where that is possible."""
    return '"' + text + '"' if '"' not in text and "\\" not in text and text.isprintable() else repr(text)


def schema_argument(name: Name) -> str:
    """`, schema="s"` where the user named one."""
    return f", schema={python(name.schema)}" if name.schema else ""


def identifier(name: str) -> str:
    """A name as it must stand in SQL text on PostgreSQL."""
    plain = name.isascii() and name.islower() and name.isidentifier() and name not in WORDS[Engine.POSTGRESQL]
    return name if plain else '"' + name.replace('"', '""') + '"'


def sql_name(name: Name) -> str:
    """A relation's name as it must stand in SQL text on PostgreSQL."""
    return f"{identifier(name.schema)}.{identifier(name.name)}" if name.schema else identifier(name.name)
