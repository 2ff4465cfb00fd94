"""Cases of MG408."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE stays (id bigint PRIMARY KEY, during tstzrange, room int)"


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "no name": sql("ALTER TABLE stays ADD EXCLUDE USING gist (during WITH &&)"),
    "alembic's own call": Example(
        """
        from sqlalchemy.dialects import postgresql

        def upgrade():
            op.create_exclude_constraint("ex_stays", "stays", ("during", "&&"), using="gist")

        def downgrade():
            pass
        """,
        given=GIVEN,
    ),
    "a quoted and qualified name": sql(
        'ALTER TABLE shop."Stay" ADD CONSTRAINT ex EXCLUDE USING gist ("During" WITH &&)',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Stay" (id int PRIMARY KEY, "During" tstzrange)',
    ),
    "another constraint": sql("ALTER TABLE stays ADD CONSTRAINT ck CHECK (room > 0)", hits=0),
    "a table of this deployment": sql(
        "CREATE TABLE visits (during tstzrange, EXCLUDE USING gist (during WITH &&))",
        "ALTER TABLE visits ADD EXCLUDE USING gist (during WITH &&)",
        hits=0,
    ),
}
