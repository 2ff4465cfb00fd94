"""Cases of MG804."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, login text, slug text);CREATE TABLE kinds (code text PRIMARY KEY)"


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def collected(work: str) -> str:
    """A script that collects rows, and does something with each hundred of them."""
    commit = "; session.commit()" if "session" in work else ""
    return f"""
        from sqlalchemy.orm import Session
        CHANGE = sa.text("UPDATE people SET slug = :slug WHERE id = :id")

        def send(bind, session, some):
            {work}{commit}

        def upgrade():
            bind = op.get_bind()
            session = Session(bind=bind)
            some = []
            for row in bind.execute(sa.text("SELECT id, login FROM people")):
                some.append({{"id": row.id, "slug": row.login}})
                if len(some) >= 100:
                    send(bind, session, some)
                    some = []
        """


SEEDED = """
op.create_table("roles", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("name", sa.Text()))
roles = sa.table("roles", sa.column("id"), sa.column("name"))
KNOWN = [(1, "reader"), (2, "writer")]
for number, name in KNOWN:
    op.get_bind().execute(roles.insert().values(id=number, name=name))
"""
NORMALISED = """
roles = sa.table("roles", sa.column("id"), sa.column("name"))
for row in op.get_bind().execute(sa.select(roles.c.id, roles.c.name)):
    op.get_bind().execute(roles.update().where(roles.c.id == row.id).values(name=row.name.lower()))
"""
BATCHED = """
bind = op.get_bind()
{}
    for row in bind.execute(sa.text("SELECT id FROM people")):
        while True:
            some = "UPDATE people SET slug = NULL WHERE id IN (SELECT :i LIMIT 10)"
            done = bind.execute(sa.text(some), {{"i": row.id}})
            if not done.rowcount:
                break
"""


DIFFERENT = """
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT DISTINCT {} FROM people")):
    bind.execute(sa.text("UPDATE people SET slug = :slug WHERE {} = :old"), {{"slug": row[0].lower(), "old": row[0]}})
"""

CASES: dict[str, Example] = {
    "over the different values of a column": made(DIFFERENT.format("login", "login"), hits=0),
    "over the first row of each value": made(
        DIFFERENT.replace("DISTINCT {}", "DISTINCT ON (slug) {}").format("login", "login")
    ),
    "over the different values of a key": made(DIFFERENT.format("id", "id")),
    "over different rows": made(DIFFERENT.format("id, login", "id")),
    "rows fetched before": made(
        """
        bind = op.get_bind()
        found = bind.execute(sa.text("SELECT id FROM people"))
        rows = found.mappings().all()
        for number, row in enumerate(rows):
            bind.execute(sa.text("UPDATE people SET slug = :n WHERE id = :id"), {"n": number, "id": row["id"]})
        """
    ),
    "through helpers": made(
        """
        people = sa.table("people", sa.column("id"), sa.column("slug"))

        def all_rows(bind):
            return bind.execute(sa.select(people.c.id)).fetchall()

        def change(bind, row):
            bind.execute(people.update().where(people.c.id == row.id).values(slug="x"))

        def upgrade():
            bind = op.get_bind()
            for row in all_rows(bind):
                change(bind, row)
        """
    ),
    "in batches, by a session that joins the transaction": made(
        collected("session.bulk_update_mappings(Person, some)")
    ),
    "in batches, by a statement with many parameter sets": made(collected("bind.execute(CHANGE, some)"), hits=0),
    "a batch that is not emptied": made(
        collected("bind.execute(CHANGE, some)").replace("some)\n                    some = []", "some)")
    ),
    "a helper of both directions, once": made(
        """
        def kept(bind, row):
            with bind.engine.begin() as own:
                own.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :id"), {"id": row.id})

        def upgrade():
            bind = op.get_bind()
            for row in bind.execute(sa.text("SELECT id FROM people")):
                kept(bind, row)

        def downgrade():
            bind = op.get_bind()
            for row in bind.execute(sa.text("SELECT id FROM people")):
                kept(bind, row)
        """,
        runs=False,
    ),
    "two helpers": made(
        """
        def kept(bind, row):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :id"), {"id": row.id})

        def upgrade():
            bind = op.get_bind()
            for row in bind.execute(sa.text("SELECT id FROM people")):
                kept(bind, row)
            for row in bind.execute(sa.text("SELECT id FROM people")):
                bind.execute(sa.text("UPDATE people SET login = 'x' WHERE id = :id"), {"id": row.id})
        """,
        2,
    ),
    "a statement kept in a name": made(
        """
        bind = op.get_bind()
        statement = sa.text("DELETE FROM people WHERE id = :id")
        for row in bind.execute(sa.text("SELECT id FROM people")):
            bind.execute(statement, {"id": row.id})
        """
    ),
    "one row at a time with bulk_insert": made(
        """
        kinds = sa.table("kinds", sa.column("code"))
        for row in op.get_bind().execute(sa.text("SELECT DISTINCT login FROM people")).fetchall():
            op.bulk_insert(kinds, [{"code": row.login}])
        """
    ),
    "a commit for each row": made(
        """
        from sqlalchemy.orm import Session
        session = Session(bind=op.get_bind())
        for person in session.query(sa.table("people", sa.column("id"))).all():
            session.commit()
        """
    ),
    "one row at a time within a batch": made(
        """
        bind = op.get_bind()
        found = bind.execute(sa.text("SELECT id FROM people"))
        while rows := found.fetchmany(1000):
            for row in rows:
                bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :id"), {"id": row.id})
        """
    ),
    "a loop in a loop once": made(
        """
        bind = op.get_bind()
        for a in bind.execute(sa.text("SELECT id FROM people")):
            for b in bind.execute(sa.text("SELECT code FROM kinds")):
                bind.execute(sa.text("INSERT INTO kinds VALUES (:a)"), {"a": a.id})
        """
    ),
    "over a dict that was filled from rows": made(
        """
        from collections import defaultdict
        bind = op.get_bind()
        found = defaultdict(list)
        for row in bind.execute(sa.text("SELECT id, login FROM people")):
            found[row.login].append(row.id)
        for login, ids in found.items():
            bind.execute(sa.text("UPDATE people SET slug = :s WHERE id = :i"), {"s": login, "i": ids[0]})
        """
    ),
    "over what a comprehension made of rows": made(
        """
        bind = op.get_bind()
        found = {row.id: row.login for row in bind.execute(sa.text("SELECT id, login FROM people"))}
        for key, login in found.items():
            bind.execute(sa.text("UPDATE people SET slug = :s WHERE id = :i"), {"s": login, "i": key})
        """
    ),
    "over a list that was filled from literals": made(
        """
        bind = op.get_bind()
        found = []
        for code in ("free", "pro"):
            found.append(code)
        for code in found:
            bind.execute(sa.text("INSERT INTO kinds VALUES (:code)"), {"code": code})
        """,
        0,
    ),
    "a session that rows are added to is no list of them": made(
        """
        from sqlalchemy.orm import Session
        session = Session(bind=op.get_bind())
        for row in op.get_bind().execute(sa.text("SELECT id FROM people")):
            session.add(row)
        for state in session.bind.dialect.name:
            op.execute("UPDATE people SET slug = 'x' WHERE id = 1")
        """,
        0,
    ),
    "over a table that this deployment makes": made(
        """
        bind = op.get_bind()
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))
        rows = bind.execute(sa.text("SELECT id FROM notes")).fetchall()
        for row in rows:
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :i"), {"i": row.id})
        """,
        0,
    ),
    "over a table that another revision makes and gives rows of the script's own": made(
        NORMALISED, hits=0, earlier=(SEEDED,)
    ),
    "over a table that another revision makes and fills from a table": made(
        NORMALISED,
        earlier=(SEEDED + 'op.execute("INSERT INTO roles (id, name) SELECT id, login FROM people")',),
    ),
    "over a table that another revision makes and fills in a loop over rows": made(
        NORMALISED,
        earlier=(
            SEEDED
            + 'for person in op.get_bind().execute(sa.text("SELECT id, login FROM people")):\n'
            + '    op.bulk_insert(roles, [{"id": person.id, "name": person.login}])',
        ),
        hits=2,
    ),
    "over a table that is filled with a list of rows that a function gives back": made(
        """
        roles = sa.table("roles", sa.column("id"), sa.column("name"))

        def of_people(bind):
            made = []
            for person in bind.execute(sa.text("SELECT id, login FROM people")):
                made.append({"id": person.id, "name": person.login})
            return made

        def upgrade():
            bind = op.get_bind()
            given = of_people(bind)
            if given:
                bind.execute(roles.insert(), given)
            for row in bind.execute(sa.select(roles.c.id, roles.c.name)):
                bind.execute(roles.update().where(roles.c.id == row.id).values(name=row.name.strip()))
        """,
        earlier=(SEEDED,),
    ),
    "over a table of the script's own rows that two loops change": made(
        """
        roles = sa.table("roles", sa.column("id"), sa.column("name"))

        def upgrade():
            bind, odd = op.get_bind(), []
            for row in bind.execute(sa.select(roles.c.id, roles.c.name)):
                bind.execute(roles.update().where(roles.c.id == row.id).values(name=row.name.strip()))
            for row in bind.execute(sa.select(roles.c.id, roles.c.name)):
                if not row.name:
                    odd.append(row.id)
                bind.execute(roles.update().where(roles.c.id == row.id).values(name=row.name.lower()))
            if odd:
                raise ValueError(odd)
        """,
        hits=0,
        earlier=(SEEDED,),
    ),
    "over a table that is emptied before": made(
        """
        bind = op.get_bind()
        op.execute("TRUNCATE kinds")
        for row in bind.execute(sa.text("SELECT code FROM kinds")):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE login = :i"), {"i": row.code})
        """,
        0,
    ),
    "over a new table that is filled from another": made(
        """
        bind = op.get_bind()
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))
        op.execute("INSERT INTO notes SELECT id FROM people")
        for row in bind.execute(sa.text("SELECT id FROM notes")):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :i"), {"i": row.id})
        """
    ),
    "over a new table that another loop fills": made(
        """
        bind = op.get_bind()
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))
        for row in bind.execute(sa.text("SELECT id FROM people")):
            bind.execute(sa.text("INSERT INTO notes VALUES (:i)"), {"i": row.id})
        for row in bind.execute(sa.text("SELECT id FROM notes")):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :i"), {"i": row.id})
        """,
        2,
    ),
    "over a new table beside an old one": made(
        """
        bind = op.get_bind()
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))
        for row in bind.execute(sa.text("SELECT p.id FROM people p LEFT JOIN notes n ON n.id = p.id")):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :i"), {"i": row.id})
        """
    ),
    "over a new table that existing rows are attached to": made(
        """
        bind = op.get_bind()
        op.execute("CREATE TABLE notes (id bigint, login text, slug text) PARTITION BY RANGE (id)")
        op.execute("ALTER TABLE notes ATTACH PARTITION people DEFAULT")
        for row in bind.execute(sa.text("SELECT id FROM notes")):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :i"), {"i": row.id})
        """,
        runs=False,
    ),
    "a list of the script's that is called like another function's rows": made(
        """
        def fill(bind, found):
            for kind in found:
                bind.execute(sa.text("INSERT INTO kinds VALUES (:code)"), {"code": kind["code"]})

        def upgrade():
            bind = op.get_bind()
            found = bind.execute(sa.text("SELECT code FROM kinds")).fetchall()
            if found:
                fill(bind, KNOWN.values())

        KNOWN = {"free": {"code": "free"}, "pro": {"code": "pro"}}
        """,
        hits=0,
    ),
    "rows that a function gives back with something else": made(
        """
        def found(bind):
            people = sa.table("people", sa.column("id"), sa.column("slug"))
            return people, bind.execute(sa.select(people.c.id)).fetchall()

        def upgrade():
            bind = op.get_bind()
            table, rows = found(bind)
            for row in rows:
                bind.execute(table.update().where(table.c.id == row.id).values(slug="x"))
        """
    ),
    "rows that a function is given by keyword": made(
        """
        def fill(bind, *, found):
            for kind in found:
                bind.execute(sa.text("UPDATE people SET slug = :code WHERE id = :id"), {"code": "x", "id": kind.id})

        def upgrade():
            bind = op.get_bind()
            rows = bind.execute(sa.text("SELECT id FROM people")).fetchall()
            fill(bind, found=rows)
        """
    ),
    "a savepoint for each row is no commit": made(
        """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM people")):
            savepoint = bind.begin_nested()
            row.check()
            savepoint.commit()
        """,
        hits=0,
    ),
    "nor is one in a with": made(
        """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM people")):
            with bind.begin_nested() as savepoint:
                row.check()
                savepoint.commit()
        """,
        hits=0,
    ),
    "a commit once in so many rows is a batch": made(
        """
        bind = op.get_bind()
        for number, row in enumerate(bind.execute(sa.text("SELECT id FROM people"))):
            row.check()
            if number % 1000 == 0:
                bind.commit()
        """,
        hits=0,
    ),
    "values collected and sent together": made(
        """
        bind = op.get_bind()
        values = []
        for row in bind.execute(sa.text("SELECT id, login FROM people")):
            values.append({"id": row.id, "slug": row.login.lower()})
        if values:
            bind.execute(sa.text("UPDATE people SET slug = :slug WHERE id = :id"), values)
        """,
        0,
    ),
    "batches for each row, which commit": made(BATCHED.format("with op.get_context().autocommit_block():"), 0),
    "batches for each row, in one transaction": made(BATCHED.format("if True:")),
    "batches that commit": made(
        """
        bind = op.get_bind()
        with op.get_context().autocommit_block():
            while True:
                done = bind.execute(sa.text("UPDATE people SET slug = login WHERE id IN (SELECT 1 LIMIT 10)"))
                if done.rowcount <= 0:
                    break
        """,
        0,
    ),
    "partitions sent together": made(
        """
        bind = op.get_bind()
        for batch in bind.execute(sa.text("SELECT id FROM people")).partitions(1000):
            bind.execute(sa.text("UPDATE people SET slug = 'x' WHERE id = :id"), [{"id": r.id} for r in batch])
        """,
        0,
    ),
    "a loop over literals": made(
        """
        for code in ("free", "pro"):
            op.get_bind().execute(sa.text("INSERT INTO kinds VALUES (:code)"), {"code": code})
        """,
        0,
    ),
    "a loop over the schema": made(
        """
        for table in sa.inspect(op.get_bind()).get_table_names():
            op.execute(f"UPDATE {table} SET slug = ''" if table == "people" else "SELECT 1")
        """,
        0,
    ),
    "statements that change no rows": made(
        """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT relname FROM pg_class WHERE relname LIKE 'tenant_%'")):
            op.execute(f"GRANT SELECT ON {row.relname} TO reader")
        """,
        0,
    ),
}
