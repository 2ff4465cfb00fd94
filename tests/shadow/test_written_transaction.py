"""Whether an env.py that cannot be run hands over a connection in a transaction, as its source has it."""

import textwrap
from pathlib import Path

import pytest

from migguard.shadow.written_transaction import begun_before
from tests.shadow.project import Project

CONFIGURE = "context.configure(connection=connection)\n"
BEGIN = "with engine.begin() as connection:\n"
CONNECT = "with engine.connect() as connection:\n"
CALLED = f"def online(connection):\n    {CONFIGURE}"
ENVS: dict[str, tuple[str, bool]] = {
    "engine.begin()": (f"{BEGIN}    {CONFIGURE}", True),
    "engine.connect()": (f"{CONNECT}    {CONFIGURE}", False),
    "begun before": (f"{CONNECT}    connection.begin()\n    {CONFIGURE}", True),
    "begun around": (f"{CONNECT}    with connection.begin():\n        {CONFIGURE}", True),
    "begun after": (f"{CONNECT}    {CONFIGURE}    with connection.begin():\n        pass\n", False),
    "begun and committed": (f"{CONNECT}    connection.begin()\n    connection.commit()\n    {CONFIGURE}", False),
    "begun for something else": (
        f"{CONNECT}    with connection.begin():\n        pass\n    {CONFIGURE}",
        False,
    ),
    "perhaps begun": (f"{CONNECT}    if x:\n        connection.begin()\n    {CONFIGURE}", False),
    "another connection": (f"with engine.begin() as other:\n    {CONNECT}        {CONFIGURE}", False),
    "handed to a function": (f"{CALLED}{BEGIN}    online(connection)\n", True),
    "handed by name": (f"{CALLED}{BEGIN}    online(connection=connection)\n", True),
    "handed to a function, not begun": (f"{CALLED}{CONNECT}    online(connection)\n", False),
    "run_sync": (
        f"{CALLED}async def main():\n    async with engine.begin() as c:\n        await c.run_sync(online)\n",
        True,
    ),
    "run_sync, not begun": (
        f"{CALLED}async def main():\n    async with engine.connect() as c:\n        await c.run_sync(online)\n",
        False,
    ),
    "one of two callers": (f"{CALLED}{BEGIN}    online(connection)\n{CONNECT}    online(connection)\n", False),
    "calls itself": ("def online(connection):\n    online(connection)\n    " + CONFIGURE, False),
    "beside offline mode": (f"context.configure(url=url)\n{BEGIN}    {CONFIGURE}", True),
    "not a name": ("context.configure(connection=session.connection())", False),
    "nothing": ("raise ValueError", False),
    "broken": ("def broken(:", False),
}


@pytest.mark.parametrize(("env", "begun"), ENVS.values(), ids=list(ENVS))
def test_it_is_seen_where_env_py_begins_the_transaction(tmp_path: Path, env: str, *, begun: bool) -> None:
    path = tmp_path / "env.py"
    path.write_text(textwrap.dedent(env))
    assert begun_before(path) == begun


@pytest.mark.parametrize("begin", [True, False])
def test_the_transaction_of_an_env_py_that_cannot_run_holds_all_revisions(project: Project, *, begin: bool) -> None:
    raises = "from alembic import context\nraise ValueError\n"
    configure = "    context.configure(connection=connection, transaction_per_migration=True)\n"
    project.env(f"{raises}{BEGIN if begin else CONNECT}{configure}    context.run_migrations()\n")
    for number in range(2):
        project.revision(f'op.execute("CREATE TABLE t{number} (id int)")')
    deployment = project.traced().deployments[0]
    assert not deployment.environment.ran
    assert deployment.environment.shared_transaction == begin
    assert not deployment.environment.notes
    transactions = {s.transaction for t in deployment.upgrades for s in t.statements}
    assert len(transactions) == (1 if begin else 2)
