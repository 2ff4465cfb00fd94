"""MG421: a domain's new constraint that is verified in every table that uses it."""

from collections.abc import Iterator

from migguard.changes import AlterDomain, Check
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import advice, execute
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, identifier, label, listed, sql_name, waiting

GIVEN = "CREATE DOMAIN money_amount AS numeric(12, 2);CREATE TABLE orders (id bigint PRIMARY KEY, total money_amount)"
BAD = Example('op.execute("ALTER DOMAIN money_amount ADD CONSTRAINT ck_positive CHECK (VALUE >= 0)")', given=GIVEN)
GOOD = Example(
    'op.execute("ALTER DOMAIN money_amount ADD CONSTRAINT ck_positive CHECK (VALUE >= 0) NOT VALID")', given=GIVEN
)


@rule(
    "MG421",
    "domain-constraint-scan",
    Severity.WARNING,
    "A domain's constraint is verified in every table that uses it while writes to them wait.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES, scans=True),
)
def domain_constraint_scan(change: AlterDomain, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The constraint belongs to the domain, but the rows are in the tables: each one with a column of the domain is read
    whole, one after the other, and all of them stay locked against writes until the last one has been read.

    ## What is let through
    NOT VALID, which holds for new values only; a validation that lets writes go on; domains that no existing table
    uses.
    """
    effect = ctx.effect
    slow = sorted(k for k in effect.scans if ctx.existing(k) and blocks(effect, k))
    if not slow:
        return
    yield ctx.finding(
        f"{what(change)} reads all of {listed(label(k, ctx) for k in slow)} while every write to "
        f"{'it' if len(slow) == 1 else 'them'} waits.",
        lock="; ".join(waiting(ctx, k, effect) for k in slow),
        grows=True,
        table=slow[0],
        advice=recipe(change),
    )


def what(change: AlterDomain) -> str:
    """The change in words."""
    name = change.constraint.name if change.constraint is not None else change.name
    match change.action:
        case "set not null":
            return f"Making the domain {change.domain} NOT NULL"
        case "validate constraint":
            return f"Validating {name or 'the constraint'} of the domain {change.domain}"
        case _:
            return f"Adding {name or 'a constraint'} to the domain {change.domain}"


def recipe(change: AlterDomain) -> str:
    """NOT VALID, and what to do about the old values."""
    domain = sql_name(change.domain)
    check = change.constraint.expression.text if isinstance(change.constraint, Check) else "VALUE IS NOT NULL"
    name = (change.constraint.name if change.constraint is not None else None) or f"ck_{change.domain.name}"
    if change.action == "validate constraint":
        return (
            "Validate it when few people write, with a short lock_timeout: "
            "op.execute(\"SET LOCAL lock_timeout = '2s'\"). NOT VALID already holds for every new value."
        )
    return advice(
        "Add it NOT VALID: it holds for every new value at once. Mend the old ones, and validate it in a later "
        "deployment, when few people write",
        [execute(f"ALTER DOMAIN {domain} ADD CONSTRAINT {identifier(name)} CHECK ({check}) NOT VALID")],
    )
