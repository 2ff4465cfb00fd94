"""The sides of branches that a replay did not take, each as a deployment that takes it and ends there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migguard.source import Origin
from migguard.trace import Aside, Certainty, Deployment, RevisionTrace, Statement


def taken(deployment: Deployment, trace: RevisionTrace, aside: Aside) -> tuple[Deployment, RevisionTrace]:
    """The deployment up to the end of a branch's other side, and the trace of the branch's revision in it.

    What ran below the branch is left out, and so are later revisions: they ran on a schema without it.
    """
    own = trace.statements[aside.first : aside.end]
    before = list(above(trace, own))
    number = next((s.transaction for s in reversed(before) if not s.autocommit), None)
    first = own[0].transaction
    statements = [*before, *(as_run(s, number if s.transaction == first else None) for s in own)]
    one = RevisionTrace(trace.revision, trace.direction, trace.before, aside.after, statements)
    place = next((i for i, t in enumerate(deployment.upgrades) if t is trace), len(deployment.upgrades))
    upgrades = [*deployment.upgrades[:place], one]
    return (
        Deployment(
            deployment.released,
            upgrades,
            {},
            deployment.environment,
            transactional_ddl=deployment.transactional_ddl,
            final=aside.after,
            beyond=deployment.upgrades[place + 1 :],
        ),
        one,
    )


def above(trace: RevisionTrace, own: list[Statement]) -> Iterator[Statement]:
    """The statements that ran before the branch was come to."""
    lines = [s.origin.line for s in own if s.origin is not None]
    line = min(lines, default=0)
    for statement in trace.statements:
        if statement.certainty is not Certainty.OTHER_BRANCH and (
            statement.origin is None or statement.origin.line < line
        ):
            yield statement


def as_run(statement: Statement, transaction: int | None) -> Statement:
    """A statement as if it had run, in a transaction that had begun before it."""
    made = replace(statement, certainty=Certainty.READ, steps=[])
    if transaction is not None:
        made.transaction = transaction
    inner: dict[int, Statement] = {id(statement): made}
    for step in statement.steps:
        if id(step.statement) not in inner:
            inner[id(step.statement)] = replace(
                step.statement, certainty=Certainty.READ, transaction=made.transaction, steps=[]
            )
        moved = replace(step, statement=inner[id(step.statement)])
        made.steps.append(moved)
        if moved.statement is not made:
            moved.statement.steps.append(moved)
    return made


def places(trace: RevisionTrace, aside: Aside) -> set[Origin | None]:
    """Where the statements of a side stand."""
    return {s.origin for s in trace.statements[aside.first : aside.end]}
