"""MG923: a name that is a word of the engine's own grammar."""

from collections.abc import Iterator

from migguard.catalog.schema import Server
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.new_names import ENGINE_NAMES, Naming, new_names
from migguard.rules.facts.schema.reserved_words import reserved
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import listed, python

BAD = Example('op.create_table("order", sa.Column("id", sa.BigInteger(), primary_key=True))')
GOOD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))')


@rule(
    "MG923",
    "reserved-word",
    Severity.NOTICE,
    "A new name is a reserved word of the engine.",
    bad=BAD,
    good=GOOD,
)
def reserved_word(change: Naming, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    SQLAlchemy quotes such a name, if it knows the word; every query, report and migration that somebody
    writes by hand has to quote it too, and fails with a syntax error where it does not. On PostgreSQL `SELECT
    user` does not even fail: it gives the name of the role.

    ## What is let through
    Words that the configured version of the engine keeps as keywords without reserving them, such as `name`,
    `type` and `value`; names that were there before.
    """
    server = ctx.after.server
    found = [(kind, name) for kind, name in new_names(change, ctx) if reserved(name, server)]
    if not found:
        return
    words = "reserved words" if len(found) > 1 else "a reserved word"
    are, them, stand = ("are", "them", "they stand") if len(found) > 1 else ("is", "it", "it stands")
    yield ctx.finding(
        f"The {listed(f'{kind} name {name}' for kind, name in found)} {are} {words} of {shown(server)}: "
        f"whoever writes a query by hand has to quote {them} where {stand} alone.",
        table=next((name for kind, name in found if kind == "table"), None),
        advice="Choose another name for "
        + listed(f"the {kind}, such as {python(suggestion(kind, name))}" for kind, name in found)
        + "."
        + (' A model can keep the word as its attribute: mapped_column("other_name", …).' if of_columns(found) else ""),
    )


def of_columns(found: list[tuple[str, str]]) -> bool:
    """Whether a column is among them: a model's attribute has a name of its own."""
    return any(kind == "column" for kind, _ in found)


def shown(server: Server) -> str:
    """`PostgreSQL 16`."""
    return f"{ENGINE_NAMES[server.engine]} {'.'.join(str(part) for part in server.version)}"


def suggestion(kind: str, name: str) -> str:
    """A name near the word: a table's in the plural, another one's with a word more."""
    return f"{name}s" if kind in ("table", "view") and not name.endswith("s") else f"{name}_{kind}".lower()
