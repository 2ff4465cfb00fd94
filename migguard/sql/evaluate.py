"""Answer a query over small tables in memory: what a script asks of the schema, or of rows it inserted itself."""

from __future__ import annotations

import decimal
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from migguard.changes import Engine, Name
from migguard.records import dataclass
from migguard.sql.joins import Members, conjuncts, demands
from migguard.sql.queries import default_name, folded, table_name
from migguard.sql.query_values import (
    ARITHMETIC,
    COMPARISONS,
    PURE,
    CannotEvaluate,
    at_zone,
    equal,
    like,
    literal,
    number,
    sortable,
    truth,
    unique,
)
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse

Row = dict[tuple[str, str], Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table's columns and rows. `guessed` says that its rows are not known, so that none are taken."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]] = ()
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """Column names and rows; `guessed` if it rests on a table whose rows are not known."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    guessed: bool = False


Source = Callable[[Name], Relation | None]
Function = Callable[[str, list[Any]], Any]


def evaluate(sql: str, parameters: Any, engine: Engine, source: Source, function: Function) -> Result:
    """The answer to a SELECT. Raises CannotEvaluate.

    `source` gives the relations; `function` the values of functions that ask the server, by name in lower case (it
    raises CannotEvaluate for one that it does not know).
    """
    try:
        tree = parse(sql, engine)
    except Unread as error:
        raise CannotEvaluate(str(error)) from None
    run = Run(engine, source, function, bound(parameters))
    try:
        columns, rows = run.query(tree, {})
    except (
        TypeError,
        ValueError,
        AttributeError,
        LookupError,
        RecursionError,
        ArithmeticError,
        decimal.InvalidOperation,
        re.error,
    ) as error:
        raise CannotEvaluate(f"{type(error).__name__}: {error}") from None
    return Result(tuple(columns), rows, run.guessed)


def bound(parameters: Any) -> Any:
    """Parameters by name, the names as the prepared text spells them; or in order."""
    if isinstance(parameters, Mapping):
        return {"".join(c if c.isalnum() else "_" for c in str(k)): v for k, v in parameters.items()}
    return list(parameters) if parameters is not None else []


AGGREGATES = {"count", "sum", "min", "max", "avg", "array_agg", "string_agg", "group_concat", "bool_or", "bool_and",
              "json_agg", "jsonb_agg", "any_value", "every", "logical_or", "logical_and"}  # fmt: skip


@dataclass(slots=True)
class Run:
    """One evaluation. `position` counts positional parameters as they are met."""

    engine: Engine
    source: Source
    function: Function
    parameters: Any
    guessed: bool = False
    position: int = 0
    ctes: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = field(default_factory=dict)
    tables: dict[Name, list[tuple[Any, ...]]] = field(default_factory=dict)
    kept: dict[int, Members] = field(default_factory=dict)

    # --- queries ---

    def query(self, tree: Any, outer: Row) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns and rows of a query node."""
        from sqlglot import exp

        with_ = tree.args.get("with") or tree.args.get("with_")
        for cte in with_.expressions if with_ is not None else ():
            names, rows = self.query(cte.this, outer)
            alias = cte.args["alias"]
            if alias.columns:
                names = [folded(c, self.engine) for c in alias.columns]
            self.ctes[folded(alias.this, self.engine)] = (names, rows)
        if isinstance(tree, (exp.Subquery, exp.Paren)):
            return self.query(tree.this, outer)
        if isinstance(tree, exp.SetOperation):
            return self.combined(tree, outer)
        if isinstance(tree, exp.Values):
            rows = [tuple(self.value(c, outer) for c in row.expressions) for row in tree.expressions]
            return [f"column{i + 1}" for i in range(len(rows[0]))], rows
        if isinstance(tree, exp.Select):
            return self.select(tree, outer)
        raise CannotEvaluate(type(tree).__name__)

    def combined(self, tree: Any, outer: Row) -> tuple[list[str], list[tuple[Any, ...]]]:
        """UNION, INTERSECT, EXCEPT."""
        from sqlglot import exp

        names, left = self.query(tree.this, outer)
        _, right = self.query(tree.expression, outer)
        distinct = tree.args.get("distinct", True)
        if isinstance(tree, exp.Union):
            rows = left + right
        elif isinstance(tree, exp.Intersect):
            rows = [r for r in left if r in right]
        else:
            rows = [r for r in left if r not in right]
        return names, unique(rows) if distinct else rows

    def select(self, tree: Any, outer: Row) -> tuple[list[str], list[tuple[Any, ...]]]:
        """SELECT."""
        from sqlglot import exp

        rows, layout = self.sources(tree, outer)
        where = tree.args.get("where")
        if where is not None:
            rows = [r for r in rows if self.value(where.this, r) == 1]
        outputs: list[tuple[str, Any]] = []
        for one in tree.expressions:
            if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star)):
                qualifier = folded(one.args["table"], self.engine) if one.args.get("table") else None
                outputs += [
                    (c, exp.column(c, table=t, quoted=True)) for t, cs in layout if qualifier in (None, t) for c in cs
                ]
            elif isinstance(one, exp.Alias):
                outputs.append((folded(one.args["alias"], self.engine), one.this))
            elif isinstance(one, exp.Column):
                outputs.append((folded(one.this, self.engine), one))
            else:
                outputs.append((default_name(one) or "?column?", one))
        group = tree.args.get("group")
        aggregated = group is not None or any(self.has_aggregate(e) for _, e in outputs)
        names = [n for n, _ in outputs]
        pairs: list[tuple[Row, tuple[Any, ...]]] = []
        if aggregated:
            keys = list(group.expressions) if group is not None else []
            buckets: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): rows}
            for row in rows if keys else ():
                buckets.setdefault(tuple(self.value(self.position_of(k, outputs), row) for k in keys), []).append(row)
            having = tree.args.get("having")
            for members in buckets.values():
                first = members[0] if members else dict(outer)
                if having is None or self.aggregate(having.this, members, first) is True:
                    pairs.append((first, tuple(self.aggregate(e, members, first) for _, e in outputs)))
        else:
            outputs, rows = self.unfolded(outputs, rows)
            pairs = [(r, tuple(self.value(e, r) for _, e in outputs)) for r in rows]
        return names, self.arranged(tree, pairs, names, outputs)

    def unfolded(self, outputs: list[tuple[str, Any]], rows: list[Row]) -> tuple[list[tuple[str, Any]], list[Row]]:
        """The outputs and the rows with a row for each value that unnest() among the outputs gives."""
        from sqlglot import exp

        found = next((i for i, (_, e) in enumerate(outputs) if e.find(exp.Explode) is not None), None)
        if found is None:
            return outputs, rows
        name, whole = outputs[found][0], outputs[found][1].copy()
        inner = whole.find(exp.Explode)
        many = [r | {("", "unnest()"): v} for r in rows for v in self.value(inner.this, r) or ()]
        one = exp.column("unnest()", quoted=True)
        made = one if inner is whole else whole
        if inner is not whole:
            inner.replace(one)
        shown = "unnest" if name == "?column?" or (inner is whole and name == "explode") else name
        return [*outputs[:found], (shown, made), *outputs[found + 1 :]], many

    def position_of(self, key: Any, outputs: list[tuple[str, Any]]) -> Any:
        """An output that is meant by its number or name."""
        from sqlglot import exp

        if isinstance(key, exp.Literal) and not key.is_string:
            return outputs[int(key.this) - 1][1]
        return key

    def arranged(
        self, tree: Any, pairs: list[tuple[Row, tuple[Any, ...]]], names: list[str], outputs: list[tuple[str, Any]]
    ) -> list[tuple[Any, ...]]:
        """DISTINCT, ORDER BY, OFFSET and LIMIT."""
        from sqlglot import exp

        order = tree.args.get("order")
        for key in reversed(order.expressions) if order is not None else ():
            wanted = self.position_of(key.this, outputs)
            place = None
            if isinstance(wanted, exp.Column) and not wanted.args.get("table"):
                name = folded(wanted.this, self.engine)
                place = names.index(name) if name in names else None
            pairs.sort(
                key=lambda p: sortable(p[1][place] if place is not None else self.value(wanted, p[0])),
                reverse=bool(key.args.get("desc")),
            )
        rows = [values for _, values in pairs]
        if tree.args.get("distinct"):
            rows = unique(rows)
        offset, limit = tree.args.get("offset"), tree.args.get("limit")
        if offset is not None:
            rows = rows[int(self.value(offset.expression, {})) :]
        if limit is not None:
            count = limit.args.get("expression") or limit.args.get("count")
            amount = self.value(count, {}) if count is not None else 1
            rows = rows if amount is None else rows[: int(amount)]
        return rows

    # --- FROM ---

    def sources(self, tree: Any, outer: Row) -> tuple[list[Row], list[tuple[str, list[str]]]]:
        """The joined rows of FROM, and the aliases with their columns."""
        rows: list[Row] = [dict(outer)]
        layout: list[tuple[str, list[str]]] = []
        from_ = tree.args.get("from") or tree.args.get("from_")
        where = tree.args.get("where")
        wanted = where.this if where is not None else None
        if from_ is not None:
            rows = self.joined(rows, from_.this, None, "", layout, wanted=wanted)
        for join in tree.args.get("joins") or ():
            side = (join.args.get("side") or "").upper()
            condition = join.args.get("on")
            using = join.args.get("using")
            rows = self.joined(rows, join.this, condition, side, layout, using, wanted)
        for lateral in tree.args.get("laterals") or ():
            rows = self.joined(rows, lateral, None, "", layout)
        return rows, layout

    def joined(
        self,
        rows: list[Row],
        node: Any,
        condition: Any,
        side: str,
        layout: list[tuple[str, list[str]]],
        using: Any = None,
        wanted: Any = None,
    ) -> list[Row]:
        """Rows joined with one more relation; of an inner join, those that `wanted` may let through will do."""
        if side in ("RIGHT", "FULL"):
            raise CannotEvaluate(f"{side} JOIN")
        alias, columns, more = self.relation(node, rows[0] if rows else {}, needed=bool(rows))
        earlier = [a for a, _ in layout]
        layout.append((alias, columns))
        shared = [folded(u, self.engine) for u in using] if using else []
        there = {a for a, _ in rows[0]} if rows else set()
        asked = itertools.chain(conjuncts(condition), conjuncts(wanted) if not side else ())
        demand = next(demands(asked, alias, columns, there - {alias}, self.engine), None)
        members = self.members(more)
        found: list[Row] = []
        for row in rows:
            matched = False
            for values in more if demand is None else members.having(demand.place, self.value(demand.other, row)):
                both = row | {(alias, c): v for c, v in zip(columns, values, strict=True)}
                if all(any(row.get((a, c)) == both[(alias, c)] for a in earlier) for c in shared) and (
                    condition is None or self.value(condition, both) is True
                ):
                    found.append(both)
                    matched = True
            if not matched and side == "LEFT":
                found.append(row | {(alias, c): None for c in columns})
        for inner in node.args.get("joins") or ():
            found = self.joined(found, inner.this, inner.args.get("on"), (inner.args.get("side") or "").upper(), layout)
        return found

    def members(self, rows: list[tuple[Any, ...]]) -> Members:
        """The rows of a relation by their values, kept with them for the next time that they are asked for.

        What is kept holds the rows, so that no others come to have their identity.
        """
        kept = self.kept.get(id(rows))
        if kept is None:
            kept = self.kept[id(rows)] = Members(rows)
        return kept

    def relation(self, node: Any, outer: Row, *, needed: bool = True) -> tuple[str, list[str], list[tuple[Any, ...]]]:
        """The alias, columns and rows of a member of FROM; the rows only where they are needed."""
        from sqlglot import exp

        alias_node = node.args.get("alias")
        alias = folded(alias_node.this, self.engine) if alias_node is not None and alias_node.this is not None else None
        if isinstance(node, exp.Table):
            name = table_name(node, self.engine)
            if name is not None:
                if name.schema is None and name.name in self.ctes:
                    columns, rows = self.ctes[name.name]
                    return alias or name.name, list(columns), rows
                there = self.source(name)
                if there is None:
                    raise CannotEvaluate(f"the relation {name}")
                self.guessed = self.guessed or there.guessed
                if needed and name not in self.tables:
                    self.tables[name] = [tuple(r.get(c) for c in there.columns) for r in there.rows]
                return alias or name.name, list(there.columns), self.tables[name] if needed else []
            return self.set_function(node.this, alias, alias_node, outer)
        if isinstance(node, exp.Subquery):
            columns, rows = self.query(node.this, outer)
            if alias_node is not None and alias_node.columns:
                columns = [folded(c, self.engine) for c in alias_node.columns]
            return alias or "", columns, rows
        return self.set_function(node.this if isinstance(node, exp.Lateral) else node, alias, alias_node, outer)

    def set_function(
        self, node: Any, alias: str | None, alias_node: Any, outer: Row
    ) -> tuple[str, list[str], list[tuple[Any, ...]]]:
        """unnest() and generate_series() in FROM."""
        from sqlglot import exp

        named = (
            [folded(c, self.engine) for c in alias_node.columns]
            if alias_node is not None and alias_node.columns
            else []
        )
        if isinstance(node, exp.Unnest):
            values = self.value(node.expressions[0], outer) or []
            if isinstance(alias_node, exp.TableAlias) and not named and alias:
                named = [alias]
            return alias or "unnest", named or ["unnest"], [(v,) for v in values]
        if isinstance(node, exp.GenerateSeries):
            low, high = self.value(node.args["start"], outer), self.value(node.args["end"], outer)
            return (
                alias or "generate_series",
                named or [alias or "generate_series"],
                [(i,) for i in range(low, high + 1)],
            )
        raise CannotEvaluate(type(node).__name__)

    # --- values ---

    def has_aggregate(self, node: Any) -> bool:
        """Whether an output is computed over rows together."""
        from sqlglot import exp

        for part in node.walk():
            if isinstance(part, exp.AggFunc) and not isinstance(part.parent, exp.Window):
                return True
            if isinstance(part, exp.Anonymous) and str(part.this).lower() in AGGREGATES:
                return True
            if isinstance(part, exp.Subqueryable if hasattr(exp, "Subqueryable") else exp.Query) and part is not node:
                return False
        return False

    def aggregate(self, node: Any, rows: list[Row], first: Row) -> Any:
        """A value over rows together."""
        from sqlglot import exp

        name = (
            str(node.this).lower()
            if isinstance(node, exp.Anonymous)
            else node.sql_name().lower()
            if isinstance(node, exp.Func)
            else ""
        )
        if isinstance(node, exp.AggFunc) or name in AGGREGATES:
            return self.aggregated(node, name, rows)
        if not self.has_aggregate(node):
            return self.value(node, first) if rows or first else self.constant(node)
        clone = node.copy()
        for part in list(clone.find_all(exp.AggFunc)):
            made = literal(self.aggregated(part, part.sql_name().lower(), rows))
            if part is clone:
                return self.value(made, first)
            part.replace(made)
        return self.value(clone, first)

    def constant(self, node: Any) -> Any:
        """A value that needs no row; NULL for one that does."""
        from sqlglot import exp

        return None if any(True for _ in node.find_all(exp.Column)) else self.value(node, {})

    def aggregated(self, node: Any, name: str, rows: list[Row]) -> Any:
        """One aggregate function."""
        from sqlglot import exp

        argument = node.expressions[0] if isinstance(node, exp.Anonymous) and node.expressions else node.this
        if name == "count" and (argument is None or isinstance(argument, exp.Star)):
            return len(rows)
        distinct = isinstance(argument, exp.Distinct)
        inner = argument.expressions[0] if distinct else argument
        if isinstance(inner, exp.Order):
            inner = inner.this
        values = [v for r in rows if (v := self.value(inner, r)) is not None]
        if distinct:
            values = list(dict.fromkeys(values))
        if name == "count":
            return len(values)
        if not values:
            return None
        match name:
            case "sum":
                return sum(values)
            case "min":
                return min(values)
            case "max":
                return max(values)
            case "avg":
                return sum(values) / len(values)
            case "array_agg" | "json_agg" | "jsonb_agg" | "json_array_agg" | "array_aggregate":
                return values
            case "bool_or" | "logical_or":
                return any(values)
            case "bool_and" | "every" | "logical_and":
                return all(values)
            case "string_agg" | "group_concat":
                separator = node.args.get("separator")
                return (self.value(separator, {}) if separator is not None else ",").join(str(v) for v in values)
            case _:
                raise CannotEvaluate(name)

    def value(self, node: Any, row: Row) -> Any:
        """The value of an expression on a row."""
        if node.args.get("negate"):  # newer sqlglot writes IS NOT and NOT LIKE so
            plain = node.copy()
            plain.set("negate", None)
            found = truth(self.value(plain, row))
            return None if found is None else not found
        from sqlglot import exp

        match node:
            case exp.Null():
                return None
            case exp.Boolean():
                return bool(node.this)
            case exp.Literal():
                return str(node.this) if node.is_string else number(str(node.this))
            case exp.Paren() | exp.Alias():
                return self.value(node.this, row)
            case exp.Column():
                return self.column(node, row)
            case exp.Placeholder() | exp.Parameter():
                return self.parameter(node)
            case exp.Neg():
                return -self.value(node.this, row)
            case exp.And():
                a, b = truth(self.value(node.this, row)), truth(self.value(node.expression, row))
                return False if a is False or b is False else None if a is None or b is None else True
            case exp.Or():
                a, b = truth(self.value(node.this, row)), truth(self.value(node.expression, row))
                return True if a is True or b is True else None if a is None or b is None else False
            case exp.Not():
                a = truth(self.value(node.this, row))
                return None if a is None else not a
            case exp.Is():
                a = self.value(node.this, row)
                b = None if isinstance(node.expression, exp.Null) else self.value(node.expression, row)
                return a is None if b is None else a == b
            case exp.NullSafeEQ() | exp.NullSafeNEQ():
                same = self.value(node.this, row) == self.value(node.expression, row)
                return same if isinstance(node, exp.NullSafeEQ) else not same
            case exp.AtTimeZone():
                return at_zone(self.value(node.args["zone"], row), self.value(node.this, row))
            case exp.In():
                return self.member(node, row)
            case exp.Between():
                a = self.value(node.this, row)
                return (
                    None if a is None else self.value(node.args["low"], row) <= a <= self.value(node.args["high"], row)
                )
            case exp.Exists():
                return bool(self.query(node.this, row)[1])
            case exp.Subquery() | exp.Select() | exp.SetOperation():
                rows = self.query(node, row)[1]
                return rows[0][0] if rows else None
            case exp.Case():
                return self.case(node, row)
            case exp.Cast():
                return self.cast(node, row)
            case exp.Array():
                if len(node.expressions) == 1 and isinstance(node.expressions[0], (exp.Select, exp.Subquery)):
                    return [r[0] for r in self.query(node.expressions[0], row)[1]]
                return [self.value(e, row) for e in node.expressions]
            case exp.Tuple():
                return tuple(self.value(e, row) for e in node.expressions)
            case exp.Bracket():
                values, index = self.value(node.this, row), self.value(node.expressions[0], row)
                return values[index] if values and 0 <= index < len(values) else None
            case exp.Any() | exp.All():
                return self.value(node.this, row)
            case exp.Collate() | exp.AtTimeZone():
                return self.value(node.this, row)
            case exp.Distinct():
                return self.value(node.expressions[0], row)
            case _:
                return self.operation(node, row)

    def column(self, node: Any, row: Row) -> Any:
        """A column of the row, by its alias or the only one that has it."""
        name = folded(node.this, self.engine)
        qualifier = node.args.get("table")
        if qualifier is not None:
            key = (folded(qualifier, self.engine), name)
            if key in row:
                return row[key]
            raise CannotEvaluate(f"the column {qualifier.name}.{name}")
        found = [
            v
            for (_, c), v in row.items()
            if c == name or (self.engine is not Engine.POSTGRESQL and c.lower() == name.lower())
        ]
        if found:
            return found[-1] if len(found) == 1 else found[0]
        if self.engine is not Engine.POSTGRESQL or name not in ("current_database", "current_schema"):
            raise CannotEvaluate(f"the column {name}")
        return self.function(name, [])

    def parameter(self, node: Any) -> Any:
        """A bound parameter."""
        name = node.name if hasattr(node, "name") else str(node.this)
        if isinstance(self.parameters, dict):
            if name in self.parameters:
                return self.parameters[name]
            raise CannotEvaluate(f"the parameter {name}")
        self.position += 1
        index = int(name) - 1 if name.isdigit() else self.position - 1
        if index < len(self.parameters):
            return self.parameters[index]
        raise CannotEvaluate("a parameter that was not given")

    def member(self, node: Any, row: Row) -> Any:
        """IN."""
        a = self.value(node.this, row)
        query = node.args.get("query")
        if query is not None:
            values = [r[0] for r in self.query(query, row)[1]]
        else:
            values = [self.value(e, row) for e in node.expressions]
            field_ = node.args.get("field") or node.args.get("unnest")
            if field_ is not None:
                values += list(self.value(field_, row) or ())
        flat = [x for v in values for x in (v if isinstance(v, (list, set, frozenset)) else [v])]
        return None if a is None else any(equal(a, v) for v in flat)

    def case(self, node: Any, row: Row) -> Any:
        """CASE."""
        subject = node.args.get("this")
        for branch in node.args["ifs"]:
            test = self.value(branch.this, row)
            if (subject is None and test is True) or (subject is not None and test == self.value(subject, row)):
                return self.value(branch.args["true"], row)
        default = node.args.get("default")
        return self.value(default, row) if default is not None else None

    def cast(self, node: Any, row: Row) -> Any:
        """CAST and `::`."""
        value = self.value(node.this, row)
        kind = node.args["to"].sql(dialect="postgres").lower()
        if value is None:
            return None
        if kind in ("regclass", "regtype", "regnamespace", "regproc"):
            return self.function(f"to_{kind}", [value])
        if isinstance(value, (list, tuple)):
            return value
        if kind.startswith(("int", "bigint", "smallint", "serial", "signed", "unsigned", "oid")):
            return int(value)
        if kind.startswith(("text", "varchar", "char", "name", "uuid", "nvarchar", "bpchar")):
            return str(value)
        if kind.startswith("bool"):
            return value if isinstance(value, bool) else str(value).lower() in ("t", "true", "1", "yes", "on")
        if kind.startswith(("decimal", "numeric", "double", "real", "float")):
            return float(value)
        return value

    def operation(self, node: Any, row: Row) -> Any:
        """Comparisons, arithmetic, text, and functions."""
        from sqlglot import exp

        if isinstance(node, (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)):
            return self.compared(node, row)
        if isinstance(node, (exp.Like, exp.ILike)):
            fold = isinstance(node, exp.ILike) or self.engine is not Engine.POSTGRESQL
            return like(self.value(node.this, row), self.value(node.expression, row), fold=fold)
        if isinstance(node, (exp.RegexpLike, exp.RegexpILike)):
            a, b = self.value(node.this, row), self.value(node.expression, row)
            flags = re.IGNORECASE if isinstance(node, exp.RegexpILike) else 0
            return None if a is None or b is None else re.search(b, str(a), flags) is not None
        if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe)):
            a, b = self.value(node.this, row), self.value(node.expression, row)
            if a is None or b is None:
                return None
            return ARITHMETIC[type(node).__name__](a, b)
        if isinstance(node, exp.Operator):
            return self.value(exp.EQ(this=node.this, expression=node.expression), row)
        name = (
            str(node.this).lower()
            if isinstance(node, exp.Anonymous)
            else node.sql_name().lower()
            if isinstance(node, exp.Func)
            else ""
        )
        if isinstance(node, exp.Dot):  # schema-qualified function
            return self.value(node.expression, row)
        if not name:
            raise CannotEvaluate(type(node).__name__)
        return self.call(name, node, row)

    def compared(self, node: Any, row: Row) -> Any:
        """A comparison, also with ANY and ALL."""
        from sqlglot import exp

        compare = COMPARISONS[type(node).__name__]
        a, b = self.value(node.this, row), self.value(node.expression, row)
        if a is None or b is None:
            return None
        if isinstance(node.expression, (exp.Any, exp.All)):
            tests = [compare(a, v) for v in b]
            return any(tests) if isinstance(node.expression, exp.Any) else all(tests)
        return compare(a, b)

    def call(self, name: str, node: Any, row: Row) -> Any:
        """A function: pure ones here, those that ask the server elsewhere."""
        from sqlglot import exp

        arguments: list[Any] = []
        nodes = list(node.expressions) if isinstance(node, exp.Anonymous) else [
            v for k in node.arg_types for v in as_list(node.args.get(k)) if hasattr(v, "walk")
        ]  # fmt: skip
        if name in ENUMS and nodes and isinstance(nodes[0], exp.Cast):
            return self.function(name, [nodes[0].args["to"].sql(), *(self.value(a, row) for a in nodes)])
        arguments = [self.value(a, row) for a in nodes]
        pure = PURE.get(name)
        if pure is not None:
            return pure(*arguments)
        return self.function(name, arguments)


ENUMS = frozenset({"enum_first", "enum_last", "enum_range"})
"""Functions that ask for the values of their argument's type."""


def as_list(value: Any) -> list[Any]:
    """A value as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
