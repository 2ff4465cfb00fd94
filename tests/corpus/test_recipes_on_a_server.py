"""What the findings of published projects advise runs on a real server, in the state that the history has there.

A recipe is tried at the start of its revision, around its statement and at the end; where that does not do, anywhere in
it, alone or after what another finding of the revision advises. It may wait for what is not there yet; with any other
error it has failed. Recipes with gaps for the user are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from psycopg import errors

from migguard.findings import Finding
from migguard.pipeline import Request, run
from migguard.sqlview import StatementView
from tests.corpus.histories import PercentCursor
from tests.corpus.projects import PROJECTS, configuration, missing
from tests.live.servers import PostgresServer, ServerMissingError, running

pytestmark = [pytest.mark.live, pytest.mark.corpus]

CHOSEN = {"ckan": 0.05, "prefect": 0.6}
"""Projects whose statements run on a bare server, and where in the history the deployment begins."""
REFUSED = 0.04
"""At most such a share of the statements may be refused there: what follows them is tried in another state."""

GAP = re.compile(r"…|<[a-z ]+>")
NOT_YET = (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedObject)
Raised = (sa.exc.SQLAlchemyError, psycopg.Error, AttributeError, NameError, TypeError, ValueError)


@dataclass(eq=False)
class Recipe:
    """A finding's recipe, and where it may run: before statement `near`, or `anywhere`. `failed` is what it raised."""

    finding: Finding
    near: frozenset[int]
    anywhere: range
    failed: str = "it was never tried"
    settled: bool = False


def gaps(recipe: str) -> bool:
    """Whether something is left to the user, or nothing runs: it is an argument, or a comment."""
    nodes = list(ast.walk(ast.parse(recipe)))
    called = any(isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "op" for n in nodes)
    constants = [n.value for n in nodes if isinstance(n, ast.Constant)]
    return not called or any(c is ... or (isinstance(c, str) and GAP.search(c)) for c in constants)


def recipes(findings: tuple[Finding, ...], statements: list[StatementView]) -> Iterator[Recipe]:
    """Those of the upgrades, with the places where they may stand."""
    places: dict[str, range] = {}
    for revision, own in groupby(range(len(statements)), key=lambda number: statements[number].revision):
        numbers = list(own)
        places[revision] = range(numbers[0], numbers[-1] + 2)
    for finding in findings:
        if finding.direction == "upgrade" and finding.recipe and not gaps(finding.recipe):
            there = places[finding.revision or ""]
            at = [number for number in there[:-1] if statements[number].sql == finding.sql]
            call = [n for n in there[:-1] if statements[n].line in {statements[number].line for number in at}]
            yield Recipe(finding, frozenset((there[0], there[-1], *call[:1], *at, *(n + 1 for n in at))), there)


@contextmanager
def alembic(server: PostgresServer, template: str) -> Iterator[Operations]:
    """`op` in a revision's transaction, on a copy of the database."""
    copy = server.create_database(template)

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(server.directory), user="postgres", dbname=copy, cursor_factory=PercentCursor
        )  # fmt: skip

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.pool.NullPool)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
            with Operations.context(context) as op, context.begin_transaction(_per_migration=True):
                yield op
    finally:
        server.drop_database(copy)


def imported(script: Path) -> dict[str, Any]:
    """The names that a script imports, as far as they can be had here."""
    names: dict[str, Any] = {"sa": sa}
    for node in ast.parse(script.read_bytes()).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            with suppress(ImportError):
                exec(compile(ast.Module([node], []), str(script), "exec"), names)
    return names


def attempt(codes: list[str], names: dict[str, Any], server: PostgresServer, template: str) -> Exception | None:
    """Run recipes one after the other; what they raise."""
    try:
        with alembic(server, template) as op:
            for code in codes:
                exec(compile(code, "recipe", "exec"), names | {"op": op})
    except Raised as error:
        return error
    return None


def tried(recipe: Recipe, others: list[Recipe], root: Path, server: PostgresServer, template: str) -> None:
    """Run a recipe on the database as it is now: alone, else after another one."""
    path = recipe.finding.origin.path if recipe.finding.origin is not None else None
    names = imported(root / path) if path is not None else {"sa": sa}
    own = recipe.finding.recipe
    error = attempt([own], names, server, template)
    recipe.failed = f"{type(error).__name__}: {error}" if error is not None else ""
    recipe.settled = not isinstance(getattr(error, "orig", error), NOT_YET)
    for other in others if not recipe.settled else ():
        if other is not recipe and attempt([other.finding.recipe, own], names, server, template) is None:
            recipe.failed, recipe.settled = "", True
            return


def go_through(
    statements: list[StatementView], found: list[Recipe], others: list[Recipe], root: Path, server: PostgresServer
) -> int:
    """Run the history on a new database, and the recipes on copies of it on the way, also after others: how many of its
    statements the server refuses."""
    refused, database = 0, server.create_database()
    last = max((recipe.anywhere[-1] for recipe in found), default=0)
    for number, view in enumerate(statements[:last]):
        for recipe in found:
            if number in recipe.near and not recipe.settled:
                tried(recipe, [r for r in others if r.anywhere == recipe.anywhere], root, server, database)
        try:
            with server.connect(database) as connection:
                connection.execute(view.sql)
        except psycopg.Error:
            refused += 1
    return refused


@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_advised_runs_on_a_server(name: str) -> None:
    project = next(p for p in PROJECTS if p.name == name)
    config = configuration(project)
    whole = run(Request(config=config, everything=True, pictures=True, here=config.parent)).report
    since = whole.revisions[int(len(whole.revisions) * CHOSEN[name])].revision
    part = run(Request(config=config, since=since, here=config.parent)).report
    statements = [view for view in whole.views if view.direction == "upgrade"]
    found = list(recipes(part.findings, statements))
    try:
        with running(project.server) as server:
            refused = go_through(statements, found, [], config.parent, server)
            for recipe in found:
                recipe.near = frozenset(recipe.anywhere)
            go_through(statements, [recipe for recipe in found if not recipe.settled], found, config.parent, server)
    except ServerMissingError as error:
        missing(str(error))
    assert len(found) > 20
    assert refused <= REFUSED * len(statements)
    assert [(r.finding.code, r.finding.revision, r.finding.recipe, r.failed) for r in found if r.failed] == []
