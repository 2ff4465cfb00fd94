"""What a statement is called in a sentence."""

from migguard.changes import CreateIndex
from migguard.rules.facts.schema.unknown_names import made_up_by
from migguard.rules.frame import Lookup
from migguard.trace import Step


def what(step: Step, lookup: Lookup | None) -> str:
    """A statement's first words, enough to know it by; without the name of an index that nobody knows."""
    words, change = step.statement.sql.split(), step.change
    many = 9 if "IF" in (w.upper() for w in words[:5]) else 6
    name = change.name.name if isinstance(change, CreateIndex) and change.name is not None else None
    if name is not None and lookup is not None and made_up_by(step, name, lookup):
        words = ["…" if word.strip('"') == name else word for word in words]
    return " ".join(words[:many]) + (" …" if len(words) > many else "")
