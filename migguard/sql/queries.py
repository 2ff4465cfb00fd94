"""Read a query: which relations it reads, what it gives back, whether it is bounded."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from migguard.changes import Engine, Name, Query, Scope
from migguard.placeholders import is_placeholder
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse


@lru_cache(maxsize=2048)
def read_query(text: str, engine: Engine) -> Query:
    """What a SELECT, VALUES or TABLE reads. `readable` is false where its tree could not be had."""
    try:
        tree = parse(text, engine)
    except Unread:
        return Query(text, readable=False)
    return query_of(tree, text, engine, names=True)


def folded(identifier: Any, engine: Engine) -> str:
    """The name of an identifier node, folded as the engine does."""
    name = str(identifier.this if hasattr(identifier, "this") else identifier)
    quoted = bool(identifier.args.get("quoted")) if hasattr(identifier, "args") else False
    quoted = quoted or is_placeholder(name)
    if engine is Engine.POSTGRESQL:
        return name if quoted else name.lower()
    if engine is Engine.ORACLE:
        return name if quoted else name.upper()
    return name


def table_name(table: Any, engine: Engine) -> Name | None:
    """The name of a table node; None for a function or a subquery in FROM."""
    from sqlglot import exp

    if not isinstance(table.this, exp.Identifier):
        return None
    schema = table.args.get("db")
    return Name(folded(table.this, engine), folded(schema, engine) if schema is not None else None)


def query_of(tree: Any, text: str, engine: Engine, *, names: bool = False) -> Query:
    """A query node as a value; with `names` those that it uses, and what each can mean."""
    from sqlglot import exp

    ctes = {folded(c.args["alias"].this, engine) for c in tree.find_all(exp.CTE) if c.args.get("alias")}
    relations: dict[Name, None] = {}
    aliases: dict[str, Name] = {}
    for table in tree.find_all(exp.Table):
        name = table_name(table, engine)
        if name is None or (name.schema is None and name.name in ctes) or isinstance(table.parent, exp.Lock):
            continue
        relations[name] = None
        alias = table.args.get("alias")
        aliases[folded(alias.this, engine) if alias is not None and alias.this is not None else name.name] = name
    used: dict[tuple[str | None, str], None] = {}
    only = next(iter(relations)).name if len(relations) == 1 else None
    for column in tree.find_all(exp.Column):
        if isinstance(column.this, exp.Star):
            continue
        qualifier = column.args.get("table")
        owner = only
        if qualifier is not None:
            found = aliases.get(folded(qualifier, engine))
            owner = found.name if found is not None else None
        used[(owner, folded(column.this, engine))] = None
    outer = tree
    while isinstance(outer, (exp.Subquery, exp.Paren)):
        outer = outer.this
    locked, strength = row_locks(outer, list(relations), aliases, engine)
    return Query(
        text=text,
        relations=tuple(relations),
        columns=tuple(output_names(outer, engine)),
        columns_used=tuple(used),
        functions=function_names(tree),
        star=any(True for _ in outer.find_all(exp.Star)) and bool(stars(outer)),
        filtered=is_filtered(outer),
        distinct=of_values(outer),
        grouped=tree.find(exp.Distinct, exp.Group) is not None,
        locked=locked,
        lock_strength=strength,
        strings=tuple(dict.fromkeys(str(n.this) for n in tree.find_all(exp.Literal) if n.is_string)),
        scope=scope_in(tree, engine) if names else None,
    )


def of_values(tree: Any) -> bool:
    """Whether a query gives each row once; DISTINCT ON gives one for each value of something else."""
    from sqlglot import exp

    distinct = tree.args.get("distinct") if isinstance(tree, exp.Select) else None
    return distinct is not None and distinct.args.get("on") is None


def scope_in(tree: Any, engine: Engine) -> Scope | None:
    """The names that a query uses, where these can be looked up."""
    if engine is not Engine.POSTGRESQL:
        return None
    from migguard.sql.scopes import scope_of

    return scope_of(tree, engine)


def stars(tree: Any) -> list[Any]:
    """The `*` and `t.*` among the outputs."""
    from sqlglot import exp

    selects = getattr(tree, "selects", []) or []
    return [
        s for s in selects if isinstance(s, exp.Star) or (isinstance(s, exp.Column) and isinstance(s.this, exp.Star))
    ]


def output_names(tree: Any, engine: Engine) -> list[str | None]:
    """The names of the outputs, None for `*` and for what has no plain name."""
    from sqlglot import exp

    first = tree
    while isinstance(first, exp.SetOperation):
        first = first.this
    names: list[str | None] = []
    for one in getattr(first, "selects", []) or []:
        if isinstance(one, exp.Alias):
            names.append(folded(one.args["alias"], engine))
        elif isinstance(one, exp.Column) and not isinstance(one.this, exp.Star):
            names.append(folded(one.this, engine))
        elif isinstance(one, (exp.Star, exp.Column)):
            names.append(None)
        else:
            names.append(default_name(one))
    return names


def default_name(node: Any) -> str | None:
    """The name that PostgreSQL gives an output: that of the outermost function."""
    from sqlglot import exp

    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    if isinstance(node, exp.Func):
        return str(node.sql_name()).lower()
    if isinstance(node, exp.Column):
        return str(node.name)
    return "exists" if isinstance(node, exp.Exists) else None


def function_names(tree: Any) -> tuple[str, ...]:
    """The functions that are called, in lower case, as far as the tree names them."""
    from sqlglot import exp

    found: dict[str, None] = {}
    for node in tree.find_all(exp.Func):
        name = node.this if isinstance(node, exp.Anonymous) else node.sql_name()
        if not isinstance(node, (exp.And, exp.Or, exp.Cast, exp.Case)):
            found[str(name).lower()] = None
    return tuple(found)


def is_filtered(tree: Any) -> bool:
    """Whether a WHERE or LIMIT at the top bounds what is read."""
    from sqlglot import exp

    if isinstance(tree, exp.SetOperation):
        return is_filtered(tree.this) and is_filtered(tree.expression)
    limit = tree.args.get("limit") if hasattr(tree, "args") else None
    plain_limit = limit is not None and not tree.args.get("order") and not tree.args.get("group")
    where = tree.args.get("where") if hasattr(tree, "args") else None
    if where is not None and isinstance(where.this, exp.Boolean) and where.this.this:
        where = None
    return where is not None or plain_limit


def row_locks(
    tree: Any, relations: list[Name], aliases: dict[str, Name], engine: Engine
) -> tuple[tuple[Name, ...], str | None]:
    """The relations whose rows are locked, and how."""
    locks = tree.args.get("locks") if hasattr(tree, "args") else None
    if not locks:
        return (), None
    named: list[Name] = []
    for lock in locks:
        for one in lock.expressions or ():
            name = table_name(one, engine) if hasattr(one, "args") and "this" in one.args else None
            meant = aliases.get(name.name, name) if name is not None else None
            named += [r for r in relations if meant is not None and r.name == meant.name]
    return tuple(named or relations), "update" if locks[0].args.get("update") else "share"
