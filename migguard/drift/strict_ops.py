"""Strict differences as operations of Alembic's, so that its own commands report them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops

from migguard.catalog.schema import Catalog
from migguard.drift.compare import described, flattened
from migguard.drift.details import Detail, Same
from migguard.drift.metadata import metadatas
from migguard.drift.strict import Reported, strict_details
from migguard.drift.strict_cures import OPTIONS, cure
from migguard.drift.wording import said
from migguard.live.schema import read_schema
from migguard.live.spelling import asked, read_alike


class Said(str):
    """The sentence of a difference, which it is told by from other libraries' tuples."""

    __slots__ = ("detail",)
    detail: Detail


class StrictOp(ops.MigrateOperation):
    """What only the strict comparators see. `calls` is Python that makes it what the models say."""

    def __init__(self, detail: Detail, schema: str | None, calls: str, *, live: bool) -> None:
        self.detail = detail
        self.schema = schema
        self.calls = calls
        self.live = live

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Kind, schema, table, object, and the sentence."""
        sentence = Said(said(self.detail, live=self.live))
        sentence.detail = self.detail
        table = self.detail.key[1] if self.detail.inside else None
        return self.detail.kind, self.schema, table, self.detail.object, sentence

    def reverse(self) -> ops.MigrateOperation:
        """How to go back is not known."""
        return StrictOp(self.detail, self.schema, "", live=self.live)


@renderers.dispatch_for(StrictOp)
def render(_context: AutogenContext, op: StrictOp) -> list[str]:
    """The calls under their reason; only the reason where there are none."""
    return [f"# {said(op.detail, live=op.live)}", *(op.calls.splitlines() or ["pass"])]


def added(context: AutogenContext, upgrade_ops: ops.UpgradeOps) -> None:
    """Add an operation for each difference."""
    connection = context.connection
    assert connection is not None
    models = metadatas(context.metadata)
    catalog, same = schema_of(connection)
    rendering = AutogenContext(
        context.migration_context, opts={"render_item": None, "render_as_batch": False, **context.opts, **OPTIONS}
    )
    single = [one for one, _, _ in flattened(upgrade_ops, rendering)]
    reported: Reported = set()
    for one in single:
        if isinstance(one[1], sa.schema.SchemaItem) or len(one) > 3:
            kind, schema, table, name = described(one)
            reported.add((kind, (schema or catalog.default_schema, table), name))
    details, made = strict_details(catalog, context, models, reported, same)
    for detail in details:
        schema = None if detail.key[0] == catalog.default_schema else detail.key[0]
        calls = cure(detail, models, context.migration_context, made.catalog)
        upgrade_ops.ops.append(StrictOp(detail, schema, calls, live=same is not None))


def schema_of(connection: sa.Connection) -> tuple[Catalog, Same | None]:
    """The schema that a connection leads to, and who is asked about expressions."""
    database = getattr(connection.dialect, "database", None)
    if database is not None:
        return database.catalog, None
    ask = asked(connection)
    live = read_schema(ask)
    if live.unread:
        raise ValueError(f"the database holds what was not understood: {live.unread[0]}")
    return live.catalog, read_alike(ask)
