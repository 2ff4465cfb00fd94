"""Cases of MG805."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, name text)"


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "sessionmaker under another name": made(
        """
        from sqlalchemy.orm import sessionmaker as maker
        maker(bind=op.get_bind())().execute(sa.text("SELECT 1"))
        """
    ),
    "the module's own name": made(
        """
        from sqlalchemy import orm
        with orm.Session(op.get_bind()) as s:
            s.execute(sa.text("SELECT 1"))
        """
    ),
    "a query of a session that was handed in": made(
        """
        def names(session):
            return session.query(sa.column("name")).all()

        def upgrade():
            op.execute("SELECT 1")
        """
    ),
    "the legacy query of a class": made(
        """
        def old(Person):
            Person.query.filter_by(name="x").delete()

        def upgrade():
            op.execute("SELECT 1")
        """
    ),
    "once for a script": made(
        """
        from sqlalchemy.orm import Session
        for _ in range(2):
            Session(bind=op.get_bind()).execute(sa.text("SELECT 1"))
            Session(bind=op.get_bind()).execute(sa.text("SELECT 2"))
        """
    ),
    "a project's own name of the Session": made(
        """
        from somewhere import db
        session = db.Session(bind=op.get_bind())
        """
    ),
    "imported and not used": made("from sqlalchemy.orm import Session\nop.execute('SELECT 1')", 0),
    "core": made('op.get_bind().execute(sa.table("people", sa.column("name")).update().values(name="x"))', 0),
    "another library's session": made(
        """
        class Session:
            def get(self, name):
                return name

        def upgrade():
            Session().get("x")
            op.execute("SELECT 1")
        """,
        0,
    ),
    "a model's declaration": made(
        """
        from sqlalchemy.orm import declarative_base
        Base = declarative_base()
        op.execute("SELECT 1")
        """,
        0,
    ),
}
