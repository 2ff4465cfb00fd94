"""MG929: a relationship and its foreign key do not agree on what deleting a parent does."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.models import ModelTable, Relationship, place
from migguard.rules.frame import Context, rule


@rule(
    "MG929",
    "delete-cascade-mismatch",
    Severity.OFF,
    "A relationship deletes children while the foreign key has no ON DELETE, or the other way round.",
    guideline=True,
)
def delete_cascade_mismatch(table: ModelTable, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    With `cascade="delete"` alone, a parent that is deleted by SQL, by a bulk delete or by another service leaves its
    children, or fails on them. With ON DELETE CASCADE alone, the session first sets the children's keys to NULL,
    row by row, and the database has nothing left to cascade to.

    ## What is let through
    Both sides cascade; neither does; the relationship leaves it to the database with `passive_deletes=True`.
    """
    for one in table.relationships:
        said = disagreement(one)
        if said is not None:
            yield ctx.finding(
                f"{one.owner}.{one.name}: {said[0]}", origin=place(one.path, one.line), table=one.target, advice=said[1]
            )


def disagreement(one: Relationship) -> tuple[str, str] | None:
    """What the two sides say, and what would make them agree."""
    if not one.children:
        return None
    database = (one.on_delete or "").upper() == "CASCADE"
    if one.deletes and not database:
        return (
            f"the session deletes {one.target} with their parent, the database does not.",
            f'Let the foreign key of {one.target} cascade too: ForeignKey(…, ondelete="CASCADE")',
        )
    if database and not one.deletes and not one.passive:
        return (
            f"the database deletes {one.target} with their parent, the session sets their foreign key to NULL first.",
            f'Say so in the relationship:\n{one.name} = relationship(..., cascade="all, delete", passive_deletes=True)',
        )
    return None
