"""MG706: a statement that cannot work on the replayed schema."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Refusal, RefusalKind
from migguard.changes import (
    AddEnumValue,
    AlterColumnType,
    Change,
    CreateEnum,
    RefreshMaterializedView,
    RenameEnumValue,
)
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.refused_casts import refused_type_change
from migguard.rules.facts.schema.dependents import standing_in_the_way
from migguard.rules.facts.schema.met_schemas import was_there
from migguard.rules.facts.schema.new_names import Naming
from migguard.rules.facts.schema.taken_along import taken_along
from migguard.rules.facts.schema.unknown_names import unknown_name
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import python
from migguard.trace import Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example('op.alter_column("orders", "e_mail", existing_type=sa.Text(), nullable=True)', given=GIVEN, runs=False)
GOOD = Example('op.alter_column("orders", "email", existing_type=sa.Text(), nullable=True)', given=GIVEN)
ADVICE = {
    RefusalKind.DUPLICATE: "Another revision has made it already: drop this one, or guard it with if_not_exists=True.",
    RefusalKind.DEPENDENTS: "Drop or change what depends on it first, in the same revision.",
    RefusalKind.VERSION: "Set server_version to the version that runs in production, or write it as that version can.",
    RefusalKind.UNKNOWN_RELATION: (
        "Check the name. If the table was there before the first revision, give migguard a baseline: "
        'baseline = "schema.sql" (pg_dump -s, mysqldump --no-data).'
    ),
}


def empty_view(step: Step, ctx: StepContext) -> bool:
    """Whether a view that this deployment made empty is refreshed CONCURRENTLY; an older one may be full by now."""
    change = step.change
    if not isinstance(change, RefreshMaterializedView) or not change.concurrently or step.refusal is not None:
        return False
    key = relation_key(step.before, change.view)
    view = step.before.views.get(key) if key is not None else None
    return view is not None and not view.populated and not ctx.existing(view.key) and step.verified and not step.caught


@rule(
    "MG706",
    "replay-error",
    Severity.ERROR,
    "The statement cannot work on the schema that the earlier revisions leave.",
    bad=BAD,
    good=GOOD,
)
def replay_error(step: Step, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Replaying the history says which tables, columns, constraints, indexes and types there are when this statement
    runs. What is not there cannot be altered, and what is there cannot be made again: the deployment stops here.

    ## What is let through
    IF EXISTS and IF NOT EXISTS; tables that the history never created (they are taken as existing, with unknown
    columns, and so are their schemas); names in a query that may come from a function, from a relation whose columns
    are not all known, or from a value that the replay did not have; statements that only may run, because they were
    read from a branch that the replay did not take; drops that a view, generated column, policy or trigger stands in
    the way of, which MG612 reports; type changes that MG705 reports; names that are too long (MG707); what an extension
    may bring, or somebody have made by other means than a revision: operator classes, collations, roles, casts,
    functions; features by version where `server_version` is not set; what the script catches in a savepoint or in
    autocommit, where it can go on (in a transaction it cannot); names of constraints and indexes where the MetaData,
    whose naming convention may have chosen them, could not be imported.
    Where the schema is not known for certain, as after a statement that could not be read, it is a warning: the server
    may take the statement, and then what it locks and loses was not judged.
    """
    if empty_view(step, ctx):
        yield ctx.finding(
            "This cannot work: a view that holds nothing yet cannot be refreshed CONCURRENTLY.",
            advice="Refresh it once without CONCURRENTLY, or create it WITH DATA.",
        )
    if step.refusal is None or step.caught:
        return
    if step.refusal.kind is RefusalKind.TOO_LONG and isinstance(step.change, Naming):
        return
    if standing_in_the_way(step) or unknown_name(step, ctx) or was_there(step, ctx):
        return
    if isinstance(step.change, AlterColumnType) and refused_type_change(step.change, step) is not None:
        return
    if not step.verified:
        yield ctx.finding(
            f"As far as the schema is known here, this cannot work: {step.refusal.message}. If it does, nobody has "
            "looked at what it locks and loses.",
            severity=Severity.WARNING,
            advice="Look at it by hand; the findings about earlier statements and imports say what is not known.",
        )
        return
    why, cure = taken_along(step, ctx.trace) or (step.refusal.message, advice(step.change, step.refusal))
    yield ctx.finding(f"This cannot work: {why}.", advice=cure)


def advice(change: Change, refusal: Refusal) -> str:
    """What helps, by the kind of the refusal; no CREATE TYPE has IF NOT EXISTS."""
    if isinstance(change, CreateEnum) and refusal.kind is RefusalKind.DUPLICATE:
        return (
            "An earlier revision has made the type, and SQLAlchemy makes it again for the first table of a run "
            "that has it. Say that it is there:\n"
            "from sqlalchemy.dialects import postgresql\n"
            f"postgresql.ENUM(..., name={python(change.type.name)}, create_type=False)"
        )
    if isinstance(change, CreateEnum | AddEnumValue | RenameEnumValue) and refusal.kind is RefusalKind.INVALID:
        return "PostgreSQL takes each value of an enum once, and of at most 63 bytes: write it so, in the model too."
    return ADVICE.get(refusal.kind, "Check the name against the revisions before this one.")
