"""The CHECK that lets the server attach a partition without reading it."""

from migguard.catalog.schema import Table
from migguard.changes import AttachPartition, PartitionBound
from migguard.rules.facts.advice.recipes import advice, constant, execute, proved_later
from migguard.rules.wording import identifier, python, schema_argument, sql_name


def recipe(change: AttachPartition, parent: Table | None) -> str:
    """The CHECK that proves the bounds, validated first, then the ATTACH."""
    by = parent.partition_by if parent is not None else None
    column = by.columns[0] if by is not None and len(by.columns) == 1 else None
    condition = proof(column, change.bound) if column is not None else None
    partition = change.partition
    if condition is None:
        return (
            f"Create {partition.name} as a partition from the start, or give it the indexes of {change.table.name} and "
            "a validated CHECK that implies its bounds before it is attached."
        )
    name, where = f"ck_{partition.name}_bounds"[:63], schema_argument(partition)
    attach = f"ALTER TABLE {sql_name(change.table)} ATTACH PARTITION {sql_name(partition)} {change.bound.text}"
    check = (
        f"op.create_check_constraint(op.f({python(name)}), {python(partition.name)}, {python(condition)}{where}, "
        "postgresql_not_valid=True)"
    )
    return advice(
        "Prove the bounds first with a CHECK that is validated while reads and writes go on, and build concurrently "
        f"the indexes of {change.table.name} that it lacks; then attaching is brief",
        [
            *proved_later(partition, name, [check]),
            execute(attach),
            f'op.drop_constraint(op.f({python(name)}), {python(partition.name)}, type_="check"{where})',
        ],
    )


def proof(column: str, bound: PartitionBound) -> str | None:
    """The condition that implies a range or a list over one column."""
    name = identifier(column)
    parts = [f"{name} IS NOT NULL"]
    if bound.values and None not in bound.values:
        parts.append(f"{name} IN ({', '.join(constant(v) for v in bound.values if v is not None)})")
    elif bound.lower or bound.upper:
        parts += [f"{name} >= {constant(v)}" for v in bound.lower[:1] if v is not None]
        parts += [f"{name} < {constant(v)}" for v in bound.upper[:1] if v is not None]
    else:
        return None
    return " AND ".join(parts)
