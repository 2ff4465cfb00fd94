"""What differs between two catalogs, as plain values, and the words that both sides are spelled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, Column, ConstraintKind, ConstraintState, Index, Key
from migguard.catalog.types import format_type
from migguard.changes import Expression, ForeignKeyAction, IndexElement
from migguard.findings import Severity
from migguard.sql.canonical import canonical

Same = Callable[[Key, str, str], bool | None]
"""Whether two expressions over the columns of a table are one, where their texts do not tell; None: nobody knows."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One difference. `what` names the thing in words, `first` and `second` what each side has, empty for nothing.

    `key` is the table, or what stands in none; `object` its name, `also` the name that it has on the first side where
    that is another. `inside` says whether it is a part of a table.
    """

    kind: str
    what: str
    first: str
    second: str
    key: Key
    object: str | None = None
    also: str | None = None
    severity: Severity = Severity.ERROR
    inside: bool = True


@dataclass(slots=True)
class Pair:
    """Two catalogs, and who is asked whether two expressions are one; `unsure` are tables of which nobody knew."""

    first: Catalog
    second: Catalog
    same: Same | None = None
    asked: dict[tuple[Key, str, str], bool] = field(default_factory=dict)
    unsure: set[Key] = field(default_factory=set)

    def equal(self, key: Key, one: Expression | None, other: Expression | None) -> bool:
        """Whether both are the same condition or value."""
        if one is None or other is None:
            return one is other
        return one.text == other.text or self.equal_texts(key, one.text, other.text)

    def equal_texts(self, key: Key, one: str, other: str) -> bool:
        """The same for texts."""
        engine = self.first.server.engine
        mine, theirs = canonical(one, engine), canonical(other, engine)
        if mine is not None and mine == theirs:
            return True
        if self.same is None:
            return False
        asked = (key, one, other)
        if asked not in self.asked:
            found = self.same(*asked)
            self.asked[asked] = bool(found)
            if found is None:
                self.unsure.add(key)
        return self.asked[asked]


def shown(key: Key, catalog: Catalog) -> str:
    """A name for a sentence."""
    return key[1] if key[0] == catalog.default_schema else f"{key[0]}.{key[1]}"


def type_of(column: Column, catalog: Catalog) -> str:
    """A column's type."""
    return format_type(column.type, catalog) if column.type is not None else ""


def text(expression: Expression | None) -> str:
    """An expression, or nothing."""
    return "" if expression is None else expression.text


def listed(names: Iterable[str]) -> str:
    """Names as they stand in SQL."""
    return f"({', '.join(quote(n) for n in names)})"


def element_text(element: IndexElement) -> str:
    """A key of an index."""
    made = quote(element.column) if element.column is not None else f"({text(element.expression)})"
    if element.opclass:
        made += f" {element.opclass}"
    return f"{made} WITH {element.operator}" if element.operator else made


def constraint_text(constraint: ConstraintState, index: Index | None, catalog: Catalog) -> str:
    """A constraint as its definition."""
    match constraint.kind:
        case ConstraintKind.CHECK:
            made = f"CHECK ({text(constraint.expression)})"
        case ConstraintKind.PRIMARY:
            made = f"PRIMARY KEY {listed(constraint.columns)}"
        case ConstraintKind.UNIQUE:
            nulls = "NULLS NOT DISTINCT " if index is not None and index.nulls_not_distinct else ""
            made = f"UNIQUE {nulls}{listed(constraint.columns)}"
        case ConstraintKind.FOREIGN:
            made = foreign_text(constraint, catalog)
        case ConstraintKind.EXCLUSION:
            elements = ", ".join(element_text(e) for e in index.elements) if index is not None else ""
            where = f" WHERE ({text(index.where)})" if index is not None and index.where is not None else ""
            made = f"EXCLUDE USING {index.method if index is not None else 'gist'} ({elements}){where}"
    if index is not None and index.include:
        made += f" INCLUDE {listed(index.include)}"
    if constraint.deferrable:
        made += " DEFERRABLE"
    if constraint.initially_deferred:
        made += " INITIALLY DEFERRED"
    if constraint.no_inherit:
        made += " NO INHERIT"
    if not constraint.enforced:
        made += " NOT ENFORCED"
    return made if constraint.valid else f"{made} NOT VALID"


def foreign_text(constraint: ConstraintState, catalog: Catalog) -> str:
    """A foreign key as its definition."""
    target = shown(constraint.references, catalog) if constraint.references is not None else ""
    made = f"FOREIGN KEY {listed(constraint.columns)} REFERENCES {target}{listed(constraint.references_columns)}"
    if constraint.match and constraint.match.upper() != "SIMPLE":
        made += f" MATCH {constraint.match.upper()}"
    if constraint.on_update is not ForeignKeyAction.NO_ACTION:
        made += f" ON UPDATE {constraint.on_update.value}"
    if constraint.on_delete is not ForeignKeyAction.NO_ACTION:
        made += f" ON DELETE {constraint.on_delete.value}"
        made += f" {listed(constraint.set_columns)}" if constraint.set_columns else ""
    return made
