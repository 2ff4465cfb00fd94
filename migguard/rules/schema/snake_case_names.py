"""MG911: a name that is not snake_case."""

import re
from collections.abc import Iterator

from migguard.changes import Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.new_names import Naming, new_names
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import listed, python

BAD = Example('op.create_table("memberBadges", sa.Column("id", sa.BigInteger(), primary_key=True))')
GOOD = Example('op.create_table("member_badges", sa.Column("id", sa.BigInteger(), primary_key=True))')

SNAKE = re.compile(r"[^\W\d]\w*\Z")
CHECKED = ("table", "column", "index", "constraint")


@rule(
    "MG911",
    "snake-case-names",
    Severity.OFF,
    "A table, column, index or constraint name is not snake_case.",
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def snake_case_names(change: Naming, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A name with capitals, spaces or hyphens has to be quoted in every query that somebody writes by hand, and
    whether it is found without quotes differs from server to server. Names in one style need no looking up.

    ## What is let through
    Names that were there before this change, names that the server chooses, and names in capitals on Oracle,
    which is how Oracle keeps `snake_case`.
    """
    upper = ctx.server is not None and ctx.server.engine is Engine.ORACLE
    wrong = [(k, n) for k, n in new_names(change, ctx) if k in CHECKED and not is_snake_case(n, upper=upper)]
    if not wrong:
        return
    plural = "are" if len(wrong) > 1 else "is"
    yield ctx.finding(
        f"The {listed(f'{kind} {name}' for kind, name in wrong)} {plural} not named in snake_case.",
        table=next((name for kind, name in wrong if kind == "table"), None),
        advice="Name "
        + listed(f"{kind} {python(name)} {python(snake_case(name))}" for kind, name in wrong)
        + '; a model can keep its own attribute name: mapped_column("snake_case_name", …).',
    )


def is_snake_case(name: str, *, upper: bool = False) -> bool:
    """Whether a name is one word of lower-case letters, digits and underscores that starts with no digit."""
    plain = name.lower() if upper and name == name.upper() else name
    return plain == plain.lower() and SNAKE.match(plain) is not None


def snake_case(name: str) -> str:
    """The name in snake_case: `memberBadges` is `member_badges`, `HTTPCode` is `http_code`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    made = re.sub(r"_+", "_", re.sub(r"\W", "_", parted)).lower()
    return f"_{made}" if made[:1].isdigit() else made
