"""MG809: what env.py leaves out."""

from collections.abc import Iterator

from migguard.changes import Engine
from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.trace import Deployment


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
    is held until the last is done.

    ## What is let through
    A naming convention on the metadata, or no metadata at all; engines without transactional DDL; an env.py that could
    not be run (MG010 says so); a range without a revision.
    """
    environment = deployment.environment
    if not environment.ran or not deployment.upgrades:
        return
    transactional = environment.transactional_ddl and deployment.released.server.engine is Engine.POSTGRESQL
    if transactional and not environment.transaction_per_migration:
        yield ctx.finding(
            "env.py runs all pending revisions in one transaction: each holds its locks until the last one is done.",
            origin=environment.origin,
            advice="Give each revision its own:\ncontext.configure(..., transaction_per_migration=True)",
        )
    if not environment.compare_type:
        yield ctx.finding(
            "env.py turns compare_type off: autogenerate and `alembic check` do not see a changed column type.",
            origin=environment.origin,
            advice="Leave it on, which is the default:\ncontext.configure(..., compare_type=True)",
        )
    if environment.has_metadata and not environment.naming_convention:
        yield ctx.finding(
            "The metadata has no naming convention: constraints without a name get one that only the server knows.",
            origin=environment.origin,
            advice=(
                "Let it name them all:\n"
                "metadata = sa.MetaData(naming_convention={"
                '"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s", '
                '"ck": "ck_%(table_name)s_%(constraint_name)s", '
                '"fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s"})'
            ),
        )
