"""How a revision that stopped half-way is made one that can be run again."""

from collections.abc import Iterator
from dataclasses import replace

from migguard.changes import CreateIndex
from migguard.rules.facts.advice.recipes import AUTOCOMMIT, create_index
from migguard.rules.wording import python, schema_argument
from migguard.trace import Step


def advice(refused: Step, failing: Step) -> str:
    """A revision for each, or what can be run again: IF NOT EXISTS would keep what a failed concurrent build left."""
    lead = "Give each of them a revision of its own"
    builds = [s.change for s in (refused, failing) if isinstance(s.change, CreateIndex) and s.change.concurrently]
    if not builds:
        return (
            f"{lead}, or make it repeatable by if_not_exists=True, if_exists=True, or a look at what is there:\n"
            'if not sa.inspect(op.get_bind()).has_table("…"):\n'
            "    ..."
        )
    first = "" if refused.change in builds else ", or make it repeatable by if_not_exists=True or if_exists=True, and"
    lines = dict.fromkeys(line for build in builds for line in built_again(build))
    return "\n".join(
        (
            f"{lead}{first or ', or'} drop before each concurrent build what an earlier attempt left: IF NOT EXISTS "
            "would keep an invalid index:",
            AUTOCOMMIT,
            *(f"    {line}" for line in lines),
        )
    )


def built_again(change: CreateIndex) -> Iterator[str]:
    """The lines by which an index is built anew, whatever an earlier attempt left."""
    if change.name is not None:
        name, table = python(change.name.name), change.table
        yield (
            f"op.drop_index({name}, {python(table.name)}{schema_argument(table)}, if_exists=True, "
            "postgresql_concurrently=True)"
        )
        yield create_index(replace(change, if_not_exists=False), change.name.name, table)
