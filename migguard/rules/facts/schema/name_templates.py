"""What a naming convention makes of a constraint: templates such as `fk_%(table_name)s_%(column_0_name)s`.

The tokens are those of `naming_convention` in https://docs.sqlalchemy.org/en/20/core/metadata.html. A
token that is not known here, such as a project's own, stands for any text.
"""

import re
from collections.abc import Sequence

from migguard.records import dataclass

TOKEN = re.compile(r"%\((\w+)\)s")
NUMBERED = re.compile(r"(referred_)?column_(\d+)(_N|N)?_(name|key|label)\Z")
KEPT = 63 - 8
"""Where SQLAlchemy cuts a name that is longer than the 63 bytes of PostgreSQL, to put a hash behind it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a template may ask about a constraint or index; None stands for an expression, not a column."""

    table: str
    columns: Sequence[str | None]
    referred_table: str = ""
    referred_columns: Sequence[str | None] = ()


def fits(name: str, template: str, about: Named) -> bool:
    """Whether the template can make that name; a name that goes on with further columns fits as well."""
    pattern = spelled(template, about)
    more = "(_.*)?" if len(about.columns) > 1 and "column_0" in template else ""
    if re.fullmatch(pattern + more, name, re.DOTALL):
        return True
    made = example(template, about)
    return len(made) > KEPT and len(name) >= KEPT and name[: KEPT - 1] == made[: KEPT - 1]


def spelled(template: str, about: Named) -> str:
    """The template as a pattern: known tokens as they are, any text for the others."""
    parts, at = [], 0
    for found in TOKEN.finditer(template):
        parts.append(re.escape(template[at : found.start()].replace("%%", "%")))
        value = token(found[1], about)
        parts.append(re.escape(value) if value is not None else ".+")
        at = found.end()
    return "".join(parts) + re.escape(template[at:].replace("%%", "%"))


def example(template: str, about: Named) -> str:
    """A name that the template makes; `…` where a token is not known."""
    return TOKEN.sub(lambda found: token(found[1], about) or "…", template).replace("%%", "%")


def token(word: str, about: Named) -> str | None:
    """The text of a token, None where it is not known."""
    if word == "table_name":
        return about.table
    if word == "referred_table_name":
        return about.referred_table or None
    found = NUMBERED.match(word)
    if found is None:
        return None
    columns = about.referred_columns if found[1] else about.columns
    number = int(found[2])
    listed = columns if found[3] is not None else columns[number : number + 1]
    if not listed or any(c is None for c in listed):
        return None
    if found[4] == "key" and not found[1]:
        return None
    names = [f"{about.table}_{c}" if found[4] == "label" else str(c) for c in listed]
    return ("_" if found[3] == "_N" else "").join(names)
