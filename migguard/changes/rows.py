"""What a statement reads, which rows it works on, and what it does to them."""

from __future__ import annotations

from migguard.changes.names import Condition, Expression, Name
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT (or what feeds an INSERT, a view, a CREATE TABLE AS), as far as the tree tells.

    `relations` are read whole or in part, `locked` those under FOR UPDATE/SHARE (`lock_strength` as written),
    `columns` the output names (None where unknown or `*`), `filtered` says that there is a WHERE or LIMIT on it.
    `columns_used` are (relation or None, column) pairs for dependency tracking. `distinct` is DISTINCT,
    `grouped` that and GROUP BY in any part of it. `constant` is true if no relation is read at all.
    """

    text: str
    relations: tuple[Name, ...] = ()
    columns: tuple[str | None, ...] = ()
    columns_used: tuple[tuple[str | None, str], ...] = ()
    functions: tuple[str, ...] = ()
    star: bool = False
    filtered: bool = False
    distinct: bool = False
    grouped: bool = False
    locked: tuple[Name, ...] = ()
    lock_strength: str | None = None
    readable: bool = True
    strings: tuple[str, ...] = ()  # the string literals in it
    scope: Scope | None = None  # None where it was not read for its names


@dataclass(frozen=True, slots=True)
class Given:
    """What FROM gives a query: a relation, or what another query gives back; neither where nothing is known of it.

    `alias` is what it goes by. `renamed` are the names of its first columns, as in `FROM t AS a (x, y)`.
    """

    alias: str | None
    relation: Name | None = None
    rows: Scope | None = None
    renamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """One level of a query, or a statement over rows: which names it uses, and what they can mean.

    `used` are (qualifier or None, column). `outputs` are (None, name), (None, None) for a column of another name, or
    (alias or None, "*"); None where they cannot be told. `inner` are queries that see what this one is given, `apart`
    those that see only what the ones around it are. `compared` are (qualifier or None, column, string literal).
    """

    given: tuple[Given, ...] = ()
    used: tuple[tuple[str | None, str], ...] = ()
    outputs: tuple[tuple[str | None, str | None], ...] | None = None
    inner: tuple[Scope, ...] = ()
    apart: tuple[Scope, ...] = ()
    compared: tuple[tuple[str | None, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column is given: a string literal's text, DEFAULT, or something else. `part`: only one element of it."""

    text: str | None = None
    default: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Naming:
    """The names that a statement over rows uses. `scope` is its own, with those of its queries inside.

    For INSERT `columns` are those it names (None where it names none), `rows` what VALUES gives them (at most a
    hundred), `source` the query that gives them instead. `assigned` are those of SET. `conflict` are the columns of ON
    CONFLICT, where these are all of it, with `conflict_where` for its predicate; `constraint` is ON CONSTRAINT.
    """

    scope: Scope | None
    columns: tuple[str, ...] | None = None
    rows: tuple[tuple[Cell, ...], ...] = ()
    source: Scope | None = None
    assigned: tuple[tuple[str, Cell], ...] = ()
    conflict: tuple[str, ...] = ()
    conflict_where: bool = False
    constraint: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What rows come from: a relation, or a query (`rows`); neither for VALUES and functions, which give few."""

    alias: str | None = None
    relation: Name | None = None
    rows: Selection | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows a statement works on, as far as its shape tells; the target of UPDATE and DELETE is the first source.

    Columns are (alias or None, name). `conditions` compare one with what is the same for all rows; `equal` are
    directed: few rows on the left mean few on the right, if the right column is a key. `members` are columns that must
    be among a query's rows. `limited` is LIMIT.
    """

    sources: tuple[Source, ...] = ()
    conditions: tuple[tuple[str | None, Condition], ...] = ()
    equal: tuple[tuple[tuple[str | None, str], tuple[str | None, str]], ...] = ()
    members: tuple[tuple[str | None, str, Selection], ...] = ()
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE of one table; `along` are the others of the same statement."""

    table: Name
    cascade: bool = False
    only: bool = False
    along: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT, REPLACE, COPY … FROM. `query` where rows come from a SELECT; `rows` counts VALUES (None if unknown)."""

    table: Name
    columns: tuple[str, ...] = ()
    query: Query | None = None
    rows: int | None = None
    values: tuple[tuple[str | None, ...], ...] = ()  # constant cells; None where not a constant
    on_conflict: bool = False
    returning: bool = False
    replace: bool = False
    rows_of: Selection | None = None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE. `assignments` are (column, expression); `where` None is every row; `others` the relations also read."""

    table: Name
    assignments: tuple[tuple[str, Expression], ...] = ()
    where: Expression | None = None
    others: tuple[Name, ...] = ()
    limited: bool = False
    returning: bool = False
    rows_of: Selection | None = None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE."""

    table: Name
    where: Expression | None = None
    others: tuple[Name, ...] = ()
    limited: bool = False
    returning: bool = False
    rows_of: Selection | None = None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """MERGE INTO."""

    table: Name
    others: tuple[Name, ...] = ()
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT, VALUES, TABLE, SHOW, EXPLAIN, COPY … TO, PRAGMA that reads."""

    query: Query
