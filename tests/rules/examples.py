"""A rule's example made into a project on disk, and checked."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migguard.pipeline import Checked, Request, run
from migguard.rules.frame import Example
from migguard.running.load import Running
from tests.rules.models import models

PREAMBLE = "import sqlalchemy as sa\nfrom alembic import op\n"
ENV = """
from alembic import context
from sqlalchemy import engine_from_config, pool

def run():
    engine = engine_from_config(context.config.get_section(context.config.config_ini_section), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection{options})
        with context.begin_transaction():
            context.run_migrations()

if context.is_offline_mode():
    url = context.config.get_main_option("sqlalchemy.url")
    context.configure(url=url, dialect_opts={{"paramstyle": "named"}}{options})
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
"""
URL = {
    "postgresql": "postgresql+psycopg://",
    "mysql": "mysql+pymysql://",
    "mariadb": "mariadb+pymysql://",
    "sqlite": "sqlite://",
}


def whole(code: str) -> bool:
    """Whether the code is a module of its own and not the body of upgrade()."""
    tree = ast.parse(code)
    return any(isinstance(node, ast.FunctionDef) and node.name == "upgrade" for node in tree.body)


def module(code: str, downgrade: str, name: str, parent: str | None) -> str:
    """The script of one revision."""
    code, downgrade = textwrap.dedent(code).strip() or "pass", textwrap.dedent(downgrade).strip() or "pass"
    header = f'revision = "{name}"\ndown_revision = {parent!r}\n'
    if whole(code):
        first = ast.parse(code).body[0]
        docstring = ast.get_source_segment(code, first) if ast.get_docstring(ast.parse(code)) else None
        return f"{docstring or ''}\n{header}{PREAMBLE}\n{code}\n"
    return (
        f"{PREAMBLE}\n{header}\n\n"
        f"def upgrade():\n{textwrap.indent(code, '    ')}\n\n\ndef downgrade():\n{textwrap.indent(downgrade, '    ')}\n"
    )


def project(example: Example, root: Path, dialect: str, url: str | None = None) -> str:
    """Write the project; return the last released revision, `base` where there is none."""
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    options = "".join(f", {name}=True" for name in example.env)
    (root / "migrations" / "env.py").write_text(ENV.format(options=options))
    (root / "alembic.ini").write_text(
        f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url or URL[dialect]}\n"
    )
    given = [f"op.execute({one.strip()!r})" for one in statements(example.given, dialect)]
    scripts = [("\n".join(given), "pass")] if given else []
    scripts += [(code, "pass") for code in example.released]
    released = len(scripts)
    scripts += [(code, "pass") for code in example.earlier]
    scripts.append((example.code, example.downgrade))
    parent = None
    for number, (code, downgrade) in enumerate(scripts, 1):
        name = f"r{number}"
        (versions / f"{name}_revision.py").write_text(module(code, downgrade, name, parent))
        parent = name
    return f"r{released}" if released else "base"


def statements(sql: str, dialect: str) -> list[str]:
    """The statements of an example's `given`."""
    from migguard.changes import Engine
    from migguard.sql.split import split

    return [piece.text for piece in split(sql, Engine(dialect))]


def check(
    example: Example, code: str, root: Path, dialect: str, adjust: Callable[[dict[str, object]], None] | None = None
) -> Checked:
    """Check the example's project with one rule selected beside the defaults."""
    words = example.server.split()
    dialect = words[0] if words else dialect
    since = project(example, root, dialect)
    overrides: dict[str, object] = {"dialect": dialect, "extend_select": (code,)}
    if words:
        overrides["dialect"] = words[0]
        if len(words) > 1:
            overrides["server_version"] = words[1]
    if example.settings:
        (root / "migguard.toml").write_text(example.settings)
    if adjust is not None:
        adjust(overrides)
    wish: dict[str, Any] = {"everything": True} if since == "base" else {"since": since}
    if example.models:
        wish["running"] = Running(models(example.models, dialect))
    return run(Request(config=root / "alembic.ini", overrides=overrides, here=root, cache=False, **wish))
