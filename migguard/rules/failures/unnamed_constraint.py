"""MG709: a constraint without a name of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import wrap

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, CreateTable, Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.conventions import (
    NOT_FOR_CHECKS,
    OUT_OF_REACH,
    broken_by_it,
    convention,
    server_names,
)
from migguard.rules.facts.advice.fresh_names import free, suggested
from migguard.rules.facts.advice.named_in_place import named_in_place
from migguard.rules.facts.advice.nameless_drops import drop_by_name, dropped_nameless, nameless, raises
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import new_constraints, original
from migguard.rules.facts.schema.name_templates import Named
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.facts.scripts.script_reach import Reach
from migguard.rules.frame import Context, Example, RevisionScript, StepContext, rule
from migguard.rules.wording import label, listed
from migguard.trace import Direction

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, email text)"
BAD = Example('op.create_unique_constraint(None, "people", ["email"])', given=GIVEN)
GOOD = Example('op.create_unique_constraint("uq_people_email", "people", ["email"])', given=GIVEN)
KINDS = {ConstraintKind.UNIQUE: "uq", ConstraintKind.CHECK: "ck", ConstraintKind.FOREIGN: "fk"}

BY_NAME = "Name it; what other revisions call by the server's name keeps that one"
BY_NONE = "Name it as the server does, for the drop_constraint() that is to be given its name"
MOST = 5
"""So many constraints are spelled out."""

Making = AddConstraint | AddColumn | CreateTable


@rule(
    "MG709",
    "unnamed-constraint",
    Severity.WARNING,
    "A unique constraint, check or foreign key without a name cannot be dropped again portably.",
    bad=BAD,
    good=GOOD,
)
def unnamed_constraint(subject: Making | RevisionScript, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The server invents a name, each server another one, and numbers it when it is taken. The revision that drops the
    constraint has to know it: autogenerate writes `op.drop_constraint(None, …)`, which cannot work. PostgreSQL's names
    can be foretold, so there it is a notice.

    ## What is let through
    Constraints that a naming convention of the MetaData names, or may name, where the MetaData could not be imported;
    primary keys; constraints that get a name before the
    deployment ends, or are gone by then; those that a partition takes from its parent.
    """
    if isinstance(subject, RevisionScript):
        yield from dropped_without_name(subject, ctx)
        return
    if ctx.deployment.environment.unknown_names:
        return
    found = [(t, c) for t, c in new_constraints(subject, ctx) if not c.named and c.kind in KINDS]
    if not found:
        return
    key = original(found[0][0].key)
    name = label(key, ctx)
    many = "have no names of their own" if len(found) > 1 else "has no name of its own"
    yield ctx.finding(
        f"{listed(described(c, ctx) for _, c in found)} of {name} {many}: the server "
        "invents one, and whoever drops it must know it.",
        severity=Severity.NOTICE if ctx.after.server.engine is Engine.POSTGRESQL else None,
        table=key,
        advice=advice(found, subject, ctx),
    )


def described(constraint: ConstraintState, ctx: StepContext) -> str:
    """A constraint in words."""
    if constraint.kind is ConstraintKind.FOREIGN and constraint.references is not None:
        return f"the foreign key to {label(constraint.references, ctx)}"
    if constraint.kind is ConstraintKind.CHECK:
        return f"the check on {listed(constraint.columns)}" if constraint.columns else "a check"
    return f"the unique constraint over {listed(constraint.columns)}"


def advice(found: Sequence[tuple[Table, ConstraintState]], subject: Making, ctx: StepContext) -> str:
    """A name for each, or a convention that gives one to each."""
    end, lines, names, lead = final(ctx), [], server_names(ctx), "Name it"
    called, taken_back = {one.name for one in names}, dropped_nameless(ctx)
    for table, state in found[:MOST]:
        about = Named(table.key[1], state.columns, (state.references or ("", ""))[1], state.references_columns)
        if known := state.name in called or state.oid in taken_back:
            lead = BY_NAME if state.name in called else BY_NONE
        name = state.name if known else free(suggested(KINDS[state.kind], about, ctx), table, end)
        lines += named_in_place(state, name, original(table.key), end, ctx, whole=isinstance(subject, CreateTable))
    listed_models = ctx.deployment.environment.listed_metadata
    if names or listed_models:
        why = OUT_OF_REACH if listed_models else broken_by_it(names)
        return "\n".join((f"{lead}:", *lines, *(f"# {line}" for line in wrap(f"{why}.", 100))))
    if all(state.kind is ConstraintKind.CHECK for _, state in found):
        return "\n".join(("Name it:", *lines))
    rest = wrap(f"or let the MetaData name keys and unique constraints; {NOT_FOR_CHECKS}:", 100)
    return "\n".join(("Name it:", *lines, *(f"# {line}" for line in rest), f"# {convention()}"))


def dropped_without_name(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """`drop_constraint(None, …)` anywhere in the script."""
    reach = Reach(subject.script)
    for call in nameless(subject.script):
        finding = ctx.finding(
            f"A constraint cannot be dropped without its name: {raises(call, subject.script)}.",
            severity=Severity.ERROR,
            origin=place(subject.script, call),
            advice=drop_by_name(call, subject, ctx),
        )
        yield replace(finding, direction=Direction.DOWNGRADE.value) if reach.only_backwards(call) else finding
