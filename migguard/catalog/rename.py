"""What expressions mention, and how renames are carried into them.

An expression keeps the user's text; its references say which parts of the text name columns, types, functions and
relations. `settled` writes down, as the `qualifier` of a reference, the schema in which a type, function or sequence
was found, because later search paths do not matter to what the server has stored.
"""

from __future__ import annotations

from collections.abc import Callable

from migguard.catalog.copying import replace
from migguard.catalog.lookup import function_key, key_in, type_key, visible
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, ConstraintState, Index, Key
from migguard.changes import Engine, Expression, IndexElement, Name, Reference

Spelling = Callable[[Reference], tuple[str, Reference] | None]
"""For a reference its new text and what it is then; None to leave it."""


def respelled(expression: Expression, spelling: Spelling) -> Expression:
    """The expression with the references that `spelling` answers for rewritten; the others move along."""
    text, made, shift, at = "", [], 0, 0
    changed = False
    for reference in sorted(expression.references, key=lambda r: (r.start, r.end)):
        new = spelling(reference) if reference.start >= at else None
        start, end = reference.start + shift, reference.end + shift
        if new is None:
            made.append(replace(reference, start=start, end=end))
            continue
        written, what = new
        changed = True
        text += expression.text[at : reference.start] + written
        at = reference.end
        shift += len(written) - (reference.end - reference.start)
        made.append(replace(what, start=start, end=start + len(written)))
    if not changed:
        return expression
    return replace(expression, text=text + expression.text[at:], references=tuple(made), named=())


# --- columns ------------------------------------------------------------------------------------------------------


def in_expression(expression: Expression, old: str, new: str, engine: Engine) -> Expression:
    """The expression with every mention of a column rewritten."""
    if not mentions(expression, old):
        return expression
    written = quote(new, engine)

    def spelling(reference: Reference) -> tuple[str, Reference] | None:
        if reference.kind != "column" or reference.name != old:
            return None
        return written, replace(reference, name=new)

    made = respelled(expression, spelling)
    conditions = tuple(replace(c, column=new) if c.column == old else c for c in expression.conditions)
    cast_of = new if expression.cast_of == old else expression.cast_of
    return replace(made, conditions=conditions, cast_of=cast_of)


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
    expression = constraint.expression
    return replace(
        constraint,
        columns=tuple(new if c == old else c for c in constraint.columns),
        set_columns=tuple(new if c == old else c for c in constraint.set_columns),
        expression=in_expression(expression, old, new, engine) if expression is not None else None,
    )


def mentions(expression: Expression | None, column: str) -> bool:
    """Whether an expression names a column."""
    return expression is not None and any(r.name == column and r.kind == "column" for r in expression.references)


# --- types, functions, sequences ----------------------------------------------------------------------------------


def settled(expression: Expression, catalog: Catalog) -> Expression:
    """The expression with the schema of every user type and function that it names written down."""
    if not (catalog.types or catalog.functions) or not expression.references:
        return expression
    made = []
    for reference in expression.references:
        key: Key | None = None
        if reference.kind == "type":
            key = type_key(catalog, Name(reference.name, reference.qualifier))
        elif reference.kind == "function":
            key = function_key(catalog, Name(reference.name, reference.qualifier))
        made.append(reference if key is None else replace(reference, qualifier=key[0]))
    return replace(expression, references=tuple(made))


def names(expression: Expression | None, kind: str, key: Key) -> bool:
    """Whether an expression names that type, function or relation (`kind`)."""
    return expression is not None and any(
        r.name == key[1] and r.kind == kind and r.qualifier in (None, key[0]) for r in expression.references
    )


def moved(expression: Expression, kind: str, old: Key, new: Key, catalog: Catalog) -> Expression:
    """The expression after a type, function or sequence that it names got another key."""
    if not names(expression, kind, old):
        return expression

    def spelling(reference: Reference) -> tuple[str, Reference] | None:
        if reference.kind != kind or (reference.qualifier, reference.name) != old:
            return None
        return written(new, kind, catalog), replace(reference, name=new[1], qualifier=new[0])

    return respelled(expression, spelling)


def shown(expression: Expression, catalog: Catalog) -> Expression:
    """The expression as the server shows it with the search path of now: names that it finds stand alone."""
    if not any(r.qualifier is not None and r.kind in ("type", "relation", "function") for r in expression.references):
        return expression

    def spelling(reference: Reference) -> tuple[str, Reference] | None:
        if reference.qualifier is None or reference.kind not in ("type", "relation", "function"):
            return None
        key = (reference.qualifier, reference.name)
        known = {"type": catalog.types, "relation": catalog.sequences, "function": catalog.functions}[reference.kind]
        return (written(key, reference.kind, catalog), reference) if key in known else None

    return respelled(expression, spelling)


def written(key: Key, kind: str, catalog: Catalog) -> str:
    """A name as the server writes it in an expression; a sequence's stands inside a string."""
    found = found_first(catalog, kind, key)
    name = quote(key[1]) if found else f"{quote(key[0])}.{quote(key[1])}"
    return name.replace("'", "''") if kind == "relation" else name


def found_first(catalog: Catalog, kind: str, key: Key) -> bool:
    """Whether the bare name finds this one, and not another that stands before it in the search path."""
    if kind == "type":
        return type_key(catalog, Name(key[1])) == key or (key not in catalog.types and visible(catalog, key))
    if kind == "function":
        return function_key(catalog, Name(key[1])) == key
    found = key_in(catalog, Name(key[1]), catalog.sequences)
    return found == key or (key not in catalog.sequences and visible(catalog, key))
