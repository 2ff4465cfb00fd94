"""A statement to observe: what it is, which servers know it, and what of it a schema cannot tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, in the grammar since that major version.

    `refused` says that every server refuses it on these tables; `accepted_since` that only earlier ones do. `session`
    are settings that are made before it. `unseen` are tables whose lock a schema does not tell, as it does not keep
    what is a member of a publication, or which table statistics are of: never one that blocks reads or writes.
    """

    sql: str
    since: int = 15
    refused: bool = False
    accepted_since: int = 15
    session: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def is_refused_by(self, version: int) -> bool:
        """Whether a server of that major version refuses it on these tables."""
        return self.refused or version < self.accepted_since

    @property
    def name(self) -> str:
        """What a recording finds it by: the statement with its settings."""
        return "; ".join((*self.session, self.sql))
