"""What is done to the session and its transaction, and what statements are made of that cannot be told plainly."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from migguard.changes.names import Name
from migguard.records import dataclass

if TYPE_CHECKING:
    from migguard.changes import Change


@dataclass(frozen=True, slots=True)
class LockTable:
    """LOCK TABLE: `mode` in the engine's spelling (`ACCESS EXCLUSIVE`, MySQL `READ`/`WRITE`)."""

    table: Name
    mode: str
    nowait: bool = False
    only: bool = False


@dataclass(frozen=True, slots=True)
class Maintain:
    """VACUUM, ANALYZE, CLUSTER, CHECKPOINT, OPTIMIZE TABLE …: `action` in lower case; `options` such as `full`."""

    action: str
    table: Name | None = None
    options: tuple[str, ...] = ()
    index: str | None = None
    only: bool = False


@dataclass(frozen=True, slots=True)
class SetVariable:
    """SET, RESET (`value` None), `set_config()`, MySQL SET, SQLite PRAGMA. `name` in lower case, `value` unquoted."""

    name: str
    value: str | None
    local: bool = False
    is_global: bool = False
    items: tuple[str, ...] = ()  # the members of a list value, such as search_path


class TransactionAction(StrEnum):
    """Transaction control in SQL text."""

    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SAVEPOINT = "savepoint"
    RELEASE = "release"
    ROLLBACK_TO = "rollback to"
    PREPARE = "prepare transaction"


@dataclass(frozen=True, slots=True)
class TransactionControl:
    """BEGIN, COMMIT, … as SQL."""

    action: TransactionAction
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """A statement in a block or function body."""

    sql: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """IF and CASE in a body: the first arm whose condition holds runs. A condition of None is ELSE."""

    arms: tuple[tuple[str | None, tuple[Part, ...]], ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A loop in a body. `query` gives the rows it goes over, one after the other in `target`, where it is over rows."""

    parts: tuple[Part, ...]
    target: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE of a text that is put together while the body runs.

    `template` has `\\0name\\0` for what a variable holds; `held` are the queries that some of them come from.
    `doubtful` says that it may change the schema's shape.
    """

    template: str
    held: tuple[tuple[str, str], ...] = ()
    doubtful: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """A block with EXCEPTION: `handlers` are condition names in lower case, and what runs for them."""

    parts: tuple[Part, ...]
    handlers: tuple[tuple[tuple[str, ...], tuple[Part, ...]], ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """RETURN in a body: nothing after it runs."""


Part = Inside | Execute | Choice | Repeat | Attempt | Stop
"""What a body consists of."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A DO block, CALL, EXECUTE, or a SELECT of a function that may change the schema.

    `inside` is what could be read in it, in order; `calls` are the functions whose bodies it runs; `conditional` says
    that some of it runs under a condition; `complete` says that nothing else is in it. What is not complete needs a
    human (MG004), and with `doubtful` may have changed the schema's shape.
    """

    kind: str
    text: str
    inside: tuple[Part, ...] = ()
    conditional: bool = False
    complete: bool = False
    calls: tuple[Name, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """A statement known to change no schema, data or lock that matters: NOTIFY, DISCARD, PREPARE, an empty one."""

    what: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A statement, or part of one, that no reader understood. `why` names the first token left unread."""

    sql: str
    why: str
    table: Name | None = None
