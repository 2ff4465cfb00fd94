"""Which names the queries of a statement use, and what each can mean, as PostgreSQL looks them up.

None is given back where a statement holds anything that is not known here: no name may then be called unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from migguard.changes import Cell, Engine, Given, Name, Naming, Scope
from migguard.placeholders import is_placeholder
from migguard.sql.expression_grammar import VALUES
from migguard.sql.postgresql_words import RESERVED

NAME_BYTES = 63
MOST_ROWS = 100
OTHER, DEFAULT, PART = Cell(), Cell(default=True), Cell(part=True)

NO_COLUMNS = frozenset(w.lower() for w in (*RESERVED, *VALUES))
"""Words that are no column unless they are quoted, though a tree may have one so."""

STRUCTURE = frozenset(
    {"Alias", "Boolean", "Bracket", "ByteString", "Case", "Collate", "DataType", "DataTypeParam", "Distinct", "Dot",
     "Escape", "Fetch", "Filter", "Group", "GroupingSets", "HexString", "BitString", "Having", "Identifier", "If",
     "Interval", "IntervalSpan", "JSONPath", "JSONPathKey", "JSONPathRoot", "JSONPathSubscript", "Lambda", "Limit",
     "Literal", "National", "Null", "ObjectIdentifier", "Offset", "Opclass", "Order", "Ordered", "Parameter", "Paren",
     "Placeholder", "PseudoType", "RawString", "Returning", "Rollup", "Cube", "Slice", "Star", "Tuple",
     "UnicodeString", "Var", "Variadic", "Where", "Window", "WindowSpec", "WithinGroup", "IgnoreNulls",
     "RespectNulls", "AtTimeZone", "Between", "In", "SubqueryPredicate", "All", "Any", "Exists", "Values", "HavingMax"}
)  # fmt: skip
"""Nodes that have columns in them only where an expression stands; so have functions and operators."""

STRANGE = frozenset(
    {"XMLElement", "XMLTable", "XMLNamespace", "JSONTable", "JSONObject", "JSONBObjectAgg", "OpenJSON", "PropertyEQ",
     "Pivot", "MatchRecognize", "Command", "Operator", "FormatJson", "JSONValue", "JSONQuery", "JSONExists"}
)  # fmt: skip
"""Functions and operators that have words in them which are no columns, or may."""

SELECT_PARTS = frozenset(
    {"with", "with_", "kind", "expressions", "distinct", "from", "from_", "joins", "laterals", "where", "group",
     "having", "windows", "order", "limit", "offset", "locks", "into", "operation_modifiers"}
)  # fmt: skip
TABLE_PARTS = frozenset({"this", "db", "catalog", "alias", "joins", "only", "sample", "laterals"})
SET_PARTS = frozenset({"this", "expression", "distinct", "by_name", "with", "with_", "order", "limit", "offset"})
ROWS_PARTS = frozenset({"expressions", "alias"})


class Strange(Exception):
    """Something in a tree that is not known here."""


def naming_of(tree: Any, engine: Engine) -> Naming | None:
    """The names that an INSERT, UPDATE, DELETE or MERGE uses."""
    if engine is not Engine.POSTGRESQL:
        return None
    try:
        return written(tree, {})
    except (Strange, RecursionError):
        return None


def scope_of(tree: Any, engine: Engine) -> Scope | None:
    """The names that a query uses."""
    if engine is not Engine.POSTGRESQL:
        return None
    try:
        return query(tree, {})
    except (Strange, RecursionError):
        return None


# --- names --------------------------------------------------------------------------------------------------------


def named(identifier: Any) -> str:
    """An identifier as the server keeps it. Raises Strange for one whose case nobody here can tell, or for none."""
    if not isinstance(identifier, exp.Identifier):
        raise Strange
    name = str(identifier.this)
    if is_placeholder(name) or not (identifier.args.get("quoted") or name.isascii()):
        raise Strange
    name = name if identifier.args.get("quoted") else name.lower()
    return name if len(name) < 16 else name.encode()[:NAME_BYTES].decode(errors="ignore")


def part(node: Any, name: str) -> Any:
    """A part of a node, which some releases of sqlglot spell with an underscore."""
    return node.args.get(name) or node.args.get(f"{name}_")


def only(node: Any, known: frozenset[str]) -> None:
    """Raise Strange where a node has other parts than those."""
    if any(value and name not in known for name, value in node.args.items()):
        raise Strange


def alias_of(node: Any) -> tuple[str | None, tuple[str, ...] | None]:
    """What a source goes by, and the names of its columns; None for those of a function, which have types too."""
    alias = node.args.get("alias")
    if alias is None:
        return None, ()
    if isinstance(alias, exp.Identifier):
        return named(alias), ()
    if not isinstance(alias, exp.TableAlias):
        raise Strange
    columns = alias.args.get("columns") or ()
    plain = all(isinstance(c, exp.Identifier) for c in columns)
    return named(alias.this) if alias.this is not None else None, tuple(map(named, columns)) if plain else None


# --- queries ------------------------------------------------------------------------------------------------------


Queries = Mapping[str, Given]
"""What WITH has named so far."""


def query(tree: Any, known: Queries) -> Scope:
    """A SELECT, VALUES, a set operation of them, or a statement over rows inside WITH."""
    while isinstance(tree, (exp.Subquery, exp.Paren)):
        if any(tree.args.get(name) for name in ("with", "with_", "order", "limit", "offset", "locks")):
            raise Strange
        tree = tree.this
    if isinstance(tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
        made = written(tree, known).scope
        if made is None:
            raise Strange
        return made
    level = Level(tree, known)
    if isinstance(tree, exp.Select):
        return level.select(tree)
    if isinstance(tree, exp.SetOperation):
        only(tree, SET_PARTS)
        sides = [query(side, level.known) for side in (tree.this, tree.expression)]
        level.apart += sides
        return level.scope(sides[0].outputs if plain(sides[0]) else None)
    if isinstance(tree, exp.Values):
        only(tree, ROWS_PARTS)
        level.visit(tree.expressions)
        first = tree.expressions[0]
        width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
        return level.scope(tuple((None, f"column{n}") for n in range(1, width + 1)))
    if isinstance(tree, exp.Table):
        level.source(tree)
        return level.scope(((None, "*"),))
    raise Strange


def plain(scope: Scope) -> bool:
    """Whether the outputs of a query say by themselves which they are."""
    return scope.outputs is not None and all(name != "*" for _, name in scope.outputs)


class Level:
    """Gathers what one level of a query uses and is given."""

    def __init__(self, tree: Any, known: Queries) -> None:
        self.given: list[Given] = []
        self.used: dict[tuple[str | None, str], None] = {}
        self.compared: dict[tuple[str | None, str, str], None] = {}
        self.inner: list[Scope] = []
        self.apart: list[Scope] = []
        self.known = self.with_queries(part(tree, "with"), known)

    def scope(self, outputs: tuple[tuple[str | None, str | None], ...] | None) -> Scope:
        """What was gathered."""
        return Scope(
            tuple(self.given), tuple(self.used), outputs, tuple(self.inner), tuple(self.apart), tuple(self.compared)
        )

    def with_queries(self, with_: Any, known: Queries) -> Queries:
        """The queries of WITH, each of which sees those before it; with RECURSIVE all, which are not known then."""
        if with_ is None:
            return known
        found = dict(known)
        if with_.args.get("recursive"):
            found |= {named(cte.args["alias"].this): Given(None) for cte in with_.expressions}
        for cte in with_.expressions:
            if cte.args.get("search") or cte.args.get("cycle"):
                raise Strange
            name, columns = alias_of(cte)
            made = query(cte.this, found)
            self.apart.append(made)
            found[name or ""] = Given(None, rows=made, renamed=columns or ())
        return found

    def select(self, tree: Any) -> Scope:
        """A SELECT."""
        only(tree, SELECT_PARTS)
        self.sources(tree)
        outputs = self.outputs(tree.expressions)
        for name in ("expressions", "where", "having", "windows", "limit", "offset"):
            self.visit(tree.args.get(name))
        distinct = tree.args.get("distinct")
        for late in (tree.args.get("group"), tree.args.get("order"), distinct and distinct.args.get("on")):
            self.visit_late(late, outputs)
        return self.scope(outputs)

    def outputs(self, nodes: Iterable[Any]) -> tuple[tuple[str | None, str | None], ...] | None:
        """What the outputs are called."""
        found: list[tuple[str | None, str | None]] = []
        for node in nodes:
            if isinstance(node, exp.Alias):
                found.append((None, named(node.args["alias"])))
            elif isinstance(node, exp.Star):
                found.append((None, "*"))
            elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
                found.append((named(node.args["table"]), "*"))
            elif isinstance(node, exp.Column):
                found.append((None, named(node.this)))
            elif isinstance(node, exp.Dot) and any(True for _ in node.find_all(exp.Star)):
                return None
            else:
                found.append((None, None))
        return tuple(found)

    # --- FROM ---

    def sources(self, tree: Any) -> None:
        """FROM and its joins."""
        first = part(tree, "from")
        if first is not None:
            self.source(first.this)
            self.joins(first)
        self.joins(tree)

    def joins(self, node: Any) -> None:
        """The joins of a source, and what follows it behind a comma."""
        for join in node.args.get("joins") or ():
            self.source(join.this)
            self.visit(join.args.get("on"))
        for lateral in node.args.get("laterals") or ():
            self.source(lateral)

    def source(self, node: Any) -> None:
        """One source."""
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            only(node, TABLE_PARTS)
            self.given.append(self.relation(node))
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            alias, _ = alias_of(node)
            if alias is not None:
                raise Strange
            self.source(node.this)
        elif isinstance(node, (exp.Subquery, exp.Values)):
            alias, columns = alias_of(node)
            made = query(node.this if isinstance(node, exp.Subquery) else node, self.known)
            self.apart.append(made)
            self.given.append(Given(alias, rows=made, renamed=columns or ()))
        elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            alias, columns = alias_of(node)
            made = query(node.this, self.known)
            self.inner.append(made)
            self.given.append(Given(alias, rows=made, renamed=columns or ()))
        elif isinstance(node, (exp.Table, exp.Unnest, exp.Lateral)):
            self.given.append(Given(alias_of(node)[0]))
        else:
            raise Strange
        if not isinstance(node, exp.Values):
            self.joins(node)

    def relation(self, node: Any) -> Given:
        """A relation, or a query that WITH has named."""
        schema = node.args.get("db")
        name = Name(named(node.this), named(schema) if schema is not None else None)
        alias, columns = alias_of(node)
        found = self.known.get(name.name) if schema is None else None
        if found is None:
            return Given(alias or name.name, name, renamed=columns or ())
        renamed = (*(columns or ()), *found.renamed[len(columns or ()) :])
        return Given(alias or name.name, rows=found.rows, renamed=renamed)

    # --- expressions ---

    def visit(self, node: Any) -> None:
        """Note the columns below a node."""
        if node is None:
            return
        if isinstance(node, (list, tuple)):
            for one in node:
                self.visit(one)
        elif isinstance(node, exp.Column):
            self.column(node)
        elif isinstance(node, (exp.Select, exp.SetOperation, exp.Subquery)):
            self.inner.append(query(node, self.known))
        elif isinstance(node, exp.Collate) or (isinstance(node, exp.Is) and isinstance(node.expression, exp.Column)):
            self.visit(node.this)  # what follows is a collation, or a word as in IS DOCUMENT
        elif isinstance(node, exp.Expression):
            self.understood(node)
            self.comparison(node)
            for value in node.args.values():
                if isinstance(value, (exp.Expression, list)):
                    self.visit(value)

    def understood(self, node: Any) -> None:
        """Raise Strange for a node that is not known."""
        kind = type(node).__name__
        if kind in STRANGE:
            raise Strange
        if kind not in STRUCTURE and not isinstance(node, (exp.Func, exp.Condition, exp.Predicate)):
            raise Strange

    def column(self, node: Any) -> None:
        """Note one column."""
        if node.args.get("db") is not None or isinstance(node.this, exp.Star):
            return
        qualifier = node.args.get("table")
        if qualifier is None and not node.this.args.get("quoted") and str(node.this.this).lower() in NO_COLUMNS:
            return
        self.used[(named(qualifier) if qualifier is not None else None, named(node.this))] = None

    def visit_late(self, node: Any, outputs: tuple[tuple[str | None, str | None], ...] | None) -> None:
        """Note the columns of GROUP BY, ORDER BY and DISTINCT ON, which may be outputs just as well."""
        if node is None:
            return
        before = dict(self.used)
        self.visit(node)
        if outputs is None or (None, None) in outputs:
            self.used = {k: None for k in self.used if k in before or k[0] is not None}
        else:
            self.used = {k: None for k in self.used if k in before or k not in outputs}

    def comparison(self, node: Any) -> None:
        """Note the strings that a column is compared with."""
        if isinstance(node, (exp.EQ, exp.NEQ)):
            for one, other in ((node.this, node.expression), (node.expression, node.this)):
                self.compare(one, [other])
        elif isinstance(node, exp.In) and not node.args.get("query"):
            self.compare(node.this, node.expressions)

    def compare(self, column: Any, values: list[Any]) -> None:
        """Note the strings that a column is compared with, where it is with nothing else."""
        if isinstance(column, exp.Column) and not isinstance(column.this, exp.Star) and all(map(is_string, values)):
            qualifier = column.args.get("table")
            for value in values:
                key = (named(qualifier) if qualifier is not None else None, named(column.this), str(value.this))
                self.compared[key] = None


def is_string(node: Any) -> bool:
    """Whether a node is a string, all of which is known, and which no driver may put values into."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        return False
    return "%" not in str(node.this) and not is_placeholder(str(node.this))


# --- statements over rows -----------------------------------------------------------------------------------------


def written(tree: Any, known: Queries) -> Naming:
    """INSERT, UPDATE, DELETE and MERGE."""
    if isinstance(tree, exp.Insert):
        return inserted(tree, known)
    level = Level(tree, known)
    if tree.this is None:
        raise Strange
    level.source(tree.this)
    if tree.this.args.get("joins"):
        raise Strange
    if isinstance(tree, exp.Update):
        level.sources(tree)
        level.visit(part(tree, "where"))
        assigned = tuple(assignments(tree.expressions, level))
        return Naming(returning(tree, level), assigned=assigned)
    if isinstance(tree, exp.Delete):
        if tree.args.get("tables"):
            raise Strange
        for one in tree.args.get("using") or ():
            level.source(one)
        level.visit(part(tree, "where"))
        return Naming(returning(tree, level))
    level.source(tree.args["using"])
    level.visit(tree.args.get("on"))
    if tree.args.get("using_cond"):
        raise Strange
    return merged(tree, level)


def merged(tree: Any, level: Level) -> Naming:
    """MERGE: all that its WHENs do, together."""
    assigned: list[tuple[str, Cell]] = []
    columns: list[str] = []
    for when in tree.args["whens"].expressions if isinstance(tree.args.get("whens"), exp.Expression) else ():
        level.visit(when.args.get("condition"))
        then = when.args.get("then")
        if isinstance(then, exp.Update):
            assigned += assignments(then.expressions, level)
        elif isinstance(then, exp.Insert):
            if then.expression is None:
                raise Strange  # INSERT DEFAULT VALUES
            if isinstance(then.this, exp.Tuple):
                columns += [named(c.this) for c in then.this.expressions if isinstance(c, exp.Column)]
            level.visit(then.expression)
    return Naming(returning(tree, level), columns=tuple(dict.fromkeys(columns)) or None, assigned=tuple(assigned))


def returning(tree: Any, level: Level) -> Scope:
    """The scope of a statement, with what RETURNING gives back and uses; `old` and `new` are rows there."""
    found = tree.args.get("returning")
    outputs = level.outputs(found.expressions) if found is not None else ()
    before = dict(level.used)
    level.visit(found)
    level.used = {k: None for k in level.used if k in before or k[0] not in ("old", "new")}
    return level.scope(outputs)


def assignments(nodes: Iterable[Any], level: Level) -> Iterator[tuple[str, Cell]]:
    """The columns of SET, with what they get; notes the columns that stand in that."""
    for node in nodes:
        if not isinstance(node, exp.EQ):
            raise Strange
        left, right = node.this, node.expression
        level.visit(right)
        if not isinstance(left, exp.Tuple):
            yield target(left, right)
            continue
        wide = isinstance(right, exp.Tuple) and len(right.expressions) == len(left.expressions)
        for place, one in enumerate(left.expressions):
            yield target(one, right.expressions[place] if wide else None)


def target(left: Any, right: Any) -> tuple[str, Cell]:
    """One column of SET. `a.b = …` sets a part of a composite column, `a[1] = …` one of an array."""
    if isinstance(left, exp.Bracket):
        while isinstance(left, exp.Bracket):
            left = left.this
        return target(left, None)[0], PART
    if not isinstance(left, exp.Column) or left.args.get("db") is not None:
        raise Strange
    whole = left.args.get("table")
    return (named(whole), PART) if whole is not None else (named(left.this), cell_of(right))


def cell_of(node: Any) -> Cell:
    """What a column is given."""
    if isinstance(node, exp.Literal):
        return Cell(str(node.this)) if is_string(node) else OTHER
    word = node.this if isinstance(node, exp.Var) else None
    if isinstance(node, exp.Column) and node.args.get("table") is None and not node.this.args.get("quoted"):
        word = node.this.this
    return DEFAULT if str(word).upper() == "DEFAULT" else OTHER


def inserted(tree: Any, known: Queries) -> Naming:
    """INSERT."""
    level = Level(tree, known)
    table, columns = tree.this, None
    if isinstance(table, exp.Schema):
        columns = tuple(named(c) for c in table.expressions)
        table = table.this
    level.source(table)
    values, source = tree.expression, None
    rows: tuple[tuple[Cell, ...], ...] = ()
    if isinstance(values, exp.Values):
        if not all(isinstance(row, exp.Tuple) for row in values.expressions):
            raise Strange
        rows = tuple(tuple(map(cell_of, row.expressions)) for row in values.expressions[:MOST_ROWS])
        apart = Level(values, level.known)
        apart.visit(values.expressions)
        level.apart.append(apart.scope(None))
    elif values is not None:
        source = query(values, level.known)
        level.apart.append(source)
    conflict = tree.args.get("conflict")
    made = conflicting(conflict, level) if conflict is not None else Naming(None)
    return replace(made, scope=returning(tree, level), columns=columns, rows=rows, source=source)


def conflicting(conflict: Any, level: Level) -> Naming:
    """ON CONFLICT, which sees the row that was to be inserted as `excluded`."""
    inner = Level(conflict, level.known)
    inner.given += [level.given[0], Given("excluded", level.given[0].relation)]
    inner.visit(conflict.args.get("where"))
    assigned = tuple(assignments(conflict.expressions, inner))
    level.apart.append(inner.scope(None))
    keys = [k.this if isinstance(k, exp.Ordered) else k for k in conflict.args.get("conflict_keys") or ()]
    level.visit(keys)
    level.visit(conflict.args.get("index_predicate"))
    whole = all(isinstance(k, exp.Column) and k.args.get("table") is None for k in keys)
    constraint = conflict.args.get("constraint")
    return Naming(
        None,
        assigned=assigned,
        conflict=tuple(named(k.this) for k in keys) if whole else (),
        conflict_where=conflict.args.get("index_predicate") is not None,
        constraint=named(constraint) if constraint is not None else None,
    )
