"""Carry renames into the expressions that mention what is renamed."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog.naming import quote
from migguard.catalog.schema import ConstraintState, Index
from migguard.changes import Engine, Expression, IndexElement


def in_expression(expression: Expression, old: str, new: str, engine: Engine, kind: str = "column") -> Expression:
    """The expression with every reference of that kind and name rewritten."""
    if not any(r.kind == kind and r.name == old for r in expression.references):
        return expression
    text, made, shift = "", [], 0
    at = 0
    written = quote(new, engine)
    for reference in sorted(expression.references, key=lambda r: r.start):
        start, end = reference.start + shift, reference.end + shift
        if reference.kind == kind and reference.name == old and reference.start >= at:
            text += expression.text[at : reference.start] + written
            at = reference.end
            grown = len(written) - (reference.end - reference.start)
            made.append(replace(reference, start=start, end=end + grown, name=new))
            shift += grown
        else:
            made.append(replace(reference, start=start, end=end))
    text += expression.text[at:]
    conditions = expression.conditions
    cast_of = expression.cast_of
    if kind == "column":
        conditions = tuple(replace(c, column=new) if c.column == old else c for c in conditions)
        cast_of = new if cast_of == old else cast_of
    return replace(expression, text=text, references=tuple(made), conditions=conditions, cast_of=cast_of)


def in_element(element: IndexElement, old: str, new: str, engine: Engine) -> IndexElement:
    """An index key after a column's rename."""
    if element.column == old:
        return replace(element, column=new)
    if element.expression is not None:
        return replace(element, expression=in_expression(element.expression, old, new, engine))
    return element


def in_index(index: Index, old: str, new: str, engine: Engine) -> Index:
    """An index after a column's rename."""
    return replace(
        index,
        elements=tuple(in_element(e, old, new, engine) for e in index.elements),
        include=tuple(new if c == old else c for c in index.include),
        where=in_expression(index.where, old, new, engine) if index.where is not None else None,
    )


def in_constraint(constraint: ConstraintState, old: str, new: str, engine: Engine) -> ConstraintState:
    """A constraint after the rename of a column of its own table."""
    return replace(
        constraint,
        columns=tuple(new if c == old else c for c in constraint.columns),
        expression=in_expression(constraint.expression, old, new, engine) if constraint.expression is not None else None,
    )


def mentions(expression: Expression | None, column: str) -> bool:
    """Whether an expression names a column."""
    return expression is not None and any(r.kind == "column" and r.name == column for r in expression.references)


