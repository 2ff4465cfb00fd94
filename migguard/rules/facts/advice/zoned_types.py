"""A timestamp that gets a time zone, or loses it, by way of UTC: the session's own zone does that without a rewrite.

Sources: ATColumnChangeRequiresRewrite() in src/backend/commands/tablecmds.c, which asks TimestampTimestampTypes whether
the session's zone is UTC; an index over the column has another operator class then, and is built anew.
"""

from migguard.catalog.copying import replace
from migguard.catalog.schema import Table
from migguard.changes import AlterColumnType, ModifyColumn
from migguard.effects.cost import UTC_NAMES
from migguard.rules.facts.advice.recipe_types import python_type
from migguard.rules.facts.advice.recipes import advice
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed, python, schema_argument
from migguard.sql.zones import column_at_zone


def by_session_zone(change: AlterColumnType | ModifyColumn, table: Table, over: list[str], ctx: StepContext) -> str:
    """The advice to let the session's time zone do what USING does; empty where that would do something else.

    `over` are the keys and indexes over the column. The effects of the change as it would be say whether it helps.
    """
    if not isinstance(change, AlterColumnType) or change.using is None or ctx.step.statement.autocommit:
        return ""
    new, through = python_type(change.type), column_at_zone(change.using.text, ctx.before.server.engine)
    if new is None or through is None or through[0] != change.column or through[1].upper() not in UTC_NAMES:
        return ""
    plain = replace(change, using=None)
    before = replace(ctx.before, local_variables=ctx.before.local_variables.set("timezone", "UTC"))
    effect = ctx.known.effect_of_step(replace(ctx.step, change=plain, before=before))
    if not effect.known or table.key in effect.rewrites:
        return ""
    still = (
        f"; {listed(over)} {'is' if len(over) == 1 else 'are'} built anew all the same: drop what can be made again "
        "concurrently first"
        if over
        else ""
    )
    where = schema_argument(change.table)
    return advice(
        f"In the time zone UTC the server computes what USING does here by itself, and rewrites nothing{still}",
        [
            "op.execute(\"SET LOCAL timezone = 'UTC'\")  # until the transaction ends",
            f"op.alter_column({python(change.table.name)}, {python(change.column)}, type_={new}{where})",
        ],
    )
