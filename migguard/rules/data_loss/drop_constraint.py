"""MG311: a restriction on existing rows is dropped, and nothing takes its place."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, ConstraintState, Index
from migguard.changes import DropConstraint, DropIndex
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.fresh_names import free
from migguard.rules.facts.rows.dropped_restrictions import Restriction, missed, no_longer, restriction
from migguard.rules.facts.rows.looser_keys import also, looser
from migguard.rules.facts.rows.upserts import failing_upserts
from migguard.rules.facts.schema.columns_gone import over_what_goes
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.renamed import called_before
from migguard.rules.facts.schema.same_again import spelled, unique_again
from migguard.rules.facts.schema.unknown_restrictions import new_keys
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label, listed, waiting

GIVEN = "CREATE TABLE users (id bigint PRIMARY KEY, email text, CONSTRAINT uq_users_email UNIQUE (email))"
BAD = Example('op.drop_constraint("uq_users_email", "users")', given=GIVEN)
GOOD = Example(
    """
    op.create_index("ix_users_email", "users", ["email"], unique=True)
    op.drop_constraint("uq_users_email", "users")
    """,
    given=GIVEN,
)
ALLOWS = {
    ConstraintKind.PRIMARY: "lets two rows have the same {columns}",
    ConstraintKind.UNIQUE: "lets two rows have the same {columns}",
    ConstraintKind.CHECK: "lets in rows that it refused",
    ConstraintKind.FOREIGN: "lets in rows whose {columns} refers to nothing",
    ConstraintKind.EXCLUSION: "lets in rows that exclude each other",
}


@rule(
    "MG311",
    "drop-constraint",
    Severity.NOTICE,
    "A unique, check, foreign key or primary key of an existing table is dropped and not replaced.",
    bad=BAD,
    good=GOOD,
)
def drop_constraint(change: DropConstraint | DropIndex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    From now on rows get in that the constraint refused. With the first of them it cannot be added again, and
    code that relied on it (one row for each e-mail address, no order without a customer) is wrong without an
    error; an upsert whose ON CONFLICT needs the key is refused.

    ## What is let through
    A constraint that this deployment replaces: a key over some of the same columns (unless a further column of it may
    be NULL, since NULLs are distinct, or the script makes it only after it has counted rows), another foreign key or
    check of the column, NOT NULL for a check that said so, an enum for a check of values. One that this
    deployment added, that was never enforced, or whose table, column or referenced table is dropped as well.
    """
    if ctx.step.refusal is not None:
        return
    gone = restriction(change, ctx)
    if gone is None:
        return
    less = None
    if not missed(gone, ctx):
        less = looser(gone, ctx)
        if less is None:
            return
    name, state = label(gone.table.key, ctx), gone.state
    kind = state.kind if isinstance(state, ConstraintState) else ConstraintKind.UNIQUE
    if state is None:
        allows, what = f"lets in rows that it refused{over_what_goes(gone, ctx)}", "constraint"
    else:
        columns = listed(state.columns if isinstance(state, ConstraintState) else sorted(gone.columns))
        allows = ALLOWS[kind].format(columns=columns or "values")
        what = f"{kind.value} constraint" if isinstance(state, ConstraintState) else "unique index"
    other = next(new_keys(gone.name, gone.table, ctx), None) if state is None else None
    last = (
        f" {less}"
        if less is not None
        else f", unless {other.name} replaces it"
        if other
        else ", and nothing replaces it"
    )
    yield ctx.finding(
        f"Dropping the {what.replace('key constraint', 'key')} {gone.name} of {name} {allows}{last}."
        f"{failing_upserts(gone, ctx)}",
        lock=waiting(ctx, gone.table.key, ctx.effect) or None,
        table=gone.table.key,
        advice=advice(gone, ctx) if less is None else beside(gone, ctx),
    )


def advice(gone: Restriction, ctx: StepContext) -> str:
    """What to look at where it is dropped on purpose, and how to put another in its place where one is meant."""
    state, postgresql = gone.state, ctx.before.server.engine in POSTGRESQL
    lead = (
        f"If it is to go, see that no code relies on it{no_longer(state)}. If something else is meant to take its "
        f"place, add that in this deployment, before the drop{called_before(gone.table, ctx)}"
    )
    name = free(f"{gone.name}_new", gone.table, ctx.before, final(ctx))
    lines: list[str] = []
    if isinstance(state, ConstraintState) and state.kind in (ConstraintKind.FOREIGN, ConstraintKind.CHECK):
        lines = spelled(state, name, gone.table.key, ctx.before, later=postgresql)
    elif state is not None and keyed(state):
        lines = unique_again(state, name, gone.table, ctx.before, online=postgresql)
    return "\n".join((f"{lead}, and change in what goes what is to be otherwise:", *lines)) if lines else f"{lead}."


def beside(gone: Restriction, ctx: StepContext) -> str:
    """What keeps apart the rows that the new key does not."""
    lines = also(gone, ctx)
    lead = "Keep it until the new key holds for every row: with no NULL in it, and made on every database"
    other = "; or add a unique index for the rows that it lets pass, once its columns are there"
    return "\n".join((f"{lead}{other}:", *lines)) if lines else f"{lead}."


def keyed(state: ConstraintState | Index) -> bool:
    """Whether it is a key over plain columns."""
    plain = bool(state.columns) and None not in state.columns
    return plain and (isinstance(state, Index) or state.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE))
