"""MG809: what env.py leaves out."""

from collections.abc import Iterator

from migguard.changes import Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.conventions import (
    NOT_FOR_CHECKS,
    OUT_OF_REACH,
    broken_by_it,
    convention,
    server_names,
)
from migguard.rules.facts.advice.fresh_names import TEMPLATES
from migguard.rules.facts.locks.advisory_locks import SESSION_LOCK
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.run_wide_state import of_the_transaction
from migguard.rules.frame import Context, rule
from migguard.trace import Deployment, Environment

WHOLE = {**TEMPLATES, "pk": "pk_%(table_name)s"}


@rule(
    "MG809",
    "env-settings",
    Severity.NOTICE,
    "env.py: no naming convention, types not compared, or PostgreSQL without a transaction for each migration.",
)
def env_settings(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Three settings decide much of what else goes wrong. Without a naming convention constraints have names that only
    the server knows. With `compare_type=False` autogenerate does not see a changed type. Without
    `transaction_per_migration` all pending revisions run in one transaction on PostgreSQL, and every lock of the first
    is held until the last is done. So they do where the connection is in a transaction before `context.configure()`
    gets it (`connection.begin()`, `engine.begin()`): Alembic takes no part in that. With it, what env.py makes for its
    transaction, an advisory lock (`pg_advisory_xact_lock`) or `SET LOCAL`, ends with the first revision; so the advice
    makes it for the session first.

    ## What is let through
    A naming convention on the metadata, or no metadata at all; engines without transactional DDL; an env.py that could
    not be run (MG010 says so); a range without a revision.
    """
    environment = deployment.environment
    if not environment.ran or not deployment.upgrades:
        return
    transactional = environment.transactional_ddl and deployment.released.server.engine is Engine.POSTGRESQL
    needs, code = each_its_own(environment)
    origin = environment.configured or environment.origin
    if transactional and not environment.transaction_per_migration:
        ends = of_the_transaction(environment)
        yield ctx.finding(
            "env.py runs all pending revisions in one transaction: each holds its locks until the last one is "
            f"done{unless_autocommit(environment)}."
            + (f" {ends[0].upper()}{ends[1:]} hold for all of them only because of that." if ends else ""),
            origin=origin,
            verified=not environment.handed_in,
            advice=f"Give each revision its own{needs}:\n{code}",
        )
    elif transactional and environment.shared_transaction:
        yield ctx.finding(
            "env.py sets transaction_per_migration, and its connection is in a transaction before context.configure() "
            "is called: that one holds all pending revisions, and their locks until the last is done.",
            origin=origin,
            advice="Let Alembic begin the transactions. Leave out what begins one before, begin() or a statement that "
            f"no commit() follows, and the commit() that ends it:\n{code}",
        )
    elif transactional and environment.handed_in:
        yield ctx.finding(
            "env.py sets transaction_per_migration for a connection that a program hands in, which is not known here: "
            "if that is in a transaction already, all pending revisions run in it.",
            origin=origin,
            verified=False,
            advice="Hand in one that has not begun: not from engine.begin(), and before any statement:\n"
            'with engine.connect() as connection:\n    config.attributes["connection"] = connection\n'
            '    command.upgrade(config, "head")',
        )
    if transactional and apart(environment) and environment.advisory and len(deployment.upgrades) > 1:
        yield ctx.finding(
            "The advisory lock that env.py takes ends with the transaction of the first revision "
            "(transaction_per_migration): the others run without it, beside another upgrade.",
            origin=environment.advisory[0] or environment.origin,
            advice=SESSION_LOCK,
        )
    if not environment.compare_type:
        yield ctx.finding(
            "env.py turns compare_type off: autogenerate and `alembic check` do not see a changed column type.",
            origin=origin,
            advice="Leave it on, which is the default:\ncontext.configure(..., compare_type=True)",
        )
    if environment.has_metadata and not environment.naming_convention:
        yield ctx.finding(
            "The metadata has no naming convention: constraints without a name get one that only the server knows.",
            origin=environment.origin,
            advice=naming(environment, ctx),
        )


def naming(environment: Environment, ctx: Context) -> str:
    """How constraints get names: by a convention, unless that does not reach revisions or breaks old ones."""
    names = server_names(ctx)
    if environment.listed_metadata or names:
        why = OUT_OF_REACH if environment.listed_metadata else broken_by_it(names)
        return f"{why}. Name new constraints where they are made: name=…, in models and revisions."
    return f"Let it name keys, unique constraints and indexes ({NOT_FOR_CHECKS}):\nmetadata = {convention(WHOLE)}"


def apart(environment: Environment) -> bool:
    """Whether each revision has its own transaction."""
    return environment.transaction_per_migration and not environment.shared_transaction
