"""What to write in the place of a statement that a loop sends for each row: one for all, by what the statement is.

An UPDATE with many parameter sets is no way out: drivers send it once for each of them. An INSERT with many is sent as
few statements.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from keyword import iskeyword
from textwrap import indent

from migguard.catalog.naming import quote
from migguard.catalog.schema import Table
from migguard.changes import DataType, Delete, Engine, Expression, Insert, Update
from migguard.records import dataclass
from migguard.rules.facts.scripts.row_loops import TEXTS, Loop, Rows
from migguard.rules.wording import python
from migguard.sql.read import read
from migguard.trace import RevisionTrace

FEW = "collect {} and send them together, a few thousand at a time:"
BESIDE = frozenset({"params", "bindparams", "columns", "execution_options"})
"""Methods that give the same statement, with its values or how it is to be run."""
APART = (
    "# unnest() takes arrays apart: for a column of arrays let FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v (…)\n"
    "# have the rows from a json.dumps() of them\n"
)
"""What a list for each column does not do, where it is not known what a column holds."""
MANY = "where Python is needed, " + FEW
AGAIN = (
    "# a second run begins at the first row again: have it leave out what is there, by NOT EXISTS in the SELECT or by\n"
    "# ON CONFLICT DO NOTHING\n"
)
ANSWERS = (
    "\n# the loop reads what each of its statements gives back, such as a new id: one for all of them needs another way"
)
CONFLICT = "\n# with the ON CONFLICT of the loop's statement, by the insert() of the dialect"
OWN = "# with v.value in the place of the parameters of the loop's statement\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as far as the script spells it out: what it does, to which table, which columns, by which key."""

    kind: str
    table: str = "…"
    columns: tuple[str, ...] = ()
    key: str | None = None
    schema: str | None = None
    written: str = ""
    """What the script calls the table object, where SQLAlchemy builds the statement."""
    conflict: bool = False
    """Whether an INSERT says what is to happen with rows that are there already."""
    computed: bool = False
    """Whether an UPDATE computes a value from the row: it is not one for a list."""

    @property
    def named(self) -> str:
        """The table with its schema, as the statement has it."""
        return f"{self.schema}.{self.table}" if self.schema else self.table

    def spelled(self, engine: Engine) -> str:
        """The table as a statement's text needs it: a name with capitals, or a reserved one, in quotes."""
        parts = (self.schema, self.table) if self.schema else (self.table,)
        return ".".join(part if part == "…" else quote(part, engine) for part in parts if part)


def at_once(call: ast.Call | None, rows: Rows, trace: RevisionTrace) -> str:
    """How to do at once what a call in a loop does row by row."""
    sent = of_call(call, rows, trace.before.server.engine) if call is not None else Sent("update")
    answers = sent.kind == "insert" and call is not None and rows.answers(call)
    return one_for_all(sent, trace) + (ANSWERS if answers else "")


def one_for_all(sent: Sent, trace: RevisionTrace) -> str:
    """One statement for what such statements do."""
    match sent.kind:
        case "insert":
            into = f"INSERT INTO {sent.named} … SELECT … FROM …".replace("… …", "…")
            return f"Let one statement do it: {into}; {MANY.format('the rows')}\n{inserted(sent)}"
        case "delete":
            lead = f"Let one statement do it: DELETE FROM {sent.named} WHERE …"
            keys = 'sa.bindparam("keys", expanding=True)'
            engine = trace.before.server.engine
            key = quote(sent.key, engine) if sent.key else "…"
            text = f"sa.text({python(f'DELETE FROM {sent.spelled(engine)} WHERE {key} IN :keys')}).bindparams({keys})"
            return f'{lead}; {MANY.format("the keys")}\nop.get_bind().execute({text}, {{"keys": [...]}})'
        case _:
            return updated(sent, trace)


def in_batches(call: ast.Call | None, rows: Rows, trace: RevisionTrace) -> str:
    """How to do in batches that commit what a loop does row by row, by a call or else by a session."""
    _, _, code = at_once(call, rows, trace).partition("\n")
    sent = of_call(call, rows, trace.before.server.engine) if call is not None else Sent("update")
    code = (AGAIN if sent.kind == "insert" and not sent.conflict else "") + code
    return (
        "Commit after a batch, outside of the loop over its rows, and so that the script can be run again:\n"
        "with op.get_context().autocommit_block():\n"
        "    last = 0  # by the primary key; or what is below the smallest\n"
        "    while rows := op.get_bind().execute(sa.text(\n"
        '        "SELECT id, … FROM … WHERE id > :last ORDER BY id LIMIT 5000"\n'
        '    ), {"last": last}).all():\n'
        "        # one statement for what the loop does with these rows\n"
        f"{indent(code or '...', '        ')}\n"
        "        last = rows[-1].id"
    )


def inserted(sent: Sent) -> str:
    """An INSERT of a list of rows; by a table object, since drivers send a text once for each of them."""
    values = ", ".join(f'"{c}": ...' for c in sent.columns) or "..."
    name = sent.written or (sent.table if sent.table.isidentifier() and not iskeyword(sent.table) else "table")
    columns = ", ".join(f'sa.column("{c}")' for c in sent.columns) or 'sa.column("…"), ...'
    schema = f', schema="{sent.schema}"' if sent.schema else ""
    made = "" if sent.written else f'{name} = sa.table("{sent.table}", {columns}{schema})\n'
    return f"{made}op.get_bind().execute({name}.insert(), [{{{values}}}, ...]){CONFLICT if sent.conflict else ''}"


def updated(sent: Sent, trace: RevisionTrace) -> str:
    """One UPDATE, from a list of values where Python computes them."""
    key, columns = sent.key or "key", sent.columns or ("…",)
    lead = f"Let one statement do it: UPDATE {sent.named} SET … FROM …; "
    if trace.before.server.engine is not Engine.POSTGRESQL:
        return (
            f"Let one statement do it: UPDATE {sent.named} SET …; where Python is needed, put keys and values into a "
            "table of their own by one insert() with a list of rows, and let one UPDATE take them from there."
        )
    if sent.computed:
        into = ", ".join(f"{quote(c)} = …" for c in columns)
        where = f"t.{quote(key)} = v.key" if sent.key else "…"
        source = "unnest(CAST(:keys AS …[]), CAST(:values AS …[])) AS v (key, value)"
        return (
            f"{lead}{MANY.format('keys and values')}\n{OWN}"
            f"{in_two(f'UPDATE {sent.spelled(Engine.POSTGRESQL)} AS t SET {into} ', f'FROM {source} WHERE {where}')}"
            '"keys": [...], "values": [...]})'
        )
    new = ["value" if c == "…" else c for c in columns]
    given = (next(name for name in (key, "key", "old_key") if name not in new), *new)
    typed = written_types(sent, trace)
    arrays = {name for name, kind in typed.items() if kind.dimensions}
    needed = "import json\n" if arrays else "" if typed.keys() >= {*columns} else APART
    source, handed = from_rows(given, arrays) if arrays else from_lists(given, columns)
    pairs = zip(columns, new, strict=True)
    into = ", ".join(f"{c if c == '…' else quote(c)} = v.{quote(n)}" for c, n in pairs)
    where = f"t.{quote(key)} = v.{quote(given[0])}" if sent.key else "…"
    return (
        f"{lead}{MANY.format('keys and values')}\n"
        "# not as a list of parameter sets, which the driver sends as an UPDATE for each\n"
        f"{needed}"
        f"{in_two(f'UPDATE {sent.spelled(Engine.POSTGRESQL)} AS t SET {into} ', f'FROM {source} WHERE {where}')}"
        f"{handed}}})"
    )


def in_two(one: str, other: str) -> str:
    """The call that sends a statement of two lines, up to its parameters."""
    return f"op.get_bind().execute(sa.text(\n    {python(one)}\n    {python(other)}\n), {{"


def written_types(sent: Sent, trace: RevisionTrace) -> dict[str, DataType]:
    """The types of the columns that are written, before the revision or after it, as far as they are known."""
    found: list[Table] = [
        table
        for catalog in (trace.before, trace.after)
        for (schema, name), table in catalog.tables.items()
        if name == sent.table and sent.schema in (None, schema)
    ]
    columns = [c for t in found for c in t.columns if c.name in sent.columns and c.type is not None]
    columns.sort(key=lambda c: c.type is not None and c.type.dimensions > 0)  # one of arrays counts
    return {c.name: c.type for c in columns if c.type is not None}


def from_lists(given: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, str]:
    """A list for each column, side by side, and what is handed over for them."""
    names = ["keys", *(f"{name}_values" if name != "…" else "values" for name in columns)]
    taken = ", ".join(f"CAST(:{name} AS …[])" for name in names)
    return f"unnest({taken}) AS v ({', '.join(map(quote, given))})", ", ".join(f'"{name}": [...]' for name in names)


def from_rows(given: tuple[str, ...], arrays: set[str]) -> tuple[str, str]:
    """Rows with arrays in them, and what is handed over for them: unnest() takes arrays of arrays apart down to their
    elements (https://www.postgresql.org/docs/current/functions-array.html), and lists of unequal length are none."""
    typed = ", ".join(f"{quote(name)} …{'[]' if name in arrays else ''}" for name in given)
    row = ", ".join(f'"{name}": {"[...]" if name in arrays else "..."}' for name in given)
    handed = f'"rows": json.dumps([{{{row}}}, ...], default=str)'
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS v ({typed})", handed


def inserts(loop: Loop, rows: Rows, engine: Engine) -> bool:
    """Whether a loop puts in rows, one each time, whatever it is over."""
    return any(of_call(c, rows, engine).kind == "insert" for c in rows.inside(loop) if rows.writes_one(c))


def of_call(call: ast.Call, rows: Rows, engine: Engine) -> Sent:
    """What a call sends."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "bulk_insert":
        return Sent("insert", named(call.args[0], rows), written=spelled(call.args[0])) if call.args else Sent("insert")
    for value in values(call.args[0], rows) if call.args else ():
        found = of_statement(value, rows, engine)
        if found is not None:
            return found
    return Sent("update")


def values(node: ast.expr, rows: Rows) -> Iterator[ast.expr]:
    """What an expression stands for."""
    yield from rows.values(node)


def of_statement(node: ast.expr, rows: Rows, engine: Engine) -> Sent | None:
    """A statement, as text or by Core."""
    match node:
        case ast.Constant(value=str() as text):
            return of_text(text, engine)
        case ast.JoinedStr(values=[ast.Constant(value=str() as text)]):  # with nothing put into it
            return of_text(text, engine)
        case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]):
            return Sent((text.split() or ["update"])[0].lower())
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[inner, *_]) if name in TEXTS:
            return next((s for v in rows.values(inner) if (s := of_statement(v, rows, engine))), None)
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in BESIDE:
            return of_statement(owner, rows, engine)
        case ast.Call():
            return of_core(node, rows)
        case _:
            return None


def of_text(text: str, engine: Engine) -> Sent:
    """A statement's text, read."""
    match read(text, engine):
        case (Update() as change,):
            used = (r.name for r in change.where.references if r.kind == "column") if change.where is not None else ()
            keys = list(dict.fromkeys(used))
            columns, key = tuple(c for c, _ in change.assignments), keys[0] if len(keys) == 1 else None
            computed = any(from_row(value) for _, value in change.assignments)
            return Sent("update", change.table.name, columns, key, change.table.schema, computed=computed)
        case (Insert() as change,):
            schema, conflict = change.table.schema, change.on_conflict
            return Sent("insert", change.table.name, change.columns, schema=schema, conflict=conflict)
        case (Delete() as change,):
            used = (r.name for r in change.where.references if r.kind == "column") if change.where is not None else ()
            keys = list(dict.fromkeys(used))
            return Sent("delete", change.table.name, (), keys[0] if len(keys) == 1 else None, change.table.schema)
        case _:
            return Sent((text.split() or ["update"])[0].lower())


def from_row(value: Expression) -> bool:
    """Whether a value is computed from the row that gets it, or by a query."""
    return value.subquery or any(r.kind == "column" for r in value.references)


def of_core(node: ast.expr, rows: Rows) -> Sent | None:
    """A statement that SQLAlchemy builds: `table.update().where(table.c.id == …).values(name=…)`."""
    columns: list[str] = []
    keys: list[str] = []
    conflict = False
    while isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "values":
            columns += [k.arg for k in node.keywords if k.arg is not None]
        elif name.startswith("on_"):  # on_conflict_do_nothing(), on_duplicate_key_update()
            conflict = True
        elif name == "where":
            keys += [c for a in node.args for c in compared(a)]
        elif name in ("update", "insert", "delete"):
            of = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
            table = named(of, rows) if of is not None else "…"
            key = keys[0] if len(set(keys)) == 1 else None
            written = spelled(of) if of is not None else ""
            return Sent(name, table, tuple(columns), key, written=written, conflict=conflict)
        if not isinstance(node.func, ast.Attribute):
            return None
        node = node.func.value
    return None


def compared(node: ast.expr) -> Iterator[str]:
    """The columns that a condition compares with `==`, by `table.c.id`; what else it asks for is empty."""
    match node:
        case ast.Compare(left=ast.Attribute(attr=name), ops=[ast.Eq()]):
            yield name
        case _:
            yield ""


def spelled(node: ast.expr) -> str:
    """What a script calls a table object; empty where it makes it in that very place."""
    return "" if isinstance(node, ast.Call) else ast.unparse(node)


def named(node: ast.expr, rows: Rows) -> str:
    """The table that an expression is, by the name that the script gives it."""
    for value in rows.values(node):
        match value:
            case ast.Call(func=ast.Attribute(attr="table" | "Table"), args=[ast.Constant(value=str() as name), *_]):
                return name
            case ast.Call(func=ast.Name(id="table" | "Table"), args=[ast.Constant(value=str() as name), *_]):
                return name
            case _:
                pass
    return "…"
