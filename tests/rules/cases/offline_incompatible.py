"""Cases of MG806."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, name text)"


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a loop over rows": made('for row in op.get_bind().execute(sa.text("SELECT id FROM people")):\n    print(row)'),
    "a scalar": made('count = op.get_bind().execute(sa.text("SELECT count(*) FROM people")).scalar()'),
    "a result kept in a name": made('found = op.get_bind().execute(sa.text("SELECT 1"))\nrows = found.fetchall()'),
    "an inspector": made(
        "from sqlalchemy.engine.reflection import Inspector\nInspector.from_engine(op.get_bind()).get_table_names()"
    ),
    "a reflected table": made('sa.Table("people", sa.MetaData(), autoload_with=op.get_bind())'),
    "once for a script": made("sa.inspect(op.get_bind())\nsa.inspect(op.get_bind()).get_table_names()"),
    "no answer is used": made('op.get_bind().execute(sa.text("UPDATE people SET name = lower(name)"))', 0),
    "the name of the dialect": made('if op.get_bind().dialect.name == "postgresql":\n    op.execute("SELECT 1")', 0),
    "guarded": made(
        """
        from alembic import context
        if not context.is_offline_mode():
            sa.inspect(op.get_bind()).get_table_names()
        """,
        0,
    ),
    "guarded otherwise": made(
        "if not op.get_context().as_sql:\n    op.get_bind().execute(sa.text('SELECT 1')).scalar()", 0
    ),
}
