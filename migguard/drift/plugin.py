"""The strict comparators inside Alembic's own `check` and `revision --autogenerate`, as a plugin of Alembic's.

env.py turns it on: `context.configure(autogenerate_plugins=["alembic.autogenerate.*", "migguard.strict"], …)`. Alembic
imports this module whenever it is imported itself, so that it imports nothing until it compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import UpgradeOps
    from alembic.runtime.plugins import Plugin


def setup(plugin: Plugin) -> None:
    """Called by Alembic (1.18 and newer)."""
    from alembic.util import DispatchPriority

    plugin.add_autogenerate_comparator(
        compare, "autogenerate", "migguard", qualifier="postgresql", priority=DispatchPriority.LAST
    )


def compare(context: AutogenContext, upgrade_ops: UpgradeOps) -> Any:
    """Add what Alembic's comparators, which ran before, do not look at."""
    from alembic.util import PriorityDispatchResult

    from migguard.drift.strict_ops import added

    added(context, upgrade_ops)
    return PriorityDispatchResult.CONTINUE
