"""A naming convention as advice: only where no revision knows a constraint by the name that the server gave it."""

from collections.abc import Sequence

from migguard.history import ServerName
from migguard.rules.facts.advice.fresh_names import TEMPLATES
from migguard.rules.frame import Context
from migguard.rules.wording import listed, python

INDEXES = "ix_%(column_0_label)s"
MOST = 3
"""So many names are told."""


def server_names(ctx: Context) -> tuple[ServerName, ...]:
    """The names of servers that some revision drops or renames."""
    return ctx.history.server_names() if ctx.history is not None else ()


def convention(kinds: dict[str, str] = TEMPLATES) -> str:
    """`sa.MetaData(naming_convention=…)`, without a template for CHECKs.

    It takes the place of SQLAlchemy's default, which names the indexes of `index=True`: those fail without a template
    (https://docs.sqlalchemy.org/en/20/core/metadata.html#sqlalchemy.schema.MetaData.params.naming_convention).
    """
    given = {"ix": INDEXES, **kinds}
    templates = ", ".join(f"{python(kind)}: {python(template)}" for kind, template in given.items() if kind != "ck")
    return f"sa.MetaData(naming_convention={{{templates}}})"


NOT_FOR_CHECKS = "a CHECK still needs a name= of its own"
"""SQLAlchemy has no other template for a CHECK than one with `%(constraint_name)s`, and that one renames what has a
name already: all that revisions make, and all that they drop without `op.f()`, which a released database has not."""


OUT_OF_REACH = (
    "A naming_convention does not reach what revisions make where env.py hands over a list of MetaData: it names "
    "models alone, and what autogenerate writes of them"
)
"""Alembic asks `target_metadata` itself for its convention (`SchemaObjects.metadata` in alembic's
operations/schemaobj.py); autogenerate renders the names that the models' constraints have got."""


def broken_by_it(names: tuple[ServerName, ...]) -> str:
    """Why no convention, where revisions spell these names of constraints: whether each of them runs is not known."""
    ahead = [n.name for n in names if n.ahead]
    who, called = ("upgrades", ahead) if ahead else ("downgrades", [n.name for n in names])
    return (
        "No naming_convention of the MetaData instead: it also gives names to what old revisions make without one, "
        f"and {who} call constraints as the server does ({some(called)})"
    )


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many there are more."""
    more = len(names) - MOST
    return listed(names) if more <= 0 else f"{', '.join(names[:MOST])} and {more} more"
