"""Whether rows that an older CHECK lets in pass a new one, by trying what the parts of both can be.

A CHECK lets a row in unless it is false: a part with a NULL in it is neither true nor false.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import product

from migguard.changes import Condition, Engine, Expression, Reference
from migguard.sql.propositions import Atom, Both, Either, Not, Proposition, proposition

MOST = 9
"""How many different parts are tried: three to the power of it is the number of rows of the table."""

Values = Mapping[str, bool | None]


def lets_in(
    olds: Iterable[Expression],
    new: Expression,
    given: Collection[Condition],
    empty: Collection[str],
    engine: Engine,
) -> bool:
    """Whether every row that passes all older checks passes the new one.

    `given` is what is known of every row; the columns in `empty` are NULL in all of them.
    """
    wanted = proposition(new.text, engine)
    if wanted is None:
        return False
    known = [p for e in olds if (p := proposition(e.text, engine)) is not None]
    names = {a.text: a for a in atoms(wanted)}
    known = [p for p in known if any(a.text in names or related(a, names.values()) for a in atoms(p))]
    for one in known:
        names |= {a.text: a for a in atoms(one)}
    if len(names) > MOST:
        return False
    fixed = {t: v for t, a in names.items() if (v := certain(a, given, empty)) is not False or denied(a, empty)}
    free = [t for t in names if t not in fixed]
    pairs = [(a.text, b.text) for a in names.values() for b in names.values() if a is not b and follows(a, b)]
    for choice in product((True, False, None), repeat=len(free)):
        values: dict[str, bool | None] = dict(zip(free, choice, strict=True)) | fixed
        if any(values[a] is True and values[b] is not True for a, b in pairs) or not possible(values, names):
            continue
        if all(truth(one, values) is not False for one in known) and truth(wanted, values) is False:
            return False
    return True


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


def certain(atom: Atom, given: Collection[Condition], empty: Collection[str]) -> bool | None:
    """True where a part holds for every row, None where it is neither true nor false for every row, else False."""
    condition = single(atom)
    if condition is None:
        return None if any(r.kind == "column" and r.name in empty for r in plain(atom)) else False
    if condition.column in empty:
        return True if condition.operator == "is null" else None if condition.operator != "is not null" else False
    return any(implies(old, condition) for old in given)


def denied(atom: Atom, empty: Collection[str]) -> bool:
    """Whether a part asks for a value of a column that is NULL in every row."""
    condition = single(atom)
    return condition is not None and condition.operator == "is not null" and condition.column in empty


STRICT = frozenset(
    {"abs", "array_length", "btrim", "cardinality", "char_length", "character_length", "date_part", "date_trunc",
     "extract", "json_typeof", "jsonb_typeof", "length", "lower", "ltrim", "octet_length", "round", "rtrim", "substr",
     "substring", "timezone", "trim", "upper"}
)  # fmt: skip
"""Functions that checks often use and that give NULL for a NULL."""


def plain(atom: Atom) -> list[Reference]:
    """The references of a part that gives NULL for a NULL: without functions that may do otherwise."""
    expression = atom.expression
    quiet = (
        STRICT.issuperset(expression.functions) and " is " not in f" {atom.text} " and "case" not in atom.text.split()
    )
    return list(expression.references) if quiet else []


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
    return True


def related(atom: Atom, others: Iterable[Atom]) -> bool:
    """Whether two parts speak of one column."""
    mine = {r.name for r in atom.expression.references if r.kind == "column"}
    return any(mine & {r.name for r in o.expression.references if r.kind == "column"} for o in others)


def follows(old: Atom, new: Atom) -> bool:
    """Whether the second part is true wherever the first is."""
    one, two = single(old), single(new)
    return one is not None and two is not None and implies(one, two)


def implies(old: Condition, new: Condition) -> bool:
    """Whether a row that fulfils the old condition fulfils the new one."""
    if old.column != new.column:
        return False
    if (old.operator, old.value, old.values) == (new.operator, new.value, new.values):
        return old.operator.startswith("is ") or old.value is not None or bool(old.values)
    allowed = old.values if old.operator == "in" else (old.value,) if old.operator == "=" else ()
    if new.operator == "in":
        return bool(allowed) and set(allowed) <= set(new.values)
    low, high = number(old.value), number(new.value)
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
