"""The name that `op.drop_constraint(None, …)` should give: that of the one constraint it can be about."""

import ast
from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import Name
from migguard.rules.frame import Context, RevisionScript
from migguard.rules.wording import python, schema_argument
from migguard.source import Script

TYPES = {
    "foreignkey": ConstraintKind.FOREIGN,
    "unique": ConstraintKind.UNIQUE,
    "check": ConstraintKind.CHECK,
    "primary": ConstraintKind.PRIMARY,
}


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


def drop_by_name(call: ast.Call, subject: RevisionScript, ctx: Context) -> str:
    """The call with a name; with dots for it where it can be about several constraints."""
    table, schema, kind = (
        text(call, place, word) for place, word in ((1, "table_name"), (None, "schema"), (2, "type_"))
    )
    lead = "Write the name that the constraint has"
    unknown = ctx.lookup is not None and ctx.lookup.deployment.environment.unknown_names
    found = meant(call, Name(table, schema), kind, subject) if table is not None and not unknown else None
    if table is None or found is None:
        return f'{lead}: op.drop_constraint("uq_...", ...)'
    last = f", type_={python(kind)}" if kind is not None else ""
    where = schema_argument(Name(table, schema))
    return f"{lead}:\nop.drop_constraint(op.f({python(found.name)}), {python(table)}{last}{where})"


def meant(call: ast.Call, name: Name, kind: str | None, subject: RevisionScript) -> ConstraintState | None:
    """The one constraint that the call can be about: in downgrade() one that upgrade() makes, else one of before."""
    back = any(
        isinstance(node, ast.FunctionDef) and node.name == "downgrade" and call in ast.walk(node)
        for node in subject.script.nodes
    )
    there = subject.trace.after if back else subject.trace.before
    key, old = table_key(there, name), table_key(subject.trace.before, name)
    table = there.tables.get(key) if key is not None else None
    before: Table | None = subject.trace.before.tables.get(old) if old is not None else None
    known = {c.oid for c in before.constraints} if back and before is not None else set()
    wanted = TYPES.get(kind) if kind is not None else None
    found = [
        c
        for c in (table.constraints if table is not None else ())
        if c.oid not in known and not c.inherited and wanted in (None, c.kind)
    ]
    return found[0] if len(found) == 1 else None


def text(call: ast.Call, place: int | None, word: str) -> str | None:
    """A string argument of a call."""
    node = call.args[place] if place is not None and place < len(call.args) else None
    node = node or next((k.value for k in call.keywords if k.arg == word), None)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
