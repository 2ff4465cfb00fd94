"""What an env.py that could not be run would have told `context.configure`, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from migguard.shadow.missing_modules import is_stand_in
from migguard.source import Origin

OPTIONS = frozenset(
    [
        "target_metadata",
        "transaction_per_migration",
        "transactional_ddl",
        "version_table",
        "version_table_schema",
        "render_as_batch",
        "include_schemas",
        "compare_type",
        "compare_server_default",
    ]
)
"""What `context.configure` may be told that matters to a replay or to a rule."""


def written_options(error: BaseException | None, env_py: Path) -> dict[str, Any]:
    """What an env.py that raised, or went another way, would have told `context.configure`: literals, known names."""
    try:
        tree = ast.parse(env_py.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}  # why it could not be run is reported already
    known: dict[str, Any] = {}
    trace: Any = error.__traceback__ if error is not None else None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(env_py):
            known |= trace.tb_frame.f_globals
        trace = trace.tb_next
    found: dict[str, Any] = {}
    for call in configuring(tree):
        for keyword in call.keywords:
            if keyword.arg in OPTIONS and isinstance(keyword.value, ast.Constant):
                found[keyword.arg] = keyword.value.value
            elif keyword.arg in OPTIONS and isinstance(keyword.value, ast.Name) and keyword.value.id in known:
                found[keyword.arg] = known[keyword.value.id]
    return {name: value for name, value in found.items() if not is_stand_in(value)}


def hands_over_metadata(env_py: Path) -> bool:
    """Whether env.py gives Alembic a MetaData, or may do so; its naming convention makes names that nobody knows.

    Not where each call that it writes gives none, nor where there is no env.py.
    """
    try:
        calls = list(configuring(ast.parse(env_py.read_bytes())))
    except OSError:
        return False
    except (SyntaxError, ValueError):
        return True
    given = [k for call in calls for k in call.keywords if k.arg in (None, "target_metadata")]
    return not calls or any(not isinstance(k.value, ast.Constant) or k.value.value is not None for k in given)


def imported_at(env_py: Path, values: Iterable[Any]) -> Origin | None:
    """The import statement of env.py that brings what the first stand-in stands for; None where it has none."""
    path = next((one._path for one in values if is_stand_in(one)), None)
    if path is None:
        return None
    try:
        nodes = list(ast.walk(ast.parse(env_py.read_bytes())))
    except (OSError, SyntaxError, ValueError):
        return None  # the replay says what is wrong with it
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" if alias.name != "*" else str(node.module) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        if any(f"{path}.".startswith(f"{name}.") for name in names):
            return Origin(env_py, node.lineno, node.col_offset + 1, node.end_lineno, (node.end_col_offset or 0) + 1)
    return None


def spread_into_configure(env_py: Path) -> tuple[str, bool]:
    """What env.py gives `context.configure` as `**`, as it is written, and whether it gives nothing beside it.

    The text is empty where its calls are spelled out.

    The call of offline mode, which has a `url`, does not count; nor one that has `transaction_per_migration` itself,
    which then is in no mapping.
    """
    try:
        text = env_py.read_bytes()
        calls = list(configuring(ast.parse(text))) if b"**" in text else []
    except (OSError, SyntaxError, ValueError):
        return "", False
    for call in reversed(calls):
        names = {k.arg for k in call.keywords}
        if not names & {"url", "transaction_per_migration"}:
            found = [ast.unparse(k.value) for k in call.keywords if k.arg is None]
            if found:
                return found[-1], len(call.keywords) == 1
    return "", False


def configuring(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls of something's `configure`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "configure":
            yield node
