"""MG004: a statement that hides what it does."""

from collections.abc import Iterator

from migguard.catalog.lookup import functions_named
from migguard.changes import Change, CreateFunction, Nothing, Opaque, Select
from migguard.effects.postgresql_functions import stable_builtins
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.first_words import what
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import listed

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
BAD = Example(
    """
    op.execute("DO $$ BEGIN EXECUTE 'ALTER TABLE ' || 'orders' || ' ADD COLUMN note text'; END $$")
    """,
    given=GIVEN,
)
GOOD = Example('op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN)


@rule("MG004", "opaque-statement", Severity.NOTICE, "A statement hides some of what it does.", bad=BAD, good=GOOD)
def opaque_statement(change: Opaque | CreateFunction, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    What can be read inside a DO block, and in the body of a function that a revision calls, is checked like the rest:
    conditions on the schema are answered by the replayed one, and what stands under any other condition is taken to
    run. A statement that is put together from rows, or runs in another language, can only be judged by a human.

    ## What is let through
    Functions whose bodies change no schema.
    """
    if isinstance(change, CreateFunction):
        strange = [c for c in change.body_changes if not harmless(c, ctx)]
        if strange and not change.dynamic and all(isinstance(c, Opaque) and c.calls for c in strange):
            called = listed(dict.fromkeys(str(n) for c in strange if isinstance(c, Opaque) for n in c.calls))
            yield ctx.finding(
                f"The body of {change.function} calls {called}: what that does is checked where a revision calls "
                f"{change.function}, as far as it is known, and not seen where anything else does.",
                advice="Look at what it calls.",
            )
        elif strange or change.dynamic:
            yield ctx.finding(
                f"The body of {change.function} changes the schema: that is checked where a revision calls it, and not "
                "seen where anything else does.",
                advice="Look at what calls it, or move the schema changes into revisions.",
            )
        return
    if change.complete and inner(ctx):
        return
    if not change.complete:
        rest = "the rest was checked" if change.inside else "so its locks and what it changes are unknown"
        message = f"Not all of what this {change.kind} does could be read; {rest}."
    elif change.conditional:
        message = (
            f"This {change.kind} decides while it runs which of its statements run{seen(ctx)}; those that may run on "
            "the replayed schema were checked."
        )
    else:
        message = (
            f"This {change.kind} runs statements that the script does not show one by one{seen(ctx)}; they were "
            "checked."
        )
    yield ctx.finding(message, advice="Write the steps as operations of their own, or look at the block by hand.")


def harmless(change: Change, ctx: StepContext) -> bool:
    """Whether a statement of a function's body only calls functions of the server's own that leave the schema alone."""
    if not isinstance(change, Opaque) or not change.calls or ctx.before.server.engine not in POSTGRESQL:
        return False
    return all(
        name.schema in (None, "pg_catalog")
        and name.name in stable_builtins()
        and not functions_named(ctx.before, name.name)
        for name in change.calls
    )


def seen(ctx: StepContext) -> str:
    """What was seen to run in it: a line of the script may send several blocks."""
    own = ctx.step.statement
    ran = list(dict.fromkeys(what(s, ctx.lookup) for s in own.steps if s.statement is not own and not asks(s.change)))
    more = f" and {len(ran) - 2} more" if len(ran) > 2 else ""
    return f" ({'; '.join(ran[:2])}{more})" if ran else ""


def asks(change: Change) -> bool:
    """Whether a step inside of a block changes nothing."""
    return isinstance(change, (Select, Nothing, Opaque))


def inner(ctx: StepContext) -> bool:
    """Whether a call stands in a block, for which the rule speaks already."""
    return ctx.trace is not None and all(s is not ctx.step.statement for s in ctx.trace.statements)
