"""What runs in the child process: load the models of a checkout through its env.py, and write them down.

python -m migguard.running.child CHECKOUT REPOSITORY CONFIG SECTION OUTPUT [DIALECT]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec


def main(arguments: list[str]) -> int:
    """Check out, load, write."""
    repository, commit, config, folder, section, output, *dialect = arguments
    from migguard.errors import MigguardError
    from migguard.project.checkout import checked_out
    from migguard.project.git import Repository

    try:
        with checked_out(Repository(Path(repository)), commit) as checkout:
            if not (checkout / config).is_file():
                written: dict[str, Any] = {"problem": f"{config} was not there yet"}
            else:
                moved(checkout.resolve(), Path(repository).resolve())
                os.chdir(checkout / folder if (checkout / folder).is_dir() else (checkout / config).parent)
                written = loaded(checkout.resolve(), Path(repository).resolve(), checkout / config, section, *dialect)
            os.chdir(repository)
    except MigguardError as error:
        written = {"problem": str(error)}
    Path(output).write_bytes(msgspec.json.encode(written))
    return 0


def loaded(checkout: Path, repository: Path, config: Path, section: str, dialect: str | None = None) -> dict[str, Any]:
    """The models of the checkout, or the problem with them."""
    from migguard.drift.describe import described
    from migguard.drift.metadata import metadatas
    from migguard.drift.models import Places
    from migguard.models import Models, ModelTable
    from migguard.project.config import find_project
    from migguard.project.graph import Graph
    from migguard.settings import Settings
    from migguard.shadow.environment import Runner

    project = find_project(Path.cwd(), config, section)
    settings = msgspec.convert({"dialect": dialect}, Settings)
    places, found, missing = Places(), list[ModelTable](), set[str]()

    def replayed(context: Any, replay: Any) -> None:
        missing.update(m.partition(".")[0] for m in replay.stubs())
        known = metadatas(context.opts.get("target_metadata"))
        found.extend(described(known, places, context.dialect, checkout))

    runner = Runner(project, Graph(), frozenset(), settings, downgrades=False, replayed=replayed)
    with places.noting():
        deployments = runner.run()
    stray = foreign(checkout, repository)
    problem = next((d.environment.why for d in deployments if not d.environment.ran), None)
    if stray is not None:
        problem = f"{stray} was imported from the working tree instead"
    return {"models": Models("", tuple(found), tuple(sorted(missing))), "problem": problem}


def moved(checkout: Path, repository: Path) -> None:
    """What Python would import from the working tree comes from the checkout: paths, and editable installs' finders."""

    def there(path: str) -> str:
        try:
            inside = Path(path).resolve().relative_to(repository)
        except (ValueError, OSError):
            return path
        return str(checkout / inside) if (checkout / inside).exists() else path

    sys.path[:] = [there(p) if p else p for p in sys.path]
    for module in list(sys.modules.values()):
        mapping = getattr(module, "MAPPING", None)
        if isinstance(module, ModuleType) and module.__name__.startswith("__editable__") and isinstance(mapping, dict):
            mapping.update({name: there(path) for name, path in mapping.items()})


def foreign(checkout: Path, repository: Path) -> str | None:
    """A module that was imported from the working tree all the same, an installed library aside."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or "site-packages" in file or name.startswith("migguard"):
            continue
        path = Path(file).resolve()
        if path.is_relative_to(repository) and not path.is_relative_to(checkout):
            return name
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
