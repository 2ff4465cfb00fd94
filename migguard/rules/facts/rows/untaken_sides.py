"""What stands before a step on sides of branches that were not taken: it comes last in a trace, and may run."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.rules.facts.rows.empty_tables import Between, line_of
from migguard.rules.frame import StepContext
from migguard.trace import Certainty, Step


def untaken_before(ctx: StepContext) -> Iterator[Step]:
    """The steps of such sides, in this revision and those before it, that may run before this step."""
    for trace in ctx.deployment.upgrades:
        last = ctx.trace is not None and trace.revision == ctx.trace.revision
        script = ctx.known.scripts.get(trace.revision)
        between = Between(script, None, ctx.step) if last and script is not None else None
        for statement in trace.statements:
            if statement.certainty is not Certainty.OTHER_BRANCH or statement is ctx.step.statement:
                continue
            for step in statement.steps:
                line = line_of(step, script) if script is not None else None
                if step.refusal is None and (between is None or line is None or between.may_hold_line(line)):
                    yield step
        if last:
            return
