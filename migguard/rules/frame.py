"""What a rule is: a function over one kind of value, its metadata and two examples in Alembic Python.

The type of a rule's first parameter says what it is given: a variant of `Change` (or a union of them) for each such
step of the checked upgrades, `Step` for every step, `RevisionTrace`, `Deployment`, `History` or `RevisionScript`.
"""

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from typing import Any

from migguard.catalog.schema import Catalog, Key, Server, Table
from migguard.changes import Engine
from migguard.effects.model import Blocks, Effect
from migguard.errors import AnalysisError
from migguard.findings import Finding, Safe, Severity
from migguard.history import History
from migguard.models import Models
from migguard.placeholders import is_placeholder
from migguard.records import dataclass
from migguard.rules.facts.advice.beside_offline import OFFLINE, needs_answers
from migguard.rules.facts.advice.beside_sqlite import kept_from_others
from migguard.rules.facts.advice.by_imports import by_imports
from migguard.rules.facts.advice.recipe_blocks import beside_recipe
from migguard.rules.facts.advice.replayed_schemas import replayed_schemas
from migguard.rules.facts.advice.short_lived import dropped_later
from migguard.rules.facts.advice.time_limits import lifted
from migguard.settings import Settings
from migguard.source import Origin, Script
from migguard.trace import Deployment, RevisionTrace, Statement, Step
from migguard.transactions import Transactions

ALL_ENGINES = frozenset(Engine)
POSTGRESQL = frozenset({Engine.POSTGRESQL})
MYSQL_FAMILY = frozenset({Engine.MYSQL, Engine.MARIADB})
SQLITE = frozenset({Engine.SQLITE})


@dataclass(frozen=True, slots=True)
class Example:
    """Alembic Python that stands for a rule: the body of `upgrade()`, or a whole module if it defines one.

    `given` is SQL of the released schema. `released` are released revisions before it, `earlier` new ones before it,
    all written like `code`. `hits` is how often the rule speaks. `env` names boolean options of
    `context.configure`. `settings` is TOML. `downgrade` is the body of `downgrade()`; by default it is `pass`.
    `server` is a dialect and version such as "postgresql 16". `models` are those of the code that runs meanwhile:
    a declarative `Base` and its `metadata` are there.
    """

    code: str
    given: str = ""
    released: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    settings: str = ""
    downgrade: str = "pass"
    server: str = ""
    models: str = ""
    hits: int = 1
    runs: bool = True  # whether a real server accepts it


@dataclass(frozen=True, slots=True)
class Claim:
    """What the bad example does on a real server, held against observation: the part of a rule that could be wrong."""

    blocks: Blocks
    rewrites: bool = False
    scans: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule. `subject` is what its function wants; `takes` the types it accepts."""

    code: str
    name: str
    severity: Severity
    summary: str
    function: Callable[..., Iterable[Finding | Safe]]
    takes: tuple[type, ...]
    engines: frozenset[Engine]
    bad: Example | None
    good: Example | None
    claim: Claim | None
    guideline: bool
    module: str

    @property
    def documentation(self) -> str:
        """The function's docstring: why it matters, what is let through."""
        import inspect

        return inspect.getdoc(self.function) or ""

    @property
    def family(self) -> str:
        """`MG4` of MG401."""
        return self.code[:3]


@dataclass(slots=True, eq=False)
class RevisionScript:
    """A checked revision's script together with what its upgrade did."""

    script: Script
    trace: RevisionTrace
    downgrade: RevisionTrace | None


RuleFunction = Callable[..., Iterator[Finding] | Iterator[Finding | Safe]]


def rule(
    code: str,
    name: str,
    severity: Severity,
    summary: str,
    *,
    engines: frozenset[Engine] = ALL_ENGINES,
    bad: Example | None = None,
    good: Example | None = None,
    claim: Claim | None = None,
    guideline: bool = False,
) -> Callable[[RuleFunction], RuleFunction]:
    """Make a rule of a generator function; `summary` is the one sentence that `migguard rules` prints."""

    def register(function: RuleFunction) -> RuleFunction:
        hint = next(iter(function.__annotations__.values()))
        if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
            takes: tuple[type, ...] = typing.get_args(hint)
        else:
            takes = (hint,)
        made = Rule(
            code, name, severity, summary, function, takes, engines, bad, good, claim, guideline, function.__module__
        )
        function.__dict__["migguard_rule"] = made
        return function

    return register


def rule_of(function: object) -> Rule | None:
    """The rule that a module's attribute defines, if it does."""
    made = getattr(function, "__dict__", {}).get("migguard_rule")
    return made if isinstance(made, Rule) else None


# --- what a rule may ask ------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Lookup:
    """Answers shared by all rules over one deployment. Effects and transactions are computed once and kept."""

    deployment: Deployment
    settings: Settings
    server: Server
    scripts: dict[str, Script]
    effect_of_step: Callable[[Step], Effect]
    effect_of_statement: Callable[[Statement], Effect]
    running: Models | None = None
    safe: list[Safe] = field(default_factory=list)
    failed: list[AnalysisError] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # what is found once over the deployment, by who finds it
    _effects: dict[int, tuple[Step, Effect]] = field(default_factory=dict)  # the step too: its id stays its own
    _statements: dict[int, tuple[Statement, Effect]] = field(default_factory=dict)
    _transactions: Transactions | None = None

    def effect(self, step: Step) -> Effect:
        """What one step costs."""
        known = self._effects.get(id(step))
        if known is None:
            known = self._effects[id(step)] = (step, self.effect_of_step(step))
        return known[1]

    def statement_effect(self, statement: Statement) -> Effect:
        """What a whole statement costs, all its actions together."""
        known = self._statements.get(id(statement))
        if known is None:
            known = self._statements[id(statement)] = (statement, self.effect_of_statement(statement))
        return known[1]

    @property
    def transactions(self) -> Transactions:
        """The transactions of the deployment, and the locks that they hold at each statement."""
        if self._transactions is None:
            self._transactions = Transactions(self.deployment, self.effect)
        return self._transactions

    def transaction(self, number: int) -> Sequence[Step]:
        """The upgrade steps of a transaction in order, across revisions."""
        return self.transactions.steps(number)


@dataclass(slots=True, eq=False)
class Context:
    """What a rule is told beside its subject. Which of the fields are set depends on the subject."""

    rule: Rule
    settings: Settings
    server: Server | None = None
    lookup: Lookup | None = None
    trace: RevisionTrace | None = None
    history: History | None = None

    def finding(
        self,
        message: str,
        *,
        origin: Origin | None = None,
        advice: str = "",
        severity: Severity | None = None,
        table: Key | str | None = None,
        lock: str | None = None,
        grows: bool = False,
        probe: str | None = None,
        sql: str | None = None,
        revision: str | None = None,
        verified: bool = True,
        fixable: bool = False,
        related: tuple[Origin, ...] = (),
    ) -> Finding:
        """A finding of this rule about this subject; what is not given is taken from the subject.

        The first line of `advice` is said in words; all others are the recipe, which is Python.
        """
        advice, _, recipe = advice.partition("\n")
        notes: list[str] = []
        if recipe and self.trace is not None:
            recipe = lifted(recipe, self.trace.before, self.settings)
        if recipe and self.lookup is not None:
            own = self.lookup.scripts.get(self.trace.revision) if self.trace is not None else None
            notes += beside_recipe(advice, recipe, self.lookup.deployment, self.trace, origin, sql, own)
            notes += replayed_schemas(recipe, own)
            if isinstance(table, tuple) and self.rule.code.startswith(("MG4", "MG514")) and self.trace and self.catalog:
                notes += dropped_later(table, self.catalog, self.lookup.deployment, self.trace)
        if recipe and self.lookup is not None and self.trace is not None:
            script = self.lookup.scripts.get(self.trace.revision)
            if self.history is not None:
                notes += kept_from_others(recipe, self.lookup.server.engine, origin, script, self.history)
            if script is not None and (origin is None or origin.path == script.path):
                recipe = by_imports(recipe, script)
        if self.history is not None and needs_answers(recipe) and self.history.offline():
            notes.append(OFFLINE)
        recipe, fixable = "\n".join((*notes, recipe)), fixable and bool(recipe) and not notes
        return Finding(
            code=self.rule.code,
            name=self.rule.name,
            severity=self.rule.severity if severity is None else severity,
            message=message,
            advice=advice,
            recipe=recipe,
            revision=revision or (self.trace.revision if self.trace else None),
            direction=self.trace.direction.value if self.trace else None,
            origin=origin,
            sql=sql,
            table=display(table, self.catalog) if isinstance(table, tuple) else table,
            relation=table if isinstance(table, tuple) else None,
            lock=lock,
            grows=grows,
            probe=probe if probe is None or not is_placeholder(probe) else None,  # nobody could ask it
            verified=verified,
            fixable=fixable,
            related=related,
        )

    @property
    def also_on_sqlite(self) -> bool:
        """Whether the history is written for SQLite too."""
        return self.history is not None and bool(self.history.sqlite())

    @property
    def running(self) -> Models | None:
        """The models of the code that is still running; None where they are not known, and the defaults stand."""
        known = self.lookup.running if self.lookup else None
        return known if known is not None and known.tables else None

    @property
    def catalog(self) -> Catalog | None:
        """The schema to resolve names in: before the subject."""
        return self.trace.before if self.trace else None


@dataclass(slots=True, eq=False)
class StepContext(Context):
    """What a rule over one step may ask."""

    step: Step = None  # type: ignore[assignment]  # always given; a dataclass cannot follow defaults with none

    @property
    def before(self) -> Catalog:
        """The schema before the step."""
        return self.step.before

    @property
    def after(self) -> Catalog:
        """The schema after the step."""
        return self.step.after

    @property
    def catalog(self) -> Catalog | None:
        """The schema before the step."""
        return self.step.before

    @property
    def known(self) -> Lookup:
        """Effects, transactions and the deployment."""
        assert self.lookup is not None
        return self.lookup

    @property
    def deployment(self) -> Deployment:
        """The checked range this step belongs to."""
        return self.known.deployment

    @property
    def effect(self) -> Effect:
        """What this step costs."""
        return self.known.effect(self.step)

    @property
    def statement_effect(self) -> Effect:
        """What the whole statement costs."""
        return self.known.statement_effect(self.step.statement)

    def existing(self, key: Key) -> bool:
        """Whether the table or view of that key before the step was there before this deployment."""
        return self.deployment.existing_table(key, self.step.before)

    def earlier(self) -> Iterator[Step]:
        """The steps before this one in its transaction, those of other revisions included."""
        for step in self.known.transaction(self.step.statement.transaction):
            if step is self.step:
                return
            yield step

    def safe(self, why: str) -> Safe:
        """The note that a reader of the SQL alone would have flagged this step, and why it is fine here."""
        statement, trace = self.step.statement, self.trace
        return Safe(
            self.rule.code, self.rule.name, why, trace.revision if trace else None, statement.origin, statement.sql
        )

    @property
    def alone(self) -> bool:
        """Whether its call makes this change and no other: not one action of several, not one turn of a loop."""
        statement = self.step.statement
        others = self.trace.statements if self.trace else ()
        return len(statement.steps) == 1 and not any(
            one is not statement and one.origin == statement.origin and one.origin is not None for one in others
        )

    def finding(self, message: str, **given: Any) -> Finding:
        """A finding about this step: place, SQL and whether it is verified come from it."""
        given.setdefault("origin", self.step.statement.origin)
        given.setdefault("sql", self.step.statement.sql)
        given.setdefault("verified", self.step.verified)
        given["fixable"] = given.get("fixable", False) and self.alone
        return Context.finding(self, message, **given)


def display(key: Key, catalog: Catalog | None) -> str:
    """A relation's name as its users write it: with the schema only where the search path would not find it."""
    schema, name = key
    if catalog is None or schema == catalog.default_schema or schema in catalog.search_path:
        return name
    return f"{schema}.{name}"


def table_at(key: Key | None, catalog: Catalog) -> Table | None:
    """The table of that key, or None."""
    return catalog.tables.get(key) if key is not None else None


__all__ = [
    "ALL_ENGINES",
    "MYSQL_FAMILY",
    "POSTGRESQL",
    "SQLITE",
    "Claim",
    "Context",
    "Example",
    "Lookup",
    "RevisionScript",
    "Rule",
    "StepContext",
    "display",
    "rule",
    "rule_of",
    "table_at",
]
