"""Batch operations that copy a table on a server that could have altered it: `recreate="always"`.

Alembic makes the copy under another name, copies the rows with INSERT … SELECT, drops the old table and renames the
copy (alembic/operations/batch.py, ApplyBatchImpl._create). On PostgreSQL it drops the old table's constraints first,
which locks that; where it has none the INSERT takes ACCESS SHARE alone, and what others write to the old table between
that and the DROP, which waits for them, goes with it.
"""

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Key
from migguard.catalog.tables import BATCH_PREFIX
from migguard.changes import Insert, Name
from migguard.effects.model import Blocks
from migguard.findings import Finding
from migguard.rules.frame import SQLITE, StepContext
from migguard.rules.wording import label, waiting

ADVICE = (
    'Leave out recreate="always": without it a batch copies the table on SQLite alone, and alters it in place '
    "elsewhere:\nwith op.batch_alter_table({table}) as batch_op:\n    ..."
)


def copied(change: Insert, ctx: StepContext) -> Key | None:
    """The table that was there before, and whose rows the statement copies for a batch; None for any other INSERT."""
    name = change.table
    if ctx.before.server.engine in SQLITE or not name.name.startswith(BATCH_PREFIX) or ctx.step.refusal is not None:
        return None
    key = table_key(ctx.before, Name(name.name.removeprefix(BATCH_PREFIX), name.schema))
    return key if key is not None and key in ctx.effect.scans and ctx.existing(key) else None


def copy_finding(key: Key, ctx: StepContext) -> Finding:
    """Who waits for the copy, or whose rows are lost by it."""
    name, oid = label(key, ctx), ctx.before.tables[key].oid
    held = ctx.known.transactions.strongest(ctx.step.statement).get(oid)
    what = f"The batch copies all of {name} into a new table and drops the old one"
    if held is None or held.lock.blocks is Blocks.NOTHING:
        said = (
            f"{what}. Nothing keeps writes from {name} meanwhile: what they change after the copy has begun is dropped "
            "with the old table."
        )
    else:
        everything = held.lock.blocks is Blocks.READS_AND_WRITES
        said = f"{what}, while {'every read and write of' if everything else 'every write to'} it waits."
    schema = f", schema={key[0]!r}" if label(key, ctx) != key[1] else ""
    return ctx.finding(
        said,
        lock=waiting(ctx, key, ctx.effect) or None,
        grows=True,
        table=key,
        advice=ADVICE.format(table=f'"{key[1]}"{schema}'),
    )
