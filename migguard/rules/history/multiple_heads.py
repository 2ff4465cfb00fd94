"""MG101: more than one head that the project did not declare."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed, quoted


@rule("MG101", "multiple-heads", Severity.ERROR, "The history has more than one head.")
def multiple_heads(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    `alembic upgrade head` refuses to run when there are two heads: the deployment stops before the first statement.

    ## What is let through
    Labelled branches with one head each; heads that `heads` in the settings declares by label or revision id.
    """
    declared = set(ctx.settings.heads)
    for label, heads in history.heads.items():
        loose = [h for h in heads if h not in declared]
        if len(loose) < 2 or (label and label in declared and len(heads) == 1):
            continue
        newest = next((h for h in reversed(loose) if history.revisions[h].new), loose[-1])
        where = f" of the branch {label}" if label else ""
        yield ctx.finding(
            f"There are {len(loose)} heads{where}: {listed(loose)}.",
            origin=history.revisions[newest].origin,
            revision=newest,
            advice=(
                "Put one behind the other by its down_revision, or join them: "
                f'alembic merge -m "merge heads" {" ".join(loose)}. '
                f"If they are meant to stay apart, declare them: heads = [{quoted(loose)}]."
            ),
        )
