"""MG928: a relationship with lazy="dynamic"."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.models import ModelTable, place
from migguard.rules.frame import Context, rule


@rule("MG928", "dynamic-relationship", Severity.OFF, 'A relationship is `lazy="dynamic"`.', guideline=True)
def dynamic_relationship(table: ModelTable, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A dynamic relationship gives a legacy Query: it works neither with an AsyncSession nor with eager loading, and each
    access is a query of its own. SQLAlchemy calls it legacy since 2.0.

    ## What is let through
    `WriteOnlyMapped[...]` (`lazy="write_only"`), which took its place, and every other way of loading.
    """
    for one in table.relationships:
        if one.dynamic:
            yield ctx.finding(
                f"{one.owner}.{one.name} loads {one.target} dynamically.",
                origin=place(one.path, one.line),
                table=table.name,
                advice=f"Make it write-only:\n{one.name}: WriteOnlyMapped[...] = relationship(...)",
            )
