"""A project of any number of revisions, the same for the same number: what a team writes in some years."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

INI = """\
[alembic]
script_location = migrations
sqlalchemy.url = postgresql+psycopg://app@localhost/app
"""

ENV_PY = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
target_metadata = None


def run_migrations_offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
    )
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""

HEADER = '''\
"""{message}

Revision ID: {revision}
Revises: {parent}
Create Date: 2024-01-01 00:00:00.000000

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


# revision identifiers, used by Alembic.
revision: str = "{revision}"
down_revision: Union[str, Sequence[str], None] = {down}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''

SUBJECTS = ("order", "invoice", "customer", "shipment", "product", "account", "message", "ticket", "session", "report")
ASPECTS = ("line", "event", "note", "rate", "batch", "label", "limit", "audit", "plan", "price")
FIELDS = ("status", "amount", "reference", "title", "country", "currency", "position", "weight", "origin", "score")
TYPES = (
    "sa.String(length=120)",
    "sa.Text()",
    "sa.Integer()",
    "sa.BigInteger()",
    "sa.Boolean()",
    "sa.Numeric(precision=12, scale=2)",
    "sa.DateTime(timezone=True)",
    "sa.Date()",
    "postgresql.JSONB(astext_type=sa.Text())",
    "postgresql.UUID(as_uuid=True)",
)

Body = tuple[str, list[str], list[str]]
"""A revision's message, and the lines of its upgrade() and downgrade()."""


class Author:
    """Writes one revision after the other, and remembers what is there."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tables: list[str] = []
        self.columns: dict[str, list[tuple[str, str]]] = {}
        self.indexes: list[tuple[str, str]] = []
        self.number = 0

    def revision(self) -> Body:
        """The next revision."""
        self.number += 1
        if len(self.tables) < 5:
            return self.create_table()
        kinds: list[tuple[int, Callable[[], Body]]] = [
            (16, self.create_table),
            (24, self.add_columns),
            (14, self.create_index),
            (4, self.create_index_concurrently),
            (8, self.foreign_key),
            (5, self.enum_column),
            (8, self.batch),
            (7, self.raw),
            (5, self.update),
            (3, self.bulk_insert),
            (6, self.alter_column),
            (2, self.drop_index),
            (3, self.drop_column),
        ]
        return self.random.choices([k for _, k in kinds], [w for w, _ in kinds])[0]()

    def table(self) -> str:
        """One of the tables."""
        return self.random.choice(self.tables)

    def column(self, table: str) -> tuple[str, str]:
        """A new column of a table: its name and type."""
        made = (f"{self.random.choice(FIELDS)}_{self.number}_{len(self.columns[table])}", self.random.choice(TYPES))
        self.columns[table].append(made)
        return made

    def create_table(self) -> Body:
        name = f"{self.random.choice(SUBJECTS)}_{self.random.choice(ASPECTS)}_{self.number}"
        parent = self.table() if self.tables else None
        self.tables.append(name)
        self.columns[name] = []
        lines = ['    sa.Column("id", sa.BigInteger(), nullable=False),']
        for _ in range(self.random.randint(3, 9)):
            column, kind = self.column(name)
            more = self.random.choice(("nullable=True", "nullable=False", "nullable=True"))
            lines.append(f'    sa.Column("{column}", {kind}, {more}),')
        lines.append(
            '    sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),'
        )
        if parent is not None:
            lines.append('    sa.Column("parent_id", sa.BigInteger(), nullable=True),')
            lines.append(f'    sa.ForeignKeyConstraint(["parent_id"], ["{parent}.id"], ondelete="CASCADE"),')
        lines.append('    sa.PrimaryKeyConstraint("id"),')
        first = self.columns[name][0][0]
        index = f"ix_{name}_{first}"
        self.indexes.append((name, index))
        return (
            f"create {name}",
            [f'op.create_table(\n        "{name}",', *lines, ")", f'op.create_index("{index}", "{name}", ["{first}"])'],
            [f'op.drop_index("{index}", table_name="{name}")', f'op.drop_table("{name}")'],
        )

    def add_columns(self) -> Body:
        table = self.table()
        made = [self.column(table) for _ in range(self.random.randint(1, 3))]
        return (
            f"more of {table}",
            [f'op.add_column("{table}", sa.Column("{n}", {t}, nullable=True))' for n, t in made],
            [f'op.drop_column("{table}", "{n}")' for n, _ in reversed(made)],
        )

    def create_index(self) -> Body:
        table = self.table()
        columns = [c for c, t in self.columns[table] if "JSON" not in t][:2] or ["id"]
        name = f"ix_{self.number}_{table}"[:60]
        self.indexes.append((table, name))
        unique = ", unique=True" if self.random.random() < 0.2 else ""
        return (
            f"index {table}",
            [f'op.create_index("{name}", "{table}", {columns!r}{unique})'],
            [f'op.drop_index("{name}", table_name="{table}")'],
        )

    def create_index_concurrently(self) -> Body:
        table = self.table()
        name = f"ix_{self.number}_{table}"[:60]
        self.indexes.append((table, name))
        return (
            f"index {table} beside the traffic",
            [
                "with op.get_context().autocommit_block():",
                f'    op.create_index("{name}", "{table}", ["created_at"], postgresql_concurrently=True)',
            ],
            [f'op.drop_index("{name}", table_name="{table}")'],
        )

    def foreign_key(self) -> Body:
        table, target = self.table(), self.table()
        column, name = f"{target}_id_{self.number}"[:60], f"fk_{self.number}_{table}"[:60]
        return (
            f"{table} belongs to {target}",
            [
                f'op.add_column("{table}", sa.Column("{column}", sa.BigInteger(), nullable=True))',
                f'op.create_foreign_key("{name}", "{table}", "{target}", ["{column}"], ["id"])',
            ],
            [
                f'op.drop_constraint("{name}", "{table}", type_="foreignkey")',
                f'op.drop_column("{table}", "{column}")',
            ],
        )

    def enum_column(self) -> Body:
        table, name = self.table(), f"kind_{self.number}"
        return (
            f"kind of {table}",
            [
                f'kind = postgresql.ENUM("open", "closed", "held", name="{name}")',
                "kind.create(op.get_bind())",
                f'op.add_column("{table}", sa.Column("{name}", postgresql.ENUM(name="{name}", create_type=False)))',
            ],
            [f'op.drop_column("{table}", "{name}")', f'op.execute("DROP TYPE {name}")'],
        )

    def batch(self) -> Body:
        table = self.table()
        column, kind = self.column(table)
        return (
            f"rework {table}",
            [
                f'with op.batch_alter_table("{table}") as batch_op:',
                f'    batch_op.add_column(sa.Column("{column}", {kind}, nullable=True))',
                f'    batch_op.create_check_constraint("ck_{self.number}", "id > 0")',
            ],
            [
                f'with op.batch_alter_table("{table}") as batch_op:',
                f'    batch_op.drop_constraint("ck_{self.number}", type_="check")',
                f'    batch_op.drop_column("{column}")',
            ],
        )

    def raw(self) -> Body:
        table = self.table()
        return (
            f"constrain {table}",
            [
                f'op.execute("ALTER TABLE {table} ADD CONSTRAINT ck_{self.number} CHECK (id <> 0) NOT VALID")',
                f'op.execute("ALTER TABLE {table} VALIDATE CONSTRAINT ck_{self.number}")',
                f"op.execute(\"COMMENT ON TABLE {table} IS 'What is known of {table}'\")",
            ],
            [f'op.execute("ALTER TABLE {table} DROP CONSTRAINT ck_{self.number}")'],
        )

    def update(self) -> Body:
        table = self.table()
        column, _ = self.column(table)
        return (
            f"fill {column}",
            [
                f'op.add_column("{table}", sa.Column("{column}", sa.Text(), nullable=True))',
                f"op.execute(\"UPDATE {table} SET {column} = 'n/a' WHERE {column} IS NULL AND created_at < now()\")",
            ],
            [f'op.drop_column("{table}", "{column}")'],
        )

    def bulk_insert(self) -> Body:
        name = f"choice_{self.number}"
        self.tables.append(name)
        self.columns[name] = []
        return (
            f"seed {name}",
            [
                f'made = op.create_table(\n        "{name}",',
                '    sa.Column("id", sa.BigInteger(), primary_key=True),',
                '    sa.Column("label", sa.Text(), nullable=False),',
                '    sa.Column("created_at", sa.DateTime(), server_default=sa.func.now()),',
                ")",
                'op.bulk_insert(made, [{"id": n, "label": f"choice {n}"} for n in range(3)])',
            ],
            [f'op.drop_table("{name}")'],
        )

    def alter_column(self) -> Body:
        table = self.table()
        column, _ = self.column(table)
        return (
            f"widen {column}",
            [
                f'op.add_column("{table}", sa.Column("{column}", sa.String(length=40), nullable=True))',
                f'op.alter_column("{table}", "{column}", existing_type=sa.String(length=40), type_=sa.Text())',
                f'op.alter_column("{table}", "{column}", existing_type=sa.Text(), server_default="")',
            ],
            [f'op.drop_column("{table}", "{column}")'],
        )

    def drop_index(self) -> Body:
        if not self.indexes:
            return self.create_index()
        table, name = self.indexes.pop(self.random.randrange(len(self.indexes)))
        return (
            f"drop {name}",
            [f'op.drop_index("{name}", table_name="{table}")'],
            [f'op.create_index("{name}", "{table}", ["created_at"])'],
        )

    def drop_column(self) -> Body:
        table = self.table()
        column = f"spare_{self.number}"
        return (
            f"rename and drop {column}",
            [
                f'op.add_column("{table}", sa.Column("{column}", sa.Integer(), server_default="0", nullable=False))',
                f'op.alter_column("{table}", "{column}", new_column_name="{column}_old")',
                f'op.drop_column("{table}", "{column}_old")',
            ],
            ["pass"],
        )


def revision_id(number: int) -> str:
    """The id of the revision of that number, counted from 1."""
    return f"{number:06x}{(number * 2654435761) % 0x1000000:06x}"


def write_project(folder: Path, count: int, seed: int = 7) -> Path:
    """Write a project of so many revisions; its alembic.ini."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text(INI)
    (folder / "migrations" / "env.py").write_text(ENV_PY)
    author = Author(seed)
    for number in range(1, count + 1):
        message, upgrade, downgrade = author.revision()
        revision = revision_id(number)
        parent = revision_id(number - 1) if number > 1 else None
        text = HEADER.format(
            message=message,
            revision=revision,
            parent=parent or "",
            down=f'"{parent}"' if parent else None,
            upgrade="\n".join(f"    {line}" for line in upgrade),
            downgrade="\n".join(f"    {line}" for line in downgrade),
        )
        (versions / f"{revision}_{message.replace(' ', '_')[:40]}.py").write_text(text)
    return folder / "alembic.ini"
