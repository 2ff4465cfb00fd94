"""MG922: a name that the project's naming convention would not have made."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Key, Table
from migguard.changes import Engine, RenameConstraint, RenameIndex
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.introduced import Indexing, new_constraints, new_indexes
from migguard.rules.facts.schema.name_templates import Named, example, fits
from migguard.rules.facts.schema.renamed import renamed_part
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
RULES = '[naming]\nuq = "uq_%(table_name)s_%(column_0_name)s"'
BAD = Example('op.create_unique_constraint("orders_code", "orders", ["code"])', given=GIVEN, settings=RULES)
GOOD = Example('op.create_unique_constraint("uq_orders_code", "orders", ["code"])', given=GIVEN, settings=RULES)

KINDS = {
    ConstraintKind.PRIMARY: "pk",
    ConstraintKind.UNIQUE: "uq",
    ConstraintKind.CHECK: "ck",
    ConstraintKind.FOREIGN: "fk",
}


@rule(
    "MG922",
    "naming-convention",
    Severity.OFF,
    "A constraint or index name breaks the naming convention.",
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def naming_convention(change: Indexing | RenameConstraint | RenameIndex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The models make their names by the convention. A constraint that the migrations call otherwise cannot be
    dropped by the name that the model knows, and autogenerate takes it for another one.

    ## What is let through
    Everything, where the MetaData that env.py hands over has no convention and the setting `naming` gives
    none (`pk`, `fk`, `uq`, `ck`, `ix`; they go before the MetaData's). Kinds without a template; names that
    go on with further columns; names that were there before, and those of MySQL's and SQLite's nameless keys.
    """
    conventions = [{**dict(one), **ctx.settings.naming} for one in ctx.deployment.environment.conventions]
    for table, part in parts(change, ctx):
        kinds = kinds_of(part)
        about = facts(table, part)
        chosen = conventions or [ctx.settings.naming]
        templates = [one[kind] for one in chosen for kind in kinds if kind in one]
        if not templates or any(fits(part.name, template, about) for template in templates):
            continue
        name = label(table.key, ctx)
        what = "index" if isinstance(part, Index) else part.kind.value
        said = f"is called {part.name}" if part.named else f"has no name, and the server calls it {part.name}"
        wanted = listed(dict.fromkeys(example(template, about) for template in templates))
        yield ctx.finding(
            f"The {what} of {name} over ({', '.join(str(c) for c in part.columns)}) {said}, where the naming "
            f"convention makes {wanted}.",
            table=table.key,
            advice=f"Call it {wanted}, or leave the name out where env.py hands over the MetaData.",
        )


def parts(
    change: Indexing | RenameConstraint | RenameIndex, ctx: StepContext
) -> Iterator[tuple[Table, ConstraintState | Index]]:
    """The constraints and indexes that get a name in this step."""
    if isinstance(change, (RenameConstraint, RenameIndex)):
        found = renamed_part(change, ctx)
        if found is not None:
            yield found
        return
    server_names = ctx.after.server.engine is Engine.POSTGRESQL
    for table, constraint in new_constraints(change, ctx):
        if constraint.kind in KINDS and (constraint.named or server_names) and constraint.name != "PRIMARY":
            yield table, constraint
    for table, index in new_indexes(change, ctx):
        if index.constraint is None and index.named:
            yield table, index


def kinds_of(part: ConstraintState | Index) -> tuple[str, ...]:
    """The keys of the convention that may have named it."""
    if isinstance(part, ConstraintState):
        return (KINDS[part.kind],) if part.kind in KINDS else ()
    return ("ix", "uq") if part.unique else ("ix",)


def facts(table: Table, part: ConstraintState | Index) -> Named:
    """What a template may ask about it."""
    if isinstance(part, Index) or part.references is None:
        return Named(table.key[1], part.columns)
    referred: Key = part.references
    return Named(table.key[1], part.columns, referred[1], part.references_columns)
