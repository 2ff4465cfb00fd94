"""Names that a server gave to constraints, where revisions use them: a naming convention would give others.

PostgreSQL's are `orders_code_key`, `orders_user_id_fkey`, `orders_pkey`, `orders_total_check`, with a number where one
is taken (`ChooseConstraintName` in src/backend/catalog/pg_constraint.c); MySQL's foreign keys are `orders_ibfk_1`.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from migguard.history import Late, ServerName
from migguard.project.graph import Revision
from migguard.source import statements_of

ENDINGS = ("_key", "_fkey", "_pkey", "_check", "_excl", "_ibfk_")
DROPPING = ("DROP", "RENAME")
SPELLED = re.compile(rb"_(?:(?:f|p)?key|check|excl|ibfk_)[0-9]*[^0-9a-zA-Z_(]")
"""Such a name in the text of a script: what a call's own name ends with, as `create_foreign_key(`, is none."""
TAKING = (b"drop_constraint", b"CONSTRAINT", b"constraint ", b"ALTER INDEX", b"alter index")
"""What a script says that drops or renames a constraint."""


def server_given(name: str) -> bool:
    """Whether a name is spelled as a server's own are."""
    return name.rstrip("0123456789").endswith(ENDINGS)


def server_names(revisions: Iterable[Revision]) -> Late[ServerName]:
    """The names of servers that these revisions use, looked for when they are asked for."""
    known = list(revisions)
    return Late(partial(used_names, [r.path for r in known]), " ".join(r.digest for r in known))


def used_names(paths: Iterable[Path]) -> tuple[ServerName, ...]:
    """The names of servers that revisions drop or rename, without those that an upgrade gives itself, in order.

    Few scripts drop constraints, and parsing takes the time: the others are only parsed where they spell a name.
    """
    ahead, back, made, others = set[str](), set[str](), set[str](), list[bytes]()
    for path in paths:
        try:
            source = path.read_bytes()
        except OSError:
            continue
        if any(word in source for word in TAKING) and SPELLED.search(source):
            look(source, ahead, back, made)
        else:
            others.append(source)
    found = {name for name in (ahead | back) - made if server_given(name)}
    for source in others if found else ():
        if any(name.encode() in source for name in found):
            look(source, set(), set(), made)
    return tuple(ServerName(name, name in ahead) for name in sorted(found - made))


def look(source: bytes, ahead: set[str], backwards: set[str], made: set[str]) -> None:
    """Add the names that a script drops or renames, by its direction, and those that its upgrade gives.

    Not what its downgrade renames to a name that its upgrade has made another of: nothing is called so.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return  # MG001 tells
    forth, returned, own = dict[str, str](), dict[str, str](), set[str]()
    for function in statements_of(tree):
        if isinstance(function, ast.FunctionDef):
            back = function.name.startswith("downgrade")
            dropped, turned = (own, returned) if back else (ahead, forth)
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    made.update(() if back else given(node))
                    dropped.update(taken(node))
                    turned.update(renamed(node))
                elif isinstance(node, ast.For):
                    dropped.update(taken_in_turn(node))
    backwards |= {name for name in own if forth.get(returned.get(name, ""), name) == name}


def taken(call: ast.Call) -> Iterator[str]:
    """The names that a call drops or renames, as an operation or in its SQL."""
    if called(call) == "drop_constraint":
        first = [k.value for k in call.keywords if k.arg == "constraint_name"] or call.args[:1]
        yield from (name for node in first if (name := literal(node)))
    for part in (p for node in call.args for p in ast.walk(node)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from in_sql(part.value)


def taken_in_turn(loop: ast.For) -> Iterator[str]:
    """The names in the literals that a loop is over, where its body drops constraints by its variables."""
    turns = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    calls = (n for part in loop.body for n in ast.walk(part) if isinstance(n, ast.Call))
    if any(called(c) == "drop_constraint" and turns & {n.id for n in named(c)} for c in calls):
        yield from (name for node in ast.walk(loop.iter) if isinstance(node, ast.expr) and (name := literal(node)))


def named(call: ast.Call) -> Iterator[ast.Name]:
    """The variables in the name of the constraint that a call drops."""
    for node in [k.value for k in call.keywords if k.arg == "constraint_name"] or call.args[:1]:
        yield from (n for n in ast.walk(node) if isinstance(n, ast.Name))


def in_sql(text: str) -> Iterator[str]:
    """The names behind DROP CONSTRAINT, RENAME CONSTRAINT and ALTER INDEX … RENAME, IF EXISTS or not.

    A constraint is renamed with its index.
    """
    words = text.replace(";", " ").replace(",", " ").split()
    upper = [w.upper() for w in words]
    for place in range(len(words) - 2):
        behind = place + 4 if upper[place + 2 : place + 4] == ["IF", "EXISTS"] and len(words) > place + 4 else place + 2
        constraint = upper[place] in DROPPING and upper[place + 1] == "CONSTRAINT"
        if constraint or (
            upper[place : place + 2] == ["ALTER", "INDEX"] and upper[behind + 1 : behind + 2] == ["RENAME"]
        ):
            yield words[behind].rpartition(".")[2].strip('"`')


def renamed(call: ast.Call) -> Iterator[tuple[str, str]]:
    """What the SQL of a call renames, and to what, where that is one name."""
    for part in (p for node in call.args for p in ast.walk(node)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            old, new = list(in_sql(part.value)), list(renamed_to(part.value))
            if len(old) == len(new) == 1:
                yield old[0], new[0]


def renamed_to(text: str) -> Iterator[str]:
    """The names behind TO in what SQL renames."""
    words = text.replace(";", " ").replace(",", " ").split()
    renames = "RENAME" in (upper := [w.upper() for w in words])
    yield from (w.strip('"`') for before, w in zip(upper, words[1:], strict=False) if renames and before == "TO")


def given(call: ast.Call) -> Iterator[str]:
    """The names that a call gives to what it makes, or to what its SQL renames."""
    if called(call).startswith("drop_"):
        return
    for part in (p for node in call.args for p in ast.walk(node)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from renamed_to(part.value)
    nodes = [k.value for k in call.keywords if k.arg in ("name", "constraint_name")]
    if called(call).startswith("create_"):
        nodes += call.args[:1]
    yield from (name for node in nodes if (name := literal(node)))


def literal(node: ast.expr) -> str:
    """A string, also in `op.f(…)`; empty for anything else."""
    if isinstance(node, ast.Call) and called(node) == "f" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def called(call: ast.Call) -> str:
    """The name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
