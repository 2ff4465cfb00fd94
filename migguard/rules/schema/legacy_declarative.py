"""MG927: models that are not written with DeclarativeBase and Mapped[...]."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.models import ModelTable, place
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed


@rule(
    "MG927",
    "legacy-declarative",
    Severity.OFF,
    "A mapped class is not written with `DeclarativeBase` and `Mapped[...]`.",
    guideline=True,
)
def legacy_declarative(table: ModelTable, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Type checkers see nothing of `Column(...)` attributes, and nullability is said in one place and believed in another.
    With `Mapped[str | None]` the annotation is the definition: what the code may get and what the column may hold are
    one statement.

    ## What is let through
    Classes mapped to a `Table` of their own (`__table__`), and attributes that come from a library's mixin.
    """
    for one in table.classes:
        if not one.declarative_base:
            said = f"{one.name} does not inherit from DeclarativeBase."
            advice = "Let the base be a class:\nclass Base(DeclarativeBase):\n    pass"
        elif one.untyped:
            verb = "is" if len(one.untyped) == 1 else "are"
            said = f"{listed(one.untyped)} of {one.name} {verb} not annotated with Mapped[...]."
            advice = f"Annotate them:\n{one.untyped[0]}: Mapped[...] = mapped_column(...)"
        else:
            continue
        yield ctx.finding(said, origin=place(one.path, one.line), table=table.name, advice=advice)
