"""Unique keys that tell no more apart what differs in case: a column of them becomes citext."""

from collections.abc import Iterator

from migguard.catalog.copying import replace
from migguard.catalog.postgresql_casts import base
from migguard.catalog.schema import Index, Table
from migguard.changes import AlterColumnType, Expression, IndexElement
from migguard.rules.frame import StepContext
from migguard.rules.wording import identifier, target


def folded(change: AlterColumnType, ctx: StepContext) -> Iterator[tuple[Table, Index]]:
    """The unique indexes over a column that becomes citext and was none, each with its table before the step."""
    table = target(ctx, change.table)
    column = table.column(change.column) if table is not None else None
    if table is None or column is None or column.type is None or ctx.step.refusal is not None:
        return
    old, new = base(column.type, ctx.before), base(change.type, ctx.before)
    if new.name.lower() != "citext" or new.builtin or old.name.lower() == "citext" or new.dimensions:
        return
    for index in table.indexes:
        if index.unique and index.valid and column.name in index.columns and not lowered(index, column.name, table):
            yield table, index


def lowered(index: Index, column: str, table: Table) -> bool:
    """Whether another unique index keeps the values apart in lower case already."""
    others = {c for c in index.columns if c not in (column, None)}
    return any(
        other.unique and other.valid and other.where is None and any(folds(e, column) for e in other.elements)
        and all(folds(e, column) or e.column in others for e in other.elements)
        for other in table.indexes
    )  # fmt: skip


def folds(element: IndexElement, column: str) -> bool:
    """Whether a key of an index is the column in lower or upper case."""
    made = element.expression
    if made is None or made.functions not in (("lower",), ("upper",)):
        return False
    return [r.name for r in made.references if r.kind == "column"] == [column]


def in_lower_case(index: Index, column: str) -> Index:
    """The index with the column's values in lower case, as citext compares them."""
    lower = IndexElement(None, expression=Expression(f"lower({identifier(column)})"))
    return replace(index, elements=tuple(lower if e.column == column else e for e in index.elements))
