"""What was seen when the revisions were replayed: statements, the steps they take, transactions.

"New in this deployment" and "which transaction" are computed here once; rules ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any

from migguard.application_names import Behind, Known
from migguard.catalog.schema import Catalog, Key, Refusal
from migguard.changes import Change, Unknown
from migguard.records import dataclass
from migguard.source import Origin


class Direction(StrEnum):
    """Which of a revision's two functions ran."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


class Certainty(StrEnum):
    """How a statement came to be known."""

    RAN = "ran"  # the script ran it during the replay
    READ = "read"  # read from the syntax tree, after an exception: this part never ran (MG002)
    OTHER_BRANCH = "other branch"  # read from the side of an `if` that the replay could not take (MG008)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one statement, between two states of the schema.

    `verified` is false where it rests on an Unknown, assumed or partly replayed step before it. `caught` says that the
    script was told of the refusal, stood ready for it and went on. `by_downgrade` says that the type which its column
    has before it is the one that the revision's downgrade gives back, and told by nothing else.
    """

    statement: Statement
    change: Change
    before: Catalog
    after: Catalog
    refusal: Refusal | None = None
    verified: bool = True
    cascaded: tuple[tuple[str, str], ...] = ()
    caught: bool = False
    by_downgrade: bool = False

    @property
    def fails(self) -> bool:
        """Whether the server refuses it and nothing in the script gets over that."""
        return self.refusal is not None and not self.caught


@dataclass(slots=True, eq=False)
class Statement:
    """A statement that a revision sent to the driver.

    `parameters` is what the driver was given (a mapping, a sequence, or None); `executions` counts parameter sets.
    `transaction` numbers transactions from 1 over the whole replay of one direction; statements in autocommit have a
    number of their own and `autocommit` set; `asked` says that the connection is in autocommit mode, whatever a BEGIN
    in SQL, or several statements in one text, make of it. `beside` is set where a script ran it on a connection of its
    own: its transaction, which has a negative number, is not Alembic's. `origin` is None when no line of the revision's
    file caused it (env.py, event hooks). `loop_depth` is filled by the reader of scripts.
    """

    sql: str
    origin: Origin | None
    transaction: int
    autocommit: bool = False
    parameters: Any = None
    executions: int = 1
    certainty: Certainty = Certainty.RAN
    steps: list[Step] = field(default_factory=list)
    index: int = 0  # position among the statements of the replay
    asked: bool = False
    beside: bool = False

    @property
    def understood(self) -> bool:
        """Whether every part of it was read."""
        return not any(isinstance(s.change, Unknown) for s in self.steps)


class Outcome(StrEnum):
    """How much of a revision was replayed."""

    FULL = "full"
    PARTIAL = "partial"
    FAILED = "failed"


class NoteKind(StrEnum):
    """What the replay noticed besides statements: each is the ground of one MG0, MG2 or MG8 rule."""

    RAISED = "raised"  # an exception inside upgrade() or downgrade(): MG002, MG203
    NOT_LOADED = "not loaded"  # MG001
    TOO_SLOW = "too slow"  # MG009
    STUBBED = "stubbed"  # MG005: `subject` is the module
    BRANCH = "branch"  # MG008: a branch on data that could not be known
    WRITE = "write"  # MG803: opened a file for writing, removed or renamed one
    SOCKET = "socket"  # MG803
    PROCESS = "process"  # MG803
    CONNECTION = "connection"  # MG803: the script connected to a database itself
    ENVIRONMENT = "environment"  # MG803 (W): read the environment
    EXIT = "exit"  # the script tried to end the process
    EXPLICIT_COMMIT = "explicit commit"  # commit() or rollback() on Alembic's connection: MG512
    APP_IMPORT = "application import"  # MG802: `subject` is the module, `detail` what is not known of where it lies
    CONSTANT = "constant"  # MG801: `subject` is a name that the script has of another module, where it is a literal
    ENV_NOT_RUN = "env not run"  # MG010
    NO_FUNCTION = "no function"  # upgrade() or downgrade() is not defined
    QUERY_BEFORE_CONFIGURE = "query before configure"  # MG516


class Cause(StrEnum):
    """What an exception of a script may rest on."""

    ROWS = "rows"  # it asked for rows, and there were none
    TABLE = "table"  # it asked for a table, or the parts of one, that the history never made
    MISSING = "missing"  # it used something of a module that is not installed
    ENVIRONMENT = "environment"  # it read the environment
    APPLICATION = "application"  # the application raised an error of its own, as for want of its settings
    REFUSED = "refused"  # it did what a replay refuses
    STATEMENT = "statement"  # a statement that the schema refuses: MG706 says why
    SCRIPT = "script"  # nothing that a replay lacks


OLD_SQLALCHEMY = "SQLAlchemy 1.4"
"""What a note is about on a script that was run as that version runs it."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the replay noticed. `detail` is a sentence for the reader; `subject` what it is about.

    `cause` is set for an exception, and for a branch of another file, of rows or else of a table; `unread` says of a
    branch that something of its other side was not seen. `hangs_on` says of what was noticed on such a side what that
    depends on, and `begins` that the revision does nothing before it; of a branch itself, what it and others of its
    script depend on alike: rows are of each its own. `refused` says that SQLAlchemy raised an exception, at the call in
    that line.
    `brings` are the application's names that the script uses, with what they are, at the first note on its imports, and
    `behind` the application's modules that come by helper modules.
    """

    kind: NoteKind
    origin: Origin | None
    subject: str = ""
    detail: str = ""
    at_import: bool = False
    cause: Cause | None = None
    unread: bool = False
    hangs_on: str = ""
    begins: bool = False
    refused: bool = False
    brings: tuple[Known, ...] = ()
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """A side of a branch that the replay did not take: the places of its statements in the trace, from `first` to
    before `end`, and the schema that they would leave."""

    first: int
    end: int
    after: Catalog


@dataclass(slots=True, eq=False)
class RevisionTrace:
    """One direction of one revision, replayed.

    `asides` are what else could have run: `statements` holds theirs too, among the others. `unseen` says in words which
    part was not seen, where `outcome` is not full. `explicit_irreversible` is set for a downgrade that raises on
    purpose; `trivial` for a function whose body is only `pass`, `...` or a docstring, or
    for a downgrade that only says something.
    """

    revision: str
    direction: Direction
    before: Catalog
    after: Catalog
    statements: list[Statement] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    outcome: Outcome = Outcome.FULL
    unseen: str = ""
    trivial: bool = False
    missing: bool = False
    explicit_irreversible: bool = False
    asides: list[Aside] = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """Every step in order."""
        for statement in self.statements:
            yield from statement.steps


@dataclass(frozen=True, slots=True)
class Given:
    """A session setting that was made before the first revision: by a statement that env.py ran, or by the connection's
    own options (`origin` is None). `local` is SET LOCAL."""

    name: str
    value: str | None
    local: bool = False
    origin: Origin | None = None


ITSELF = "the application itself"
"""What `Environment.missing` has first where the project's own package is read, and what its installation gives."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What env.py handed to `context.configure`, as far as rules ask. `ran` is false where it could not run (`why`)."""

    ran: bool
    why: str = ""
    transaction_per_migration: bool = False
    transactional_ddl: bool = True
    compare_type: bool = True
    naming_convention: bool = False
    conventions: tuple[tuple[tuple[str, str], ...], ...] = ()  # each MetaData's own, as (`fk`, template) pairs
    has_metadata: bool = False
    listed_metadata: bool = False  # several, as a list: Alembic then gives no convention to operations
    unknown_names: bool = False  # the MetaData is a stand-in: what it would call unnamed constraints is not known
    unknown_models: bool = False  # the MetaData is a stand-in, whether or not env.py gives it a naming convention
    models_from: Origin | None = None  # the import in env.py that such a MetaData comes by
    variables: tuple[tuple[str, str], ...] = ()  # session settings in force before the first revision
    notes: tuple[Note, ...] = ()
    shared_transaction: bool = False  # the connection was in a transaction before Alembic got it
    of_program: tuple[str, ...] = ()  # what env.py asks a program for and was stood in for: `config.attributes['x']`
    handed_in: bool = False  # env.py asks a program for its connection: whether that is in autocommit is not known
    origin: Origin | None = None
    named_engine: str = ""  # the engine that the configuration's URL names, where env.py connects to none of the kind
    given: tuple[Given, ...] = ()  # session settings in the order made, whether or not they are in force
    missing: tuple[str, ...] = ()  # what is not installed, where env.py could not be run and that may be why
    advisory: tuple[Origin | None, ...] = ()  # advisory locks of the transaction that the first revision begins in
    without_not_valid: bool = False  # the project asks for a SQLAlchemy that has no postgresql_not_valid
    configured: Origin | None = None  # where `context.configure` is called: in env.py, or a module of the project's own
    spread: str = ""  # what env.py gives `context.configure` as `**`, as it is written there
    spread_alone: bool = False  # and nothing beside it


@dataclass(frozen=True, slots=True)
class Summary:
    """How one revision fared, checked or not."""

    outcome: Outcome
    statements: int
    understood: int


@dataclass(slots=True, eq=False)
class Deployment:
    """The checked range, run in one go, on one database.

    `summaries` has every replayed revision; `broken` are files that could not be loaded; `final` is the schema at the
    end of the history.
    `released` is the schema before it. `upgrades` are the checked revisions' traces in the order they run;
    `downgrades` those of the same revisions by id. `replayed` counts all revisions replayed to get here. `beyond` are
    the revisions after a branch's other side, where the deployment ends with that: they ran on a schema without it.
    """

    released: Catalog
    upgrades: Sequence[RevisionTrace]
    downgrades: dict[str, RevisionTrace]
    environment: Environment
    replayed: int = 0
    transactional_ddl: bool = True
    summaries: dict[str, Summary] = field(default_factory=dict)
    broken: list[Note] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    final: Catalog | None = None
    beyond: Sequence[RevisionTrace] = ()

    def steps(self) -> Iterator[Step]:
        """Every upgrade step of the deployment in order."""
        for trace in self.upgrades:
            yield from trace.steps()

    def existing(self, oid: int) -> bool:
        """Whether the object of that oid was there before the deployment."""
        return oid < self.released.next_oid

    def existing_table(self, key: Key, at: Catalog) -> bool:
        """Whether the table (or view) that has this key at that moment was there before, under whatever name."""
        relation = at.tables.get(key) or at.views.get(key)
        return relation is not None and self.existing(relation.oid)

    def in_transaction(self, number: int) -> Iterator[Step]:
        """The upgrade steps of one transaction in order, across revisions."""
        return (step for step in self.steps() if step.statement.transaction == number)


__all__ = [
    "Aside",
    "Cause",
    "Certainty",
    "Deployment",
    "Direction",
    "Environment",
    "Given",
    "Note",
    "NoteKind",
    "Outcome",
    "RevisionTrace",
    "Statement",
    "Step",
    "Summary",
]
