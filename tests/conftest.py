"""Fixtures that every test may ask for: PostgreSQL servers, and a database of one's own."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest

from tests.live.servers import VERSIONS, PostgresServer, ServerMissingError, running


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's own cache is left alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIGGUARD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", params=VERSIONS, ids=lambda version: f"postgresql{version}")
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A PostgreSQL server of each version. A missing one skips, except on CI, where it fails."""
    try:
        started = running(request.param)
        with started as running_server:
            yield running_server
    except ServerMissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}; CI must have it")
        pytest.skip(str(missing))


@pytest.fixture
def database(server: PostgresServer) -> Iterator[str]:
    """The name of a new, empty database on the server."""
    name = server.create_database()
    yield name
    server.drop_database(name)


@pytest.fixture(autouse=True)
def process_as_it_was() -> Iterator[None]:
    """Tests of several projects share a process: what one put on the path, or imported from there, is gone after it."""
    path, finders, before = list(sys.path), list(sys.meta_path), set(sys.modules)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    new = set(sys.modules) - before
    foreign = {name.partition(".")[0] for name in new if any(map(elsewhere, places(sys.modules[name])))}
    for name in new:
        top = name.partition(".")[0]
        if top in foreign or top not in sys.modules:  # else it would be left without its package
            del sys.modules[name]


HOME = tuple(
    os.path.realpath(p) + os.sep for p in (sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(__file__)))
)


def elsewhere(place: str) -> bool:
    """Whether a module lies neither with the interpreter and what is installed, nor in this checkout."""
    return not os.path.realpath(place).startswith(HOME)


def places(module: object) -> list[str]:
    """Where a module lies: its file, or its folders where it is a package without one.

    Read from its dictionary: a module that answers for names it lacks may import another to do so.
    """
    known = getattr(module, "__dict__", {})
    try:
        folders = list(known.get("__path__") or ())
    except KeyError:  # the folders of a namespace whose parent is gone
        folders = []
    return [str(place) for place in (known.get("__file__"), *folders) if place]


def pytest_collection_finish() -> None:
    """What was collected stays until the end: no collection of garbage need look through it again."""
    gc.collect()
    gc.freeze()
