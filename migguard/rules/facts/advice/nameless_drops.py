"""The name that `op.drop_constraint(None, …)` should give: that of the one constraint it can be about."""

import ast
from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Table
from migguard.changes import Name
from migguard.rules.frame import Context, RevisionScript, StepContext
from migguard.rules.wording import listed, python, schema_argument
from migguard.source import Script
from migguard.trace import Certainty, Step

TYPES = {
    "foreignkey": ConstraintKind.FOREIGN,
    "unique": ConstraintKind.UNIQUE,
    "check": ConstraintKind.CHECK,
    "primary": ConstraintKind.PRIMARY,
}
PREFIXES = {"foreignkey": "fk_", "unique": "uq_", "check": "ck_", "primary": "pk_"}


def nameless(script: Script) -> Iterator[ast.Call]:
    """The calls of `drop_constraint` that give None for the name, anywhere in a script: Alembic raises there."""
    if "drop_constraint" not in script.text:
        return
    for node in script.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "drop_constraint":
            words = (k.value for k in node.keywords if k.arg == "constraint_name")
            name = node.args[0] if node.args else next(words, None)
            if isinstance(name, ast.Constant) and name.value is None:
                yield node


def raises(call: ast.Call, script: Script) -> str:
    """What becomes of the script at the call, in words: after an earlier such call it does not come to it."""
    if others := before_it(call, script):
        return f"Alembic raises here too, once line {others[0].lineno} is mended"
    for node in script.nodes:
        if isinstance(node, ast.Try) and any(n is call for part in node.body for n in ast.walk(part)):
            hiding = next((h for h in node.handlers if hides(h)), None)
            if hiding is not None:
                return (
                    f"Alembic raises here, and the handler of line {hiding.lineno} hides it: what comes after it in "
                    "the block is not run"
                )
    return "Alembic raises here"


def before_it(call: ast.Call, script: Script) -> list[ast.Call]:
    """The other such calls that stand in the same block before it."""
    suite = next((body for n in script.nodes for body in suites(n) if any(is_call(one, call) for one in body)), [])
    return [c for c in nameless(script) if any(is_call(one, c) for one in suite) and c.lineno < call.lineno]


def suites(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def is_call(node: ast.stmt, call: ast.Call) -> bool:
    """Whether a statement is nothing but the call."""
    return isinstance(node, ast.Expr) and node.value is call


def hides(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches all exceptions and raises none."""
    kind = handler.type
    every = kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException"))
    return every and not any(isinstance(n, ast.Raise) for n in ast.walk(handler))


def drop_by_name(call: ast.Call, subject: RevisionScript, ctx: Context) -> str:
    """The call with a name, with dots where it can be about several constraints; or that it is to be left out."""
    table, schema, kind = about(call, subject.script)
    lead, made = "Write the name that the constraint has", ast.unparse(call.func)
    unknown = ctx.lookup is not None and ctx.lookup.deployment.environment.unknown_names
    meant = candidates(call, subject) if table is not None else []
    there = schema_at(call, subject)
    left = [c for c in meant if any(o.oid == c.oid for t in there.tables.values() for o in t.constraints)]
    if meant and not left:
        return f"Leave it out: {took(meant, call, subject)}."
    alike = [c for c in nameless(subject.script) if about(c, subject.script) == (table, schema, kind)]
    alike = [c for c in alike if function_of(c, subject.script) is function_of(call, subject.script)]
    place = alike.index(call) if len(left) == len(alike) else 0
    sure = len(left) == len(alike) or (len(left) == 1 and not before_it(call, subject.script))
    if table is None or unknown or not sure:
        ending = f", type_={python(kind)}" if kind is not None else ""
        return f'{lead}: {made}("{PREFIXES.get(kind or "", "")}…"{", …" if made.startswith("op.") else ""}{ending})'
    found = left[len(left) - 1 - place]
    last = f", type_={python(kind)}" if kind is not None else ""
    where = f", {python(table)}{last}{schema_argument(Name(table, schema))}" if made == "op.drop_constraint" else last
    return f"{lead}:\n{made}(op.f({python(found.name)}){where})"


def about(call: ast.Call, script: Script) -> tuple[str | None, str | None, str | None]:
    """The table, its schema and the kind of constraint that a call is about; a batch names the table."""
    table, schema, kind = (
        text(call, place, word) for place, word in ((1, "table_name"), (None, "schema"), (2, "type_"))
    )
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    for node in script.nodes:
        for item in node.items if isinstance(node, ast.With) and isinstance(owner, ast.Name) else ():
            named = isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == getattr(owner, "id", "")
            if named and isinstance(item.context_expr, ast.Call) and any(n is call for n in ast.walk(node)):
                made = item.context_expr
                return text(made, 0, "table_name"), text(made, None, "schema"), text(call, 1, "type_")
    return table, schema, kind


def function_of(call: ast.Call, script: Script) -> ast.FunctionDef | None:
    """The function that a call stands in."""
    functions = (n for n in script.nodes if isinstance(n, ast.FunctionDef))
    return next((n for n in functions if any(one is call for one in ast.walk(n))), None)


def candidates(call: ast.Call, subject: RevisionScript) -> list[ConstraintState]:
    """The constraints that a call can be about: in downgrade() those that upgrade() makes, else those of before."""
    table_name, schema, kind = about(call, subject.script)
    name = Name(table_name or "", schema)
    back = backwards(call, subject)
    there = subject.trace.after if back else subject.trace.before
    key, old = table_key(there, name), table_key(subject.trace.before, name)
    table = there.tables.get(key) if key is not None else None
    before: Table | None = subject.trace.before.tables.get(old) if old is not None else None
    known = {c.oid for c in before.constraints} if back and before is not None else set()
    wanted = TYPES.get(kind) if kind is not None else None
    return [
        c
        for c in (table.constraints if table is not None else ())
        if c.oid not in known and not c.inherited and wanted in (None, c.kind)
    ]


def dropped_nameless(ctx: StepContext) -> set[int]:
    """The constraints that the step's script drops without a name, and is told to drop by the server's."""
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if script is None or ctx.trace is None:
        return set()
    subject = RevisionScript(script, ctx.trace, ctx.deployment.downgrades.get(ctx.trace.revision))
    return {c.oid for call in nameless(script) for c in candidates(call, subject)}


def backwards(call: ast.Call, subject: RevisionScript) -> bool:
    """Whether a call stands in downgrade()."""
    function = function_of(call, subject.script)
    return function is not None and function.name == "downgrade"


def above(call: ast.Call, subject: RevisionScript) -> Iterator[Step]:
    """The steps that the function of a call did in the lines before it."""
    function, back = function_of(call, subject.script), backwards(call, subject)
    trace = subject.downgrade if back else subject.trace
    for step in trace.steps() if trace is not None and function is not None else ():
        origin = step.statement.origin
        ran = step.statement.certainty is Certainty.RAN and step.refusal is None
        if ran and origin is not None and function is not None and function.lineno <= origin.line < call.lineno:
            yield step


def schema_at(call: ast.Call, subject: RevisionScript) -> Catalog:
    """The schema that the call comes to."""
    start = subject.trace.after if backwards(call, subject) else subject.trace.before
    return next((step.after for step in reversed(list(above(call, subject)))), start)


def took(gone: list[ConstraintState], call: ast.Call, subject: RevisionScript) -> str:
    """Which lines before a call have taken the constraints that it can be about."""
    oids, lines = {c.oid for c in gone}, dict[int, None]()
    for step in above(call, subject):
        left = {c.oid for t in step.after.tables.values() for c in t.constraints}
        here = {c.oid for t in step.before.tables.values() for c in t.constraints}
        if oids & (here - left) and step.statement.origin is not None:
            lines[step.statement.origin.line] = None
    what = "the constraint is gone" if len(gone) == 1 else "the constraints that it can mean are gone"
    many = "s" if len(lines) > 1 else ""
    return f"{what} with what line{many} {listed(map(str, lines))} drop{'' if many else 's'}"


def text(call: ast.Call, place: int | None, word: str) -> str | None:
    """A string argument of a call."""
    node = call.args[place] if place is not None and place < len(call.args) else None
    node = node or next((k.value for k in call.keywords if k.arg == word), None)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
