"""PostgreSQL: which online ways a server has, for the advice that findings give."""

from __future__ import annotations

from migguard.catalog.schema import Server


def trusts_checks(server: Server) -> bool:
    """Whether a validated CHECK spares SET NOT NULL the look at the rows (release notes of PostgreSQL 12)."""
    return server.since(12)


def partitioned_not_valid(server: Server) -> bool:
    """Whether a foreign key of a partitioned table can be NOT VALID (release notes of PostgreSQL 18)."""
    return server.since(18)
