"""DO blocks and the bodies of functions that a script calls, run statement by statement.

Conditions that ask about the schema are answered from the catalog, as a script's own questions are. What stands under
any other condition, or in a loop, may run: it is looked at, and the schema is taken to be what running it gives; what
the server would refuse there is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field, replace

from migguard.catalog.foreseen import foreseen
from migguard.catalog.lookup import function_key
from migguard.catalog.schema import Catalog, Refusal, RefusalKind
from migguard.catalog.together import together
from migguard.changes import (
    AddColumn,
    Attempt,
    Change,
    Choice,
    CreateIndex,
    CreateSequence,
    CreateTable,
    CreateView,
    Engine,
    Execute,
    Inside,
    Name,
    Nothing,
    Opaque,
    Part,
    Query,
    RenameColumn,
    RenameTable,
    Repeat,
    Select,
    Stop,
    TransactionControl,
    Unknown,
)
from migguard.records import dataclass
from migguard.trace import Statement, Step

MOST_CALLS = 8
"""How deep functions that call each other are followed."""

Ask = Callable[[Catalog, str], bool | None]
"""Whether a condition holds on a schema; None where that cannot be told."""

Rows = Callable[[Catalog, str], list[dict[str, object]] | None]
"""The rows of a query about the schema; None where they cannot be told."""

MOST_ROUNDS = 100
"""How many rounds of a loop over such rows are taken one by one."""


def opened(catalog: Catalog, change: Change) -> Change:
    """A call with the body of the function that it runs, as far as the catalog knows it."""
    if catalog.server.engine is not Engine.POSTGRESQL or not catalog.functions:
        return change
    if isinstance(change, Opaque) and change.calls and not change.inside:
        return called(catalog, change)
    if isinstance(change, Select) and change.query.functions:
        names = tuple(n for f in change.query.functions if function_key(catalog, n := Name(f)) is not None)
        made = called(catalog, Opaque(f"call of {names[0]}()", change.query.text, calls=names)) if names else None
        if made is not None and changes_something(made):
            return replace(made, inside=(Repeat(made.inside),), conditional=True) if reads(change.query) else made
    return change


def reads(query: Query) -> bool:
    """Whether a query calls its functions once for each row of something."""
    return bool(query.relations)


def changes_something(change: Opaque) -> bool:
    """Whether a body does more than to read."""
    from migguard.sql.postgresql_plpgsql import flat

    return not change.complete or any(
        not isinstance(c, (Select, Nothing)) for part in flat(change.inside) for c in part.changes
    )


def called(catalog: Catalog, change: Opaque) -> Opaque:
    """A call with the bodies of all functions that it runs; not complete where one of them cannot be read."""
    from migguard.sql.postgresql_bodies import read_routine
    from migguard.sql.postgresql_plpgsql import conditional

    inside: tuple[Part, ...] = ()
    complete, doubtful = True, False
    for name in change.calls:
        key = function_key(catalog, name)
        found = catalog.functions[key] if key is not None else ()
        body = read_routine(found[0].language, found[0].body, catalog.server.engine) if len(found) == 1 else None
        if body is None:
            complete = False
            doubtful = doubtful or bool(found)
            continue
        inside += body.parts
        complete, doubtful = complete and body.complete, doubtful or body.doubtful
    return replace(change, inside=inside, complete=complete, doubtful=doubtful, conditional=conditional(inside))


@dataclass(slots=True)
class Unfolding:
    """What a block does when it runs. `steps` are its statements' steps, in order."""

    outer: Statement
    catalog: Catalog
    ask: Ask
    rows: Rows
    steps: list[Step] = field(default_factory=list)
    refusal: Refusal | None = None
    depth: int = 0
    values: dict[str, str] = field(default_factory=dict)
    unresolved: bool = False
    doubtful: bool = False

    def run(self, parts: tuple[Part, ...], *, certain: bool = True, caught: bool = False) -> bool:
        """Run a body. False where it ended by RETURN, or by an error that a handler is waiting for (`caught`)."""
        for part in parts:
            match part:
                case Inside():
                    if not self.statement(part, certain=certain, caught=caught):
                        return False
                case Stop():
                    return False
                case Execute():
                    if not self.execute(part, certain=certain, caught=caught):
                        return False
                case Repeat():
                    if not self.repeat(part, certain=certain, caught=caught):
                        return False
                case Choice():
                    goes_on, certain = self.choose(part, certain=certain, caught=caught)
                    if not goes_on:
                        return False
                case Attempt():
                    if not self.attempt(part, certain=certain, caught=caught):
                        return False
        return True

    def repeat(self, part: Repeat, *, certain: bool, caught: bool) -> bool:
        """A loop: round by round over rows that the schema tells, else once, as what may run."""
        rows = self.rows(self.catalog, part.query) if part.query is not None else None
        if rows is None or part.target is None or len(rows) > MOST_ROUNDS:
            self.run(part.parts, certain=False)
            return True
        outside = dict(self.values)
        for row in rows:
            told = {f"{part.target}.{k}": str(v) for k, v in row.items() if v is not None}
            if len(row) == 1 and told:
                told[part.target] = next(iter(told.values()))
            self.values = outside | told
            if not self.run(part.parts, certain=certain, caught=caught):
                return False
        self.values = outside
        return True

    def execute(self, part: Execute, *, certain: bool, caught: bool) -> bool:
        """EXECUTE of a text made now; where that cannot be told, the block is not all seen."""
        from migguard.sql.read import read_one

        held = dict(part.held)
        pieces = part.template.split("\0")
        for place in range(1, len(pieces), 2):
            value = self.values.get(pieces[place])
            if value is None and pieces[place] in held:
                found = self.rows(self.catalog, f"SELECT {held[pieces[place]]} AS held")
                value = str(found[0]["held"]) if found and found[0]["held"] is not None else None
            if value is None:
                self.unresolved, self.doubtful = True, self.doubtful or part.doubtful
                return True
            quote = pieces[place - 1][-1:] if pieces[place + 1][:1] in ('"', "'") else ""
            pieces[place] = value.replace(quote, quote * 2) if quote in ('"', "'") else value
        text = "".join(pieces)
        changes = read_one(text, self.catalog.server.engine)
        if any(isinstance(c, Unknown) for c in changes):
            self.unresolved = self.doubtful = True
            return True
        return self.statement(Inside(text, changes), certain=certain, caught=caught)

    def choose(self, part: Choice, *, certain: bool, caught: bool) -> tuple[bool, bool]:
        """Run the arm whose condition holds, or each that may run; whether it goes on, and whether that is certain."""
        told = True
        for condition, arm in part.arms:
            holds = True if condition is None else self.ask(self.catalog, condition)
            if holds is False:
                continue
            goes_on = self.run(arm, certain=certain and told and holds is True, caught=caught)
            if told and holds is True:
                return goes_on, certain
            told = False
            certain = certain and goes_on
        return True, certain

    def attempt(self, part: Attempt, *, certain: bool, caught: bool) -> bool:
        """A block with handlers: an error takes back what it did, and the handler for it runs."""
        start, known = self.catalog, len(self.steps)
        self.refusal, earlier = None, self.refusal
        goes_on = self.run(part.parts, certain=certain, caught=True)
        raised, self.refusal = self.refusal, earlier
        if raised is not None:
            failed = self.steps[-1]
            handler = next((body for names, body in part.handlers if handles(names, failed)), None)
            if handler is None:
                self.refusal = self.refusal or raised
                return not caught
            del self.steps[known:]
            self.catalog = start
            return self.run(handler, certain=True, caught=caught)
        after = self.catalog
        for names, handler in part.handlers:
            if not all(schematic(n) for n in names):
                self.run(handler, certain=False)
                self.catalog = after
        return goes_on

    def statement(self, part: Inside, *, certain: bool, caught: bool) -> bool:
        """Run one statement; False where the server refuses it and a handler is waiting."""
        outer = self.outer
        # a block is one transaction even in autocommit, so what cannot run in one cannot run here
        inner = Statement(part.sql, outer.origin, outer.transaction, False, None, 1, outer.certainty, index=outer.index)
        for change in together(self.catalog, part.changes):
            if isinstance(change, TransactionControl):
                self.steps.append(Step(inner, change, self.catalog, self.catalog))
                inner.steps.append(self.steps[-1])
                continue
            change = opened(self.catalog, change)
            self.catalog, made = foreseen(self.catalog, change)
            if made.refusal is not None and not certain:
                continue
            step = Step(
                inner, change, self.catalog, made.catalog, made.refusal, made.verified and certain, made.cascaded
            )
            inner.steps.append(step)
            self.steps.append(step)
            self.catalog = made.catalog
            if made.refusal is not None:
                self.refusal = self.refusal or made.refusal
                if caught:
                    return False
            if isinstance(change, Opaque) and self.depth < MOST_CALLS:
                self.depth += 1
                self.run(change.inside, certain=certain, caught=caught)
                self.depth -= 1
        return True


def handles(names: tuple[str, ...], failed: Step) -> bool:
    """Whether a handler is for what the server says to a refused statement."""
    return "others" in names or "sqlstate" in names or any(n in names for n in conditions(failed))


def conditions(failed: Step) -> Iterator[str]:
    """The names that PostgreSQL may give to a refusal (src/backend/utils/errcodes.txt)."""
    refusal = failed.refusal
    match refusal.kind if refusal is not None else None:
        case RefusalKind.DUPLICATE:
            match failed.change:
                case CreateTable() | CreateIndex() | CreateView() | CreateSequence() | RenameTable():
                    yield "duplicate_table"
                case AddColumn() | RenameColumn():
                    yield "duplicate_column"
                case _:
                    yield from ("duplicate_object", "duplicate_table", "duplicate_schema", "duplicate_function")
                    yield from ("invalid_table_definition", "duplicate_alias", "unique_violation")
        case RefusalKind.UNKNOWN_RELATION | RefusalKind.UNKNOWN_INDEX:
            yield from ("undefined_table", "undefined_object")
        case RefusalKind.UNKNOWN_COLUMN:
            yield "undefined_column"
        case RefusalKind.UNKNOWN_SCHEMA:
            yield "invalid_schema_name"
        case RefusalKind.DEPENDENTS:
            yield "dependent_objects_still_exist"
        case RefusalKind.UNKNOWN_VALUE:
            yield from ("invalid_parameter_value", "invalid_text_representation")
        case RefusalKind.VERSION:
            yield from ("feature_not_supported", "syntax_error", "undefined_function", "undefined_object")
        case None:
            pass
        case _:
            yield from ("undefined_object", "undefined_table", "undefined_function", "undefined_column")
            yield from ("invalid_table_definition", "feature_not_supported", "wrong_object_type")


def schematic(name: str) -> bool:
    """Whether an error of that name follows from the schema alone, which the replay knows."""
    return name.startswith(("duplicate_", "undefined_", "invalid_schema_name", "invalid_table_definition"))
