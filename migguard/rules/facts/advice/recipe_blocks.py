"""What has to be said beside a recipe, such as one with an autocommit block, seen from where it would stand."""

import ast
from collections.abc import Iterator

from migguard.catalog.compare import lasting
from migguard.catalog.lookup import TEMPORARY, relation_key
from migguard.changes import Name, Persistence, Select, SetVariable
from migguard.rules.facts.locks.run_wide_state import line, local_settings, of_the_transaction, where
from migguard.rules.facts.locks.second_run import refused_again, schema_changes
from migguard.rules.facts.rows.temporary_sources import temporary_sources
from migguard.rules.facts.scripts.schema_conditions import Conditions
from migguard.source import Origin, Script
from migguard.trace import Certainty, Deployment, Environment, RevisionTrace, Statement, Step

OUTER = (
    "# env.py has begun a transaction before context.configure(): there this block raises. First let Alembic begin it\n"
    "# (connect() in place of begin(), and with context.begin_transaction():), with transaction_per_migration=True."
)
"""What a recipe with an autocommit block needs where Alembic does not own the transaction."""

ALONE = (
    "# in a revision of its own: an autocommit block commits what this revision has done before it, and if anything\n"
    "# fails after that, the revision cannot be run again."
)
AGAIN = (
    "# in a revision of its own: an autocommit block commits what this revision has done before it, and a run after a\n"
    "# failure does that once more."
)
BEFORE = (
    "# what stands here before the block in a revision before this one: the block commits it, and if anything fails\n"
    "# after that, a second run meets it again."
)
HANDED = "# without autocommit_block() if the program hands env.py a connection in autocommit: the block ends that."
"""A block sets the connection to AUTOCOMMIT, and at its end to the isolation level that the server says it has, which
is never AUTOCOMMIT on PostgreSQL: what runs without a transaction after it, such as a bare CREATE INDEX CONCURRENTLY of
a later revision, is refused (https://github.com/sqlalchemy/alembic/blob/main/alembic/runtime/migration.py)."""
TOO_OLD = (
    "# postgresql_not_valid came with SQLAlchemy 1.4.32, and this project asks for an older one: instead of a call\n"
    "# with it, op.execute() of ALTER TABLE … ADD CONSTRAINT … NOT VALID."
)
OWN = (
    "revision of its own",
    "revision before this one",
    "revision after this one",
    "earlier revision",
    "later deployment",
)
"""Words of an advice that has said so already."""


def opens_block(recipe: str) -> bool:
    """Whether a recipe calls `autocommit_block()`, and does not only speak of it in a comment."""
    if "autocommit_block" not in recipe:
        return False
    try:
        nodes = ast.walk(ast.parse(recipe))
    except SyntaxError:
        return True
    return any(isinstance(n, ast.Attribute) and n.attr == "autocommit_block" for n in nodes)


def commits_its_own(recipe: str) -> bool:
    """Whether a block of a recipe commits calls of the recipe's own, which nothing keeps from running again."""
    before, found, _ = recipe.partition("with op.get_context().autocommit_block():")
    notes = [line for line in before.splitlines() if line.lstrip().startswith("#")]
    if not found or any("in a later revision" in note for note in notes):
        return False
    try:
        nodes = ast.parse(before).body
    except SyntaxError:
        return False
    return any(isinstance(n, ast.Expr) and isinstance(n.value, ast.Call) for n in nodes)


def beside_recipe(
    said: str,
    recipe: str,
    deployment: Deployment,
    trace: RevisionTrace | None,
    origin: Origin | None,
    sql: str | None,
    script: Script | None = None,
) -> list[str]:
    """The comments that a recipe needs, where its advice says `said` of the statement at that place."""
    notes = beside_block(said, deployment, trace, origin, sql, script) if opens_block(recipe) else []
    if commits_its_own(recipe):
        notes.append(BEFORE)
    notes += for_one_table(recipe, trace, origin, sql)
    if deployment.environment.without_not_valid and "postgresql_not_valid=" in recipe:
        notes.append(TOO_OLD)
    return notes


def for_one_table(recipe: str, trace: RevisionTrace | None, origin: Origin | None, sql: str | None) -> list[str]:
    """The comment beside a recipe with one table's name in the place of a call that a loop, or a function, repeats."""
    if trace is None or origin is None:
        return []
    places = ((s, s.origin) for s in trace.statements)
    there = [s for s, at in places if at is not None and (at.path, at.line) == (origin.path, origin.line)]
    tables = {s.sql: {t for step in s.steps if (t := getattr(step.change, "table", None)) is not None} for s in there}
    own = {str(t) for t in tables.get(sql or "", ()) if t.name in recipe}
    if len(own) != 1 or len({str(t) for named in tables.values() for t in named}) == 1:
        return []
    return [f"# line {origin.line} runs for other tables too: this is for {own.pop()} alone."]


def beside_block(
    said: str,
    deployment: Deployment,
    trace: RevisionTrace | None,
    origin: Origin | None,
    sql: str | None,
    script: Script | None,
) -> list[str]:
    """The comments that a recipe with a block needs, where its advice says `said` of the statement at that place."""
    environment, notes = deployment.environment, []
    if environment.shared_transaction:
        notes.append(OUTER)
    if environment.handed_in and "connection is in autocommit" not in said:
        notes.append(HANDED)
    if trace is not None:
        notes += beside_earlier(any(words in said for words in OWN), trace, origin, sql, script)
    first = not deployment.upgrades or trace is None or trace is deployment.upgrades[0]
    whole = first or not environment.transaction_per_migration or environment.shared_transaction
    ends = whole and not block_before(deployment, trace, origin, sql)
    if ends:
        notes += ended(environment)
    alone = environment.transaction_per_migration or environment.shared_transaction
    if not alone and "transaction_per_migration" not in said and any(works_earlier(deployment, trace)):
        setting = f"# with transaction_per_migration=True {where(environment)}"
        lost = "" if ends else of_the_transaction(environment)
        once = f",\n# once {lost} are of the session: they end with the first revision" if lost else ""
        notes.append(f"{setting}{once}: else the block commits the\n# revisions before this one too.")
    return notes


def block_before(deployment: Deployment, trace: RevisionTrace | None, origin: Origin | None, sql: str | None) -> bool:
    """Whether an autocommit block before the statement of that place has ended the first transaction already."""
    for one in deployment.upgrades if trace is not None else ():
        for statement in one.statements:
            if one is trace and statement.origin == origin and (sql is None or statement.sql == sql):
                return False
            if statement.asked and not statement.beside and statement.certainty is not Certainty.OTHER_BRANCH:
                return True
        if one is trace:
            return False
    return False


def works_earlier(deployment: Deployment, trace: RevisionTrace | None) -> Iterator[bool]:
    """Whether the revisions of the deployment before one have changed anything in Alembic's transaction."""
    for one in deployment.upgrades:
        if one is trace:
            return
        yield any(works(statement) and not statement.asked for statement in one.statements)


def beside_earlier(
    said: bool, trace: RevisionTrace, origin: Origin | None, sql: str | None, script: Script | None
) -> Iterator[str]:
    """What a revision has done before the statement of that place, which the block commits with it; `said` where it is
    to be parted from that already, and what cannot be parted from it."""
    there = [s.origin == origin and (sql is None or s.sql == sql) for s in trace.statements]
    place = there.index(True) if True in there else len(there)
    done = [s for s in trace.statements[:place] if works(s)]
    steps = trace.statements[place].steps if place < len(there) else ()
    if done and not said:
        left = lasting(steps[0].before if steps else trace.after)
        conditions = Conditions(script) if script is not None else None
        yield ALONE if refused_again([c for s in done for c in schema_changes(s)], left, conditions) else AGAIN
    names = dict.fromkeys(name for step in steps for name in temporary_sources(step))
    if names:
        yield f"# in one script with what makes {', '.join(names)}: no other session has what is temporary."


def works(statement: Statement) -> bool:
    """Whether a statement leaves something that a second run of its revision would meet again."""
    if statement.beside or statement.certainty is Certainty.OTHER_BRANCH:
        return False
    return any(not isinstance(step.change, (SetVariable, Select)) and not fleeting(step) for step in statement.steps)


def fleeting(step: Step) -> bool:
    """Whether a step only makes or changes what is temporary: another session does not meet that."""
    made = getattr(step.change, "persistence", None) is Persistence.TEMPORARY
    name = getattr(step.change, "table", None)
    return made or (isinstance(name, Name) and (relation_key(step.before, name) or ("",))[0] == TEMPORARY)


def ended(environment: Environment) -> Iterator[str]:
    """What env.py took or set for the transaction that the block ends."""
    for origin in environment.advisory[:1]:
        yield (
            f"# the block ends the transaction that holds the advisory lock of env.py{line(origin)}: take one of the\n"
            "# session there, or another upgrade can run beside this one. Ask for it in a loop (pg_try_advisory_lock,\n"
            "# COMMIT): CREATE INDEX CONCURRENTLY waits for an upgrade that waits inside pg_advisory_lock, a deadlock."
        )
    local = local_settings(environment)
    if local:
        names = ", ".join(given.name for given in local)
        yield (
            f"# SET LOCAL of env.py{line(local[0].origin)} ends with the transaction that the block commits: set\n"
            f"# {names} for the session there."
        )
