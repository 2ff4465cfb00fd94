"""MG113: contracting revisions and application code in one change set."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.rules.phases import Phase, phase_of_step
from migguard.rules.wording import listed
from migguard.trace import Deployment


@rule("MG113", "mixed-with-code", Severity.OFF, "Contracting revisions are shipped together with application code.")
def mixed_with_code(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    What contracts the schema must wait until no instance runs the old code any more. In one change set with the code
    that no longer needs the column, both are deployed at once, and the old instances fail until the last is replaced.

    ## What is let through
    Change sets without application code (tests and the migrations' own folder are none), and revisions that only
    expand. `phases = true` turns the rule on.
    """
    code = ctx.history.code if ctx.history else ()
    if not code:
        return
    for trace in deployment.upgrades:
        step = next((s for s in trace.steps() if phase_of_step(s, deployment) is Phase.CONTRACT), None)
        if step is None:
            continue
        names = listed([path.name for path in code[:3]]) + (f" and {len(code) - 3} more" if len(code) > 3 else "")
        yield ctx.finding(
            f"{trace.revision} contracts the schema, and the change set also changes application code ({names}).",
            severity=Severity.WARNING,
            origin=step.statement.origin,
            sql=step.statement.sql,
            revision=trace.revision,
            advice="Ship the code first, and the revision in a change set of its own when no old instance runs.",
        )
