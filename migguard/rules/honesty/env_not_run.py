"""MG010: env.py could not be run, or not for the engine that the configuration names."""

from collections.abc import Iterator, Sequence

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.trace import ITSELF, Deployment

MOST_NAMES = 5


def few(names: Sequence[str]) -> str:
    """What to install: by name where that is short."""
    if len(names) <= MOST_NAMES:
        return listed(names)
    return listed([*(n for n in names if n == ITSELF), "the project's dependencies"])


@rule("MG010", "env-not-run", Severity.WARNING, "env.py could not be run; what it would have set was assumed.")
def env_not_run(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    env.py decides about transactions, naming conventions, schemas and timeouts. Where it cannot be run, the defaults
    were assumed in its place, and findings that rest on them may be wrong. Where it runs but connects to another engine
    than the configuration's URL names, as to the database that an application falls back on where no setting is made,
    all revisions were judged for an engine that may not be production's.

    ## What is let through
    An env.py that runs, also one whose modules had to be stood in for; any engine where `dialect` says which to take.
    """
    environment = deployment.environment
    if environment.named_engine:
        used = deployment.released.server.engine.value
        yield ctx.finding(
            f"env.py connects to {used}, and the configuration's sqlalchemy.url names {environment.named_engine}: all "
            f"revisions were judged as {used} runs them.",
            origin=environment.configured or environment.origin,
            advice=(
                f"If production runs {environment.named_engine}, have env.py find its URL here too, or say so in "
                f'migguard.toml (or by --dialect):\ndialect = "{environment.named_engine}"\n'
                f'# if it does run {used}: dialect = "{used}"'
            ),
        )
    if not environment.ran:
        names = " What a naming convention calls constraints and indexes is not known."
        yield ctx.finding(
            f"env.py could not be run: {environment.why}. Its literal options and Alembic's defaults were assumed "
            f"in its place.{names if environment.unknown_names else ''}",
            origin=environment.origin,
            advice=(
                f"Install {few(environment.missing)} beside migguard; until then set `dialect` to the engine that runs "
                "in production. Where env.py runs only inside the application (its event loop, threads or connection), "
                "that is not enough: state `dialect`, `naming` and `lock_timeout_set_elsewhere` in migguard.toml."
                if environment.missing
                else "Run migguard where the application and its settings are, or make env.py read them lazily."
            ),
        )
