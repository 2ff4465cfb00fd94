"""A primary key that runs out of numbers, as a wider one."""

import ast

from migguard.catalog.lookup import domain_of
from migguard.catalog.schema import Catalog, Column, Table
from migguard.changes import DataType
from migguard.rules.facts.schema.deployment_end import final, survivor
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.facts.scripts.where_named import stands
from migguard.rules.frame import StepContext, display
from migguard.rules.wording import listed, python

BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "integer": 32, "int": 32}

WRITTEN = frozenset({"primary_key", "autoincrement", "nullable", "type_"})
"""Arguments of the key's column that the advice writes, or that a primary key implies; others stay as they are."""


def widened(table: Table, column: Column, ctx: StepContext) -> str:
    """The column as a bigint, where the script writes it in this call; what is read or copied is made elsewhere."""
    refers = along(table, column, ctx)
    call = column_call(column.name, ctx)
    if call is None:
        return f"Make it a bigint while that is free{f', and so what refers to it: {refers}' if refers else ''}."
    counts = [k.value for k in call.keywords if k.arg == "autoincrement"]
    more = f", autoincrement={ast.unparse(counts[0])}" if counts else ""
    rest = ", ..." if len(call.args) > 2 or any(k.arg not in WRITTEN for k in call.keywords) else ""
    line = f"sa.Column({python(column.name)}, {wider(ctx)}{rest}, primary_key=True{more})"
    also = f"\n# and so what refers to it: {refers}" if refers else ""
    return f"Make it a bigint while that is free:\n{line}{also}"


def column_call(name: str, ctx: StepContext) -> ast.Call | None:
    """The `sa.Column(name, …)` that stands in the call which the statement comes from."""
    origin = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if origin is None or script is None or origin.path != script.path:
        return None
    inside = (n for at in script.nodes if stands(at, origin) for n in ast.walk(at) if isinstance(n, ast.Call))
    columns = (n for n in inside if called(n) == "Column" and n.args)
    return next((n for n in columns if isinstance(n.args[0], ast.Constant) and n.args[0].value == name), None)


def wider(ctx: StepContext) -> str:
    """A bigint; where the scripts are made for SQLite too, an integer there: it numbers no other key by itself."""
    return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")' if ctx.also_on_sqlite else "sa.BigInteger()"


def along(table: Table, column: Column, ctx: StepContext) -> str:
    """The columns that refer to the key in the end and would stay as narrow; empty for none."""
    end, last = final(ctx), survivor(table, ctx)
    if last is None:
        return ""
    found = [
        f"{display(key, end)}.{name}"
        for key in sorted(end.referenced_by.get(last.key, ()))
        for one in end.tables[key].constraints
        if one.references == last.key and one.references_columns in ((), (column.name,))
        for name in one.columns
        if (there := end.tables[key].column(name)) is not None and there.type is not None
        if base_type(there.type, end).name.lower() in BITS
    ]
    return listed(found) if found else ""


def base_type(data_type: DataType, catalog: Catalog) -> DataType:
    """The type beneath a domain."""
    domain = domain_of(catalog, data_type)
    return domain.base if domain is not None else data_type
