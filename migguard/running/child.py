"""What runs in the child process: load the models of a checkout through its env.py, and write them down.

python -m migguard.running.child REQUEST
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from migguard.running.load import Loaded, Request


def main(arguments: list[str]) -> int:
    """Check out, load, write."""
    gc.disable()  # nothing that is imported here is ever thrown away
    request = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=Request)
    end_with_parent(request.scratch)
    Path(request.scratch, "models.json").write_bytes(msgspec.json.encode(answer(request)))
    return 0


def end_with_parent(scratch: str) -> None:
    """End when the process that asked is gone, and leave nothing behind. Standard input is empty from now on."""
    tie = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)

    leave = os._exit  # a replay puts something else in its place

    def watch() -> None:
        if os.read(tie, 1):
            return
        guard = sys.modules.get("migguard.shadow.guard")
        try:
            with guard.trusted() if guard is not None else nullcontext():
                shutil.rmtree(scratch, ignore_errors=True)
        finally:
            leave(1)

    threading.Thread(target=watch, daemon=True).start()


def answer(request: Request) -> Loaded:
    """The models, or the problem with them."""
    from migguard.errors import MigguardError
    from migguard.project.checkout import check_out
    from migguard.project.git import Repository
    from migguard.running.paths import moved

    repository, checkout = Path(request.repository).resolve(), Path(request.scratch, "files").resolve()
    try:
        check_out(Repository(repository), request.commit, checkout)
        config = checkout / request.config
        if not config.is_file():
            return Loaded(problem=f"{request.config} was not there yet")
        os.chdir(checkout / request.folder if (checkout / request.folder).is_dir() else config.parent)
        moved(checkout, repository, request.paths)
        return loaded(checkout, repository, config, request)
    except MigguardError as error:
        return Loaded(problem=str(error))
    finally:
        os.chdir(request.scratch)


def loaded(checkout: Path, repository: Path, config: Path, request: Request) -> Loaded:
    """The models of the checkout, or the problem with them."""
    from migguard.drift.describe import described
    from migguard.drift.metadata import metadatas
    from migguard.drift.models import Places
    from migguard.models import Models, ModelTable
    from migguard.project.config import find_project
    from migguard.project.graph import Graph
    from migguard.running.paths import foreign, from_checkout
    from migguard.running.unknown import Uses, listed, reflected, unknown
    from migguard.running.unseen import unseen
    from migguard.shadow.dialects.application import application_dialect
    from migguard.shadow.environment import Runner
    from migguard.shadow.missing_modules import listening

    project = find_project(Path.cwd(), config, request.section)
    places, found, missing, problems = Places(), list[ModelTable](), set[str](), list[str]()
    uses, imported = Uses(project.env_py), set[str]()

    def replayed(context: Any, replay: Any) -> None:
        target = context.opts.get("target_metadata")
        missing.update(replay.stubs())
        url = context.connection.engine.url if context.connection is not None else None
        driver = application_dialect(url)
        found.extend(described(metadatas(target), places, context.dialect, checkout, driver, related=False))
        imported.update(str(getattr(m, "__file__", None)) for m in list(sys.modules.values()))
        raised = runner.own.raised if runner.own is not None else {}
        problems.extend(unknown(replay.stubs(), raised, places, uses, checkout))

    settings = msgspec.structs.replace(request.settings, baseline=None, plugins=())
    runner = Runner(project, Graph(), frozenset(), settings, downgrades=False, replayed=replayed)
    with places.noting(), listening(uses), from_checkout(project, checkout):
        deployments = runner.run()
    problems[:0] = [d.environment.why for d in deployments if d.environment.why]  # what came after it was not seen
    stray = foreign(checkout, repository)
    if stray is not None:
        problems.insert(0, f"{stray} was imported from the working tree instead")
    problems += reflected()
    if not found and not problems:
        told = "env.py gives context.configure() no target_metadata with tables"
        problems.append(f"{listed(missing)} not installed here, and {told}" if missing else told)
    models = Models("", tuple(found), tuple(sorted({m.partition(".")[0] for m in missing})))
    if not problems:
        own = (project.script_location, *project.version_locations)
        models = msgspec.structs.replace(models, unseen=tuple(unseen(checkout, models, imported, own)))
    return Loaded(models, problems[0] if problems else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
