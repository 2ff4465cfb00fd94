"""Whether rows that an older CHECK lets in pass a new one, by trying what the parts of both can be.

A part after the other is tried, and given up as soon as no value of those that are left can make a difference.

A CHECK lets a row in unless it is false: a part with a NULL in it is neither true nor false.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt

from migguard.changes import Condition, Engine, Expression
from migguard.sql.propositions import Atom, Both, Either, Not, Proposition, proposition

MOST = 5_000
"""How many combinations of what the parts can be are tried, those of some parts alone included."""

Values = Mapping[str, bool | None]
Wish = set[bool | None]


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of every row: `given` conditions, and the columns that are NULL in all of them.

    `own` are the names of functions that may give a value for a NULL: the user's.
    """

    given: tuple[Condition, ...] = ()
    empty: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


def lets_in(olds: Iterable[Expression], new: Expression, rows: Rows, engine: Engine) -> bool:
    """Whether every row that passes the older checks passes the new one: one of them alone, or all together."""
    wanted = proposition(new.text, engine)
    if wanted is None:
        return False
    mine = atoms(wanted)
    known = [p for e in olds if (p := proposition(e.text, engine)) is not None]
    known = [p for p in known if any(related(a, mine) for a in atoms(p))]
    tries: list[list[Proposition]] = [[], *([p] for p in known), known]
    return any(follows_from(some, wanted, rows) for some in tries)


def selects_within(inner: Expression, outer: Expression, engine: Engine) -> bool:
    """Whether every row for which the inner condition is true is one for which the outer one is."""
    one, two = proposition(inner.text, engine), proposition(outer.text, engine)
    return one is not None and two is not None and Search([(two, {False, None}), (one, {True})], Rows()).fails()


def follows_from(olds: Iterable[Proposition], new: Proposition, rows: Rows) -> bool:
    """Whether the new condition is false of no row of which none of the old ones is: no part of it is by itself."""
    held = [part for one in olds for part in conjuncts(one)]
    return all(
        Search([(part, {False}), *((one, {True, None}) for one in near(part, held))], rows).fails()
        for part in conjuncts(new)
    )


def conjuncts(one: Proposition) -> list[Proposition]:
    """The conditions of which one is false where all of it is."""
    match one:
        case Both():
            return [p for part in one.parts for p in conjuncts(part)]
        case Not(part=Either() as inner):
            return [p for part in inner.parts for p in conjuncts(Not(part))]
        case _:
            return [one]


def near(new: Proposition, held: Sequence[Proposition]) -> list[Proposition]:
    """Those that speak of the columns of a condition, or of one that such a one speaks of, the nearest first."""
    found: list[Proposition] = []
    about, left = atoms(new), list(held)
    while more := [one for one in left if any(related(a, about) for a in atoms(one))]:
        found += more
        about = [a for one in more for a in atoms(one)]
        left = [one for one in left if one not in more]
    return found


class Search:
    """Looks for values of the parts of some conditions by which each is one of what is wished for it."""

    def __init__(self, wishes: Sequence[tuple[Proposition, Wish]], rows: Rows) -> None:
        self.wishes = wishes
        self.names = {a.text: a for one, _ in wishes for a in atoms(one)}
        self.fixed = {text: value for text, atom in self.names.items() for value in settled(atom, rows)}
        self.free = {t: choices(a) for t, a in together(self.names).items() if t not in self.fixed}
        both = [(a, b) for a in self.names.values() for b in self.names.values() if a is not b]
        self.pairs = [(a.text, b.text) for a, b in both if follows(a, b)]
        self.opposites = [(a.text, b.text) for a, b in both if opposite(a, b)]
        self.tried = 0

    def fails(self) -> bool:
        """Whether there are surely none; not where that is too much to try."""
        return self.found(self.fixed, list(self.free)) is False

    def found(self, values: Values, left: list[str]) -> bool | None:
        """Whether there are some among those that have these values already; None where that is too much to try."""
        self.tried += 1
        if self.tried > MOST:
            return None
        if not self.consistent(values) or not all(wish & self.outcomes(one, values) for one, wish in self.wishes):
            return False
        if not left:
            return True
        for value in self.free[left[0]]:
            found = self.found({**values, left[0]: value}, left[1:])
            if found is not False:
                return found
        return False

    def consistent(self, values: Values) -> bool:
        """Whether no part contradicts another, of those that have a value."""
        for a, b in self.pairs:
            if values.get(a) is True and values.get(b, True) is not True:
                return False
        for a, b in self.opposites:
            if values.get(a) is False and values.get(b, True) is not True:
                return False
        return possible(values, {text: self.names[text] for text in values})

    def outcomes(self, one: Proposition, values: Values) -> set[bool | None]:
        """What a condition can be yet, None for neither true nor false; perhaps some more."""
        match one:
            case Atom():
                return {values[one.text]} if one.text in values else set(self.free[one.text])
            case Not():
                return {None if inner is None else not inner for inner in self.outcomes(one.part, values)}
            case Both() | Either():
                ends = isinstance(one, Either)  # what one part alone makes the whole
                parts = [self.outcomes(part, values) for part in one.parts]
                found: set[bool | None] = {ends} if any(ends in part for part in parts) else set()
                if all((not ends) in part for part in parts):
                    found.add(not ends)
                if any(None in part for part in parts) and all(part - {ends} for part in parts):
                    found.add(None)
                return found


def together(names: Mapping[str, Atom]) -> dict[str, Atom]:
    """The parts, those of one column behind each other: what contradicts another does so at once."""
    left, found = dict(names), dict[str, Atom]()
    for text, atom in names.items():
        if text in left:
            same = {t: a for t, a in left.items() if t == text or related(a, [atom])}
            found.update(same)
            left = {t: a for t, a in left.items() if t not in same}
    return found


def atoms(one: Proposition) -> list[Atom]:
    """The parts of a condition."""
    match one:
        case Atom():
            return [one]
        case Not():
            return atoms(one.part)
        case Both() | Either():
            return [a for part in one.parts for a in atoms(part)]


def single(atom: Atom) -> Condition | None:
    """The comparison that a part is, where it is one that was understood."""
    conditions = atom.expression.conditions
    return conditions[0] if atom.expression.conjunctive and len(conditions) == 1 else None


def choices(atom: Atom) -> tuple[bool | None, ...]:
    """What a part can be: IS NULL is true or false, all else may be neither."""
    condition = single(atom)
    asked = condition is not None and condition.operator in ("is null", "is not null")
    return (True, False) if asked else (True, False, None)


def settled(atom: Atom, rows: Rows) -> Iterator[bool | None]:
    """The value that a part has for every row, if it has one."""
    condition = single(atom)
    if condition is None:
        if gives_null(atom, rows):
            yield None
    elif condition.column in rows.empty:
        yield {"is null": True, "is not null": False}.get(condition.operator)
    elif any(implies(old, condition) for old in rows.given):
        yield True


LOOSE = frozenset(
    {"array_append", "array_cat", "array_prepend", "coalesce", "concat", "concat_ws", "format", "greatest",
     "json_build_array", "json_build_object", "jsonb_build_array", "jsonb_build_object", "least", "nullif",
     "num_nonnulls", "num_nulls", "pg_typeof", "quote_nullable", "row"}
)  # fmt: skip
"""Built-in functions that give a value for a NULL; all others that checks use give NULL."""


def gives_null(atom: Atom, rows: Rows) -> bool:
    """Whether a part is neither true nor false, because a column in it is NULL in every row."""
    words = atom.text.split()
    functions = set(atom.expression.functions)
    if functions & (LOOSE | rows.own) or {"is", "case", "any", "all", "exists"} & set(words):
        return False
    return any(r.kind == "column" and r.name in rows.empty for r in atom.expression.references)


def possible(values: Values, names: Mapping[str, Atom]) -> bool:
    """Whether the parts can have these values together: what they say of a column's being NULL must agree."""
    empty: dict[str, bool] = {}
    for text, atom in names.items():
        condition, value = single(atom), values[text]
        if condition is None:
            continue
        match condition.operator:
            case "is null" | "is not null":
                if value is None:
                    return False
                null = value is (condition.operator == "is null")
            case _:
                null = value is None
        if empty.setdefault(condition.column, null) is not null:
            return False
    return all(some_value(values, compared) for compared in comparisons(names).values())


def comparisons(names: Mapping[str, Atom]) -> dict[str, list[tuple[str, bool, tuple[str, ...]]]]:
    """Of each column the parts that compare it with constants: text, whether it must be among them, and which."""
    found: dict[str, list[tuple[str, bool, tuple[str, ...]]]] = {}
    for text, atom in names.items():
        condition = single(atom)
        if condition is not None and condition.operator in ("=", "<>", "in"):
            constants = condition.values if condition.operator == "in" else (condition.value,)
            listed = tuple(c for c in constants if c is not None)
            if listed and len(listed) == len(constants):
                found.setdefault(condition.column, []).append((text, condition.operator != "<>", listed))
    return found


def some_value(values: Values, compared: list[tuple[str, bool, tuple[str, ...]]]) -> bool:
    """Whether some constant, or one more, makes these comparisons what they are; unless two may be equal."""
    constants = {c for _, _, listed in compared for c in listed}
    if len({number(c) if number(c) is not None else c.casefold().rstrip() for c in constants}) < len(constants):
        return True
    known = [(values[text], among, listed) for text, among, listed in compared if values[text] is not None]
    return any(all(((one in listed) is among) is value for value, among, listed in known) for one in (None, *constants))


def related(atom: Atom, others: Iterable[Atom]) -> bool:
    """Whether two parts speak of one column."""
    mine = {r.name for r in atom.expression.references if r.kind == "column"}
    return any(mine & {r.name for r in o.expression.references if r.kind == "column"} for o in others)


def follows(old: Atom, new: Atom) -> bool:
    """Whether the second part is true wherever the first is."""
    one, two = single(old), single(new)
    return one is not None and two is not None and implies(one, two)


DENIALS = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def opposite(old: Atom, new: Atom) -> bool:
    """Whether the second part is true wherever the first is false."""
    one, two = single(old), single(new)
    if one is None or two is None:
        return False
    if one.operator == "in" and len(one.values) == 1:
        one = Condition(one.column, "=", one.values[0])
    if one.operator not in DENIALS or one.value is None:
        return False
    return implies(Condition(one.column, DENIALS[one.operator], one.value), two)


COMPARED: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def implies(old: Condition, new: Condition) -> bool:
    """Whether a row that fulfils the old condition fulfils the new one."""
    if old.column != new.column:
        return False
    if (old.operator, old.value, old.values) == (new.operator, new.value, new.values):
        return old.operator.startswith("is ") or old.value is not None or bool(old.values)
    allowed = old.values if old.operator == "in" else (old.value,) if old.operator == "=" else ()
    if new.operator == "in":
        return bool(allowed) and set(allowed) <= set(new.values)
    if new.operator == "<>" and new.value is not None and allowed:
        return new.value not in allowed
    low, high = number(old.value), number(new.value)
    if allowed and high is not None:
        numbers = [number(v) for v in allowed]
        return new.operator in COMPARED and all(n is not None and COMPARED[new.operator](n, high) for n in numbers)
    if low is None or high is None:
        return False
    match (old.operator, new.operator):
        case (">" | ">=", ">=") | (">", ">"):
            return low >= high
        case (">=", ">"):
            return low > high
        case ("<" | "<=", "<=") | ("<", "<"):
            return low <= high
        case ("<=", "<"):
            return low < high
        case _:
            return False


def number(text: str | None) -> float | None:
    """The number that a constant is, or None."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
