"""What the rules about models and schema share: each speaks for the differences that bear its code."""

from collections.abc import Iterator

from migguard.differences import SchemaDifference
from migguard.findings import Finding
from migguard.rules.frame import Context


def reported(difference: SchemaDifference, ctx: Context) -> Iterator[Finding]:
    """The finding of a difference, if it is this rule's."""
    if difference.code != ctx.rule.code:
        return
    yield ctx.finding(
        difference.message,
        origin=difference.origin,
        severity=difference.severity,
        table=f"{difference.schema}.{difference.table}" if difference.schema else difference.table,
        revision=difference.revision,
        advice=f"Make the schema what the models say:\n{difference.cure}" if difference.cure else "",
        verified=difference.verified,
    )
