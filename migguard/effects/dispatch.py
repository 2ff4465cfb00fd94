"""Ask the effects model of the engine at hand: one step, or a whole statement with all its actions together."""

from __future__ import annotations

from migguard.changes import Engine
from migguard.effects.model import Effect
from migguard.trace import Statement, Step

UNKNOWN_EFFECT = Effect(known=False, reasons=("nothing is known about what this engine locks",))


def effect_of_step(step: Step) -> Effect:
    """What one change costs, seen with the other actions of its statement where they matter."""
    if step.before.server.engine is Engine.POSTGRESQL:
        from migguard.effects import postgresql

        return postgresql.effect_of_step(step)
    return UNKNOWN_EFFECT


def effect_of_statement(statement: Statement) -> Effect:
    """What a statement costs: of each table the strongest lock, and all that is rewritten, scanned and built."""
    if statement.steps and statement.steps[0].before.server.engine is Engine.POSTGRESQL:
        from migguard.effects import postgresql

        return postgresql.effect_of_statement(statement)
    return UNKNOWN_EFFECT
