"""Whether an UPDATE makes its new values of columns that it writes: then a second round would change them again."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.references import Around, columns_of
from migguard.catalog.schema import Catalog
from migguard.changes import Expression, Given, Name, Scope, Select, Selection, Update
from migguard.sql.idempotent import IDEMPOTENT, idempotent

STEADY = frozenset(
    ("coalesce", "nullif", "lower", "upper", "trim", "btrim", "length", "count", "min", "max", "exists", "greatest",
     "least", "concat")
)  # fmt: skip
"""Functions that give the same again, in whatever order the rows come."""


def steady(change: Update, catalog: Catalog) -> bool:
    """Whether a second round would write the same, though values are looked up in other tables."""
    if not change.assignments or made_of_own(change, catalog):
        return False
    steadily = STEADY | IDEMPOTENT
    return all(value.readable and steadily.issuperset(value.functions) for _, value in change.assignments)


def made_of_own(change: Update, catalog: Catalog) -> bool:
    """Whether a new value reads a column that the statement writes, or may; lower() and the like come to no other value
    when they are asked again."""
    seen, engine = Seen(change, catalog), catalog.server.engine
    return any(seen.in_value(v) and not idempotent(v.text, name, engine) for name, v in change.assignments)


class Seen:
    """Looks for the columns that a statement writes, among the names of a value."""

    def __init__(self, change: Update, catalog: Catalog) -> None:
        self.change, self.catalog = change, catalog
        self.written = {name for name, _ in change.assignments}
        self.target = relation_key(catalog, change.table)
        self.sources = change.rows_of.sources if change.rows_of is not None else ()
        self.called = {change.table.name, *(s.alias for s in self.sources[:1])}

    def in_value(self, value: Expression) -> bool:
        """Whether a value reads one of them, by the tree's names; by its words alone where those are not had."""
        from migguard.sql.read import read

        made = read(f"SELECT {value.text}", self.catalog.server.engine)
        one = made[0] if len(made) == 1 else None
        if isinstance(one, Select) and one.query.scope is not None:
            return self.in_scope(one.query.scope, ())
        named = ((r.qualifier, r.name) for r in value.references if r.kind == "column")
        return any(name in self.written and self.by_words(qualifier) for qualifier, name in named)

    def in_scope(self, scope: Scope, around: Around) -> bool:
        """Whether a query reads one of them, or one inside it does."""
        levels = (scope, *around)
        if any(name == "*" for _, name in scope.outputs or ()) and any(map(self.is_target, scope.given)):
            return True
        if any(self.is_own(qualifier, name, levels) for qualifier, name in scope.used):
            return True
        inside = any(self.in_scope(one, levels) for one in scope.inner)
        return inside or any(self.in_scope(one, around) for one in scope.apart)

    def is_own(self, qualifier: str | None, name: str, levels: Around) -> bool:
        """Whether a name means one of them, or the whole row."""
        if qualifier is None and name in self.called:
            return True
        if name not in self.written:
            return False
        for given in (g for level in levels for g in level.given):
            if qualifier is not None and given.alias == qualifier:
                return self.is_target(given)
            names = columns_of(self.catalog, given) if qualifier is None else ()
            if names is None:
                return True
            if name in names:
                return self.is_target(given)
        return self.outside(qualifier)

    def outside(self, qualifier: str | None) -> bool:
        """Whether a column of the statement itself is the target's: what it is joined with may be the target again."""
        joined = next((s for s in self.sources[1:] if s.alias == qualifier), None)
        if qualifier is None or qualifier in self.called or joined is None:
            return True
        if joined.relation is not None:
            return self.may_be_target(joined.relation)
        return joined.rows is not None and self.in_selection(joined.rows)

    def by_words(self, qualifier: str | None) -> bool:
        """The same of any column, as far as what stands before it tells."""
        others = (n for n in self.change.others if n.name == qualifier)
        return self.outside(qualifier) and not any(not self.may_be_target(n) for n in others)

    def in_selection(self, rows: Selection) -> bool:
        """Whether a query of FROM reads the target."""
        return any(
            (s.relation is not None and self.may_be_target(s.relation))
            or (s.rows is not None and self.in_selection(s.rows))
            for s in rows.sources
        )

    def is_target(self, given: Given) -> bool:
        """Whether what FROM gives is the target; what a query gives is looked at inside that."""
        return given.relation is not None and self.may_be_target(given.relation)

    def may_be_target(self, name: Name) -> bool:
        """Whether a name means the target. One that means no relation is a query of WITH, which may read it."""
        return relation_key(self.catalog, name) in (None, self.target)
