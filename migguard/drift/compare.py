"""Alembic's own comparators on the replayed schema: their verdict, with places and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_op_text
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from migguard.catalog.schema import Catalog
from migguard.differences import SchemaDifference, code_of
from migguard.drift.defaults import same_default
from migguard.drift.details import Detail, Same
from migguard.drift.metadata import metadatas
from migguard.drift.modelled import Written
from migguard.drift.models import Places
from migguard.drift.touched import Touched
from migguard.drift.wording import said, worded
from migguard.shadow.database import Database
from migguard.source import Origin


@dataclass(slots=True)
class Comparison:
    """One comparison of one database with its models.

    `ran` is what the models run to make their schema. `live` says that the schema was read off a database, and `same`
    asks that one.
    """

    context: MigrationContext
    database: Database
    places: Places
    touched: Touched
    undecided: set[tuple[str | None, str, str]] = field(default_factory=set)
    guessed: bool = False
    refused: tuple[str, ...] = ()
    ran: Written | None = None
    live: bool = False
    same: Same | None = None

    @property
    def catalog(self) -> Catalog:
        """The replayed schema."""
        return self.database.catalog

    def differences(self, metadata: Any, *, strict: bool = False) -> list[SchemaDifference]:
        """What Alembic finds, one entry a tuple; and behind it what only the strict comparators see."""
        impl = self.context.impl
        asked: Callable[..., Any] = impl.compare_server_default

        def compared(inspected: Any, model: Any, rendered_model: Any, rendered: Any) -> Any:
            return self.default_differs(asked, inspected, model, rendered_model, rendered)

        impl.compare_server_default = compared  # type: ignore[method-assign]  # the server it would ask is not there
        watched = Watched()
        before, self.database.recorder = self.database.recorder, watched
        self.database.released = False  # what comparators try out has not run in production
        try:
            found = produce_migrations(self.context, metadata)
        finally:
            impl.compare_server_default = asked  # type: ignore[method-assign]
            self.database.recorder = before
        self.guessed = watched.guessed_any
        assert found.upgrade_ops is not None
        options = {"alembic_module_prefix": "op.", "sqlalchemy_module_prefix": "sa.", "user_module_prefix": None}
        rendering = AutogenContext(
            self.context, opts={"render_item": None, "render_as_batch": False, **self.context.opts, **options}
        )
        single = list(flattened(found.upgrade_ops, rendering))
        if strict:
            single = [part for part in single if not isinstance(getattr(part[0][-1], "detail", None), Detail)]
        changed = repeated(single)
        alembics = [self.difference(one, cure, key in changed) for one, cure, key in single]
        return [*alembics, *(self.strict(alembics, metadata) if strict else ())]

    def strict(self, alembics: list[SchemaDifference], metadata: Any) -> Iterator[SchemaDifference]:
        """What Alembic does not see. `refused` is what of the models no server would take."""
        from migguard.drift.strict import strict_details
        from migguard.drift.strict_cures import cure

        default = self.catalog.default_schema
        reported = {(one.kind, (one.schema or default, one.table), one.object) for one in alembics}
        context = AutogenContext(self.context, metadata=metadata, autogenerate=False)
        models = metadatas(metadata)
        details, made = strict_details(self.catalog, context, models, reported, self.same, self.ran)
        self.refused = made.refused
        for one in details:
            yield self.of_detail(one, cure(one, models, self.context, made.catalog))

    def of_detail(self, one: Detail, cure: str) -> SchemaDifference:
        """What only the strict comparators see, described."""
        schema = None if one.key[0] == self.catalog.default_schema else one.key[0]
        return SchemaDifference(
            code=code_of(one.kind, changed=False),
            kind=one.kind,
            schema=schema,
            table=one.key[1] if one.inside else "",
            object=one.object,
            message=said(one, live=self.live),
            cure=cure,
            origin=self.modelled(schema, one.key[1], one.object) if one.inside else self.typed(one.object),
            revision=self.touched.last(one.key if one.inside else (one.key[0], ""), one.also or one.object),
            verified=self.touched.verified(one.key),
            strict=True,
            weight=one.severity,
        )

    def typed(self, name: str | None) -> Origin | None:
        """Where a column of the models has the type of that name."""
        for metadata in metadatas(self.context.opts.get("target_metadata")):
            for table in metadata.tables.values():
                for column in table.columns:
                    if name is not None and getattr(column.type, "name", None) == name:
                        return self.places.of(table, str(column.name))
        return None

    def default_differs(
        self, asked: Callable[..., Any], inspected: Any, model: Any, rendered_model: Any, rendered: Any
    ) -> Any:
        """Whether a default differs: decided on the texts and the column's type, the server's part included."""
        if rendered is None or rendered_model is None or not isinstance(model.server_default, sa.DefaultClause):
            return asked(inspected, model, rendered_model, rendered)
        table = inspected.table
        key = (table.schema or self.catalog.default_schema, table.name)
        held = self.catalog.tables.get(key)
        column = held.column(inspected.name) if held is not None else None
        same = same_default(rendered, rendered_model, column, self.catalog) if column is not None else None
        if same is not None:
            return not same
        watched = Watched()
        before, self.database.recorder = self.database.recorder, watched
        try:
            differs = asked(inspected, model, rendered_model, rendered)
        finally:
            self.database.recorder = before
        if watched.guessed_any:
            self.undecided.add((table.schema, table.name, inspected.name))
        return differs

    def difference(self, one: tuple[Any, ...], cure: str, changed: bool) -> SchemaDifference:
        """One tuple of Alembic's, described."""
        detail = getattr(one[-1], "detail", None)
        if isinstance(detail, Detail):
            return self.of_detail(detail, cure)  # of our plugin, which env.py names
        if one[0] not in OF_ALEMBIC:
            return self.foreign(one, cure)
        kind, schema, table, name = described(one)
        default = self.catalog.default_schema
        key = (schema or default, table)
        decided = (schema, table, name) not in self.undecided or kind != "modify_default"
        place = f"{schema}.{table}" if schema not in (None, default) else table
        return SchemaDifference(
            code=code_of(kind, changed=changed),
            kind=kind,
            schema=None if schema in (None, default) else str(schema),
            table=table,
            object=name,
            message=worded(one, kind, place, name, live=self.live),
            cure=cure,
            origin=self.modelled(schema, table, name),
            revision=self.touched.last(key, name),
            verified=decided and self.touched.verified(key),
        )

    def foreign(self, one: tuple[Any, ...], cure: str) -> SchemaDifference:
        """A tuple of another library's comparator; what it asked the server that is not there, it does not know."""
        kind, name = str(one[0]), next((v for v in one[1:] if isinstance(v, str)), None)
        message = f"A comparator that env.py registers finds {kind}{f' of {name}' if name else ''}."
        return SchemaDifference(
            code_of(kind, changed=False), kind, None, "", name, message, cure, verified=not self.guessed
        )

    def modelled(self, schema: str | None, table: str, name: str | None) -> Origin | None:
        """Where the models define it, or at least its table."""
        for metadata in metadatas(self.context.opts.get("target_metadata")):
            for spelled in (schema, None if schema == self.catalog.default_schema else schema):
                found = metadata.tables.get(f"{spelled}.{table}" if spelled else table)
                if found is not None:
                    return self.places.of(found, name)
        return None


class Watched:
    """Listens to the queries of one comparison."""

    def __init__(self) -> None:
        self.guessed_any = False

    def origin(self) -> None:
        """No script asks."""

    def record(self, statement: Any) -> None:
        """Nothing is kept."""

    def guessed(self, _sql: str, _origin: Any) -> None:
        """The query could not be evaluated."""
        self.guessed_any = True

    def ended(self, *, committed: bool) -> None:
        """No transaction of a script's."""


def flattened(
    container: ops.OpContainer, rendering: AutogenContext
) -> Iterator[tuple[tuple[Any, ...], str, tuple[Any, ...]]]:
    """Alembic's tuples one by one, each with the operation that cures it and what it is about."""
    for op in container.ops:
        if isinstance(op, ops.OpContainer):
            yield from flattened(op, rendering)
            continue
        cure = rendered(op, rendering)
        made: Any = op.to_diff_tuple()
        for one in made if isinstance(made, list) else [made]:
            yield one, cure, subject(one)


def rendered(op: ops.MigrateOperation, rendering: AutogenContext) -> str:
    """The operation as a script would call it; nothing for one whose library does not say how."""
    try:
        return render_op_text(rendering, op)
    except ValueError:
        return ""


def repeated(single: list[tuple[tuple[Any, ...], str, tuple[Any, ...]]]) -> set[tuple[Any, ...]]:
    """What is both removed and added: it is changed."""
    removed = {key for one, _, key in single if str(one[0]).startswith("remove_")}
    return {key for one, _, key in single if str(one[0]).startswith("add_") and key in removed}


def subject(one: tuple[Any, ...]) -> tuple[Any, ...]:
    """What an entry is about: equal for the two halves of a change of one index, unique or foreign key."""
    kind = str(one[0]).partition("_")[2]
    what = one[1] if len(one) > 1 else None
    if isinstance(what, sa.ForeignKeyConstraint):
        return ("fk", what.table.fullname, tuple(what.column_keys))
    if isinstance(what, (sa.Index, sa.UniqueConstraint)):
        assert what.table is not None
        return ("key", what.table.fullname, what.name)
    return (kind, *(str(part) for part in one[1:4]))


def described(one: tuple[Any, ...]) -> tuple[str, str | None, str, str | None]:
    """Kind, schema, table and object of an entry."""
    kind, what = one[0], one[1]
    match what:
        case sa.Table():
            return kind, what.schema, str(what.name), None
        case sa.Index() | sa.ForeignKeyConstraint() | sa.UniqueConstraint() | sa.CheckConstraint():
            table = what.table
            assert table is not None
            name = str(what.name) if what.name is not None else None
            return kind, table.schema, str(table.name), name
        case _:
            schema, table, column = one[1], one[2], one[3]
            name = column if isinstance(column, str) else column.name
            return kind, schema, str(table), str(name)


PARTS = ("table", "column", "index", "constraint", "fk", "table_comment")
OF_ALEMBIC = frozenset(
    [f"{verb}_{what}" for verb in ("add", "remove") for what in PARTS]
    + [f"modify_{what}" for what in ("type", "nullable", "default", "comment")]
)
"""The kinds that Alembic's own comparators find."""
