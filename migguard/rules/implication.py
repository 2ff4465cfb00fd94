"""Whether rows that an older CHECK lets in pass a new one, by trying what the parts of both can be.

A CHECK lets a row in unless it is false: a part with a NULL in it is neither true nor false.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from operator import ge, gt, le, lt

from migguard.changes import Condition, Engine, Expression
from migguard.sql.propositions import Atom, Both, Either, Not, Proposition, proposition

MOST = 20_000
"""How many combinations of what the parts can be are tried."""

Values = Mapping[str, bool | None]


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
    if one is None or two is None:
        return False
    cases = every_case([one, two], Rows())
    return cases is not None and all(truth(one, v) is not True or truth(two, v) is True for v in cases)


def follows_from(olds: Iterable[Proposition], new: Proposition, rows: Rows) -> bool:
    """Whether the new condition is false of no row of which none of the old ones is."""
    known = list(olds)
    cases = every_case([new, *known], rows)
    return cases is not None and all(
        truth(new, values) is not False or any(truth(one, values) is False for one in known) for values in cases
    )


def every_case(conditions: Iterable[Proposition], rows: Rows) -> Iterator[Values] | None:
    """What the parts of some conditions can be together; None where that is too much to try."""
    names = {a.text: a for one in conditions for a in atoms(one)}
    fixed = {text: value for text, atom in names.items() for value in settled(atom, rows)}
    free = {t: choices(a) for t, a in names.items() if t not in fixed}
    return possible_cases(names, free, fixed) if prod(len(c) for c in free.values()) <= MOST else None


def possible_cases(
    names: Mapping[str, Atom], free: Mapping[str, tuple[bool | None, ...]], fixed: Values
) -> Iterator[Values]:
    """The combinations in which no part contradicts another."""
    pairs = [(a.text, b.text) for a in names.values() for b in names.values() if a is not b and follows(a, b)]
    opposites = [(a.text, b.text) for a in names.values() for b in names.values() if a is not b and opposite(a, b)]
    for choice in product(*free.values()):
        values: dict[str, bool | None] = {**dict(zip(free, choice, strict=True)), **fixed}
        if any(values[a] is True and values[b] is not True for a, b in pairs) or not possible(values, names):
            continue
        if any(values[a] is False and values[b] is not True for a, b in opposites):
            continue
        yield values


def atoms(one: Proposition) -> list[Atom]:
    """The parts of a condition."""
    match one:
        case Atom():
            return [one]
        case Not():
            return atoms(one.part)
        case Both() | Either():
            return [a for part in one.parts for a in atoms(part)]


def truth(one: Proposition, values: Values) -> bool | None:
    """What a condition is when its parts have those values; None for neither true nor false."""
    match one:
        case Atom():
            return values[one.text]
        case Not():
            inner = truth(one.part, values)
            return None if inner is None else not inner
        case Both():
            found = [truth(p, values) for p in one.parts]
            return False if False in found else None if None in found else True
        case Either():
            found = [truth(p, values) for p in one.parts]
            return True if True in found else None if None in found else False


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
