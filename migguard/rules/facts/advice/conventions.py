"""A naming convention as advice: only where no revision knows a constraint by the name that the server gave it."""

from migguard.rules.facts.advice.fresh_names import TEMPLATES
from migguard.rules.frame import Context
from migguard.rules.wording import listed, python

MOST = 3
"""So many names are told."""


def server_names(ctx: Context) -> tuple[str, ...]:
    """The names of servers that some revision drops or renames."""
    return ctx.history.server_names() if ctx.history is not None else ()


def convention(kinds: dict[str, str] = TEMPLATES) -> str:
    """`sa.MetaData(naming_convention=…)`."""
    templates = ", ".join(f"{python(kind)}: {python(template)}" for kind, template in kinds.items())
    return f"sa.MetaData(naming_convention={{{templates}}})"


NAMELESS_CHECKS = "a CHECK, an Enum or a Boolean with one needs a name= of its own then, or SQLAlchemy raises"
"""What `%(constraint_name)s` asks of models and revisions alike."""


def broken_by_it(names: tuple[str, ...]) -> str:
    """What a convention does to old revisions, where they know constraints by these names."""
    more = len(names) - MOST
    told = listed(names) if more <= 0 else f"{', '.join(names[:MOST])} and {more} more"
    return (
        "A naming_convention of the MetaData also names what old revisions make without a name: `alembic upgrade` of "
        f"an empty database then fails where revisions call {told} as the server did"
    )
