"""Cases of MG801."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, login text)"


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


LISTED = """
ALLOWED = frozenset({"people", "orders"})

def allow(name, allowed, kind="table"):
    if name not in allowed:
        raise ValueError(f"no {kind}: {name}")
    return name

def upgrade():
    table = op.get_context().config.get_main_option("table")
    CHECK
    op.execute(f"UPDATE {table} SET login = ''")

def downgrade():
    pass
"""

ROWS = """
import os

INDEXES = (("people", [sa.text("lower(login)")]), ("orders", [os.getcwd()]))

def upgrade():
    LOOP
        op.execute(f"UPDATE {table} SET login = ''")

def downgrade():
    pass
"""


def turn(loop: str, hits: int = 0, rows: str = ROWS) -> Example:
    """A loop over rows of a literal, of which one element is no literal."""
    return made(rows.replace("LOOP", loop), hits, runs=False)


CASES: dict[str, Example] = {
    "an element beside others": turn("for table, columns in INDEXES:"),
    "such an element itself": turn("for columns, table in INDEXES:", 1),
    "an element of a row": turn("for row in INDEXES:\n        table = row[0]"),
    "such an element of a row": turn("for row in INDEXES:\n        table = row[1]", 1),
    "an element of a row that is taken apart": turn("for row in INDEXES:\n        table, _ = row"),
    "an element of a numbered row": turn("for number, (table, columns) in enumerate(INDEXES):"),
    "a key beside values": turn("for table, columns in {'people': os.getcwd()}.items():"),
    "a value beside keys": turn("for columns, table in {'people': os.getcwd()}.items():", 1),
    "literals of a list in quotes, by a variable that another function has too": made(
        """
        PLANS = ("free", "paid")

        def number(v):
            return int(v)

        def upgrade():
            number(op.get_bind().engine.url.port)
            listed = ", ".join(f"'{v}'" for v in PLANS)
            op.execute(f"CREATE TYPE plan AS ENUM ({listed})")
        """,
        0,
        runs=False,
    ),
    "values of the data in quotes, by a variable that another function has too": made(
        """
        PLANS = ("free", "paid")

        def size(v):
            return len(v)

        def upgrade():
            size("a")
            plans = op.get_bind().execute(sa.text("SELECT login FROM people")).scalars()
            listed = ", ".join(f"'{v}'" for v in plans)
            op.execute(f"CREATE TYPE plan AS ENUM ({listed})")
        """,
        runs=False,
    ),
    "a comprehension's variable beside one of the data": made(
        """
        v = op.get_bind().engine.url.database
        listed = ", ".join(f"'{v}'" for v in ("free", "paid"))
        op.execute(f"CREATE TYPE plan AS ENUM ({listed})")
        op.execute(f"COMMENT ON TYPE plan IS '{v}'")
        """
    ),
    "a variable of the script that a function takes for its own": made(
        """
        table = "people"

        def choose():
            global table
            table = op.get_bind().engine.url.database

        def upgrade():
            choose()
            op.execute(f"DELETE FROM {table}")
        """,
        runs=False,
    ),
    "a local variable of a nested function's": made(
        """
        def upgrade():
            table = op.get_bind().engine.url.database

            def clear():
                op.execute(f"DELETE FROM {table}")

            clear()

        def downgrade():
            table = "people"
        """,
        runs=False,
    ),
    "a list that is mapped by a lambda": made(
        """
        def quoted(values):
            return ", ".join(map(lambda x: x.join(("'", "'")), values))

        def upgrade():
            plans = ["free", "paid"]
            op.execute(f"CREATE TYPE plan AS ENUM ({quoted(plans)})")
        """,
        0,
        runs=False,
    ),
    "a list that is mapped by a function": made(
        """
        def quoted(value):
            return f"'{value}'"

        def upgrade():
            listed = ", ".join(map(quoted, ["free", "paid"]))
            op.execute(f"CREATE TYPE plan AS ENUM ({listed})")
            upper = ", ".join(map(str.upper, map("'{}'".format, ["free", "paid"])))
            op.execute(f"CREATE TYPE other AS ENUM ({upper})")
        """,
        0,
        runs=False,
    ),
    "the data mapped by a lambda": made(
        """
        def quoted(values):
            return ", ".join(map(lambda x: x.join(("'", "'")), values))

        def upgrade():
            plans = op.get_bind().execute(sa.text("SELECT login FROM people")).scalars().all()
            op.execute(f"CREATE TYPE plan AS ENUM ({quoted(plans)})")
        """,
        runs=False,
    ),
    "the data mapped by a method": made(
        """
        plans = op.get_bind().execute(sa.text("SELECT login FROM people")).scalars().all()
        listed = ", ".join(map("'{}'".format, plans))
        op.execute(f"CREATE TYPE plan AS ENUM ({listed})")
        """,
        runs=False,
    ),
    "a list that gets something of the data": made(
        """
        names = []
        for row in op.get_bind().execute(sa.text("SELECT login FROM people")):
            names.append(row.login)
        for name in names:
            op.execute(f"DELETE FROM people WHERE login = '{name}'")
        """
    ),
    "a dict that another is put into": turn(
        "d = {'a': 'people'}\n    d.update(os.environ)\n    for table in [d['a']]:", 1
    ),
    "a dict that is put into under a name": turn(
        "d = {'a': 'people'}\n    d.update(b=os.getcwd())\n    for table in [d.get('b')]:", 1
    ),
    "a dict that gets a value under a key": turn(
        "d = {'a': 'people'}\n    d['b'] = os.getcwd()\n    for table in [d.get('b')]:", 1
    ),
    "a dict that gets another value": turn("d = {'a': 'people'}\n    d['b'] = os.getcwd()\n    for table in [d['a']]:"),
    "a dict that gets a value where it has none": turn(
        "d = {'a': 'people'}\n    d.setdefault('b', os.getcwd())\n    for table in [d[os.name]]:", 1
    ),
    "a dict whose list gets a value": turn(
        "d = {'a': ['people']}\n    d['a'].append(os.getcwd())\n    for table in d['a']:", 1
    ),
    "a dict whose new list gets a value": turn(
        "d = {'a': ['people']}\n    d.setdefault('b', []).append(os.getcwd())\n    for table in d[os.name]:", 1
    ),
    "a dict that gets a literal": turn(
        "d = {'a': 'people'}\n    d['b'] = 'orders'\n    d.update({'c': 'x'})\n    for table in [d[os.name]]:"
    ),
    "a list that is joined with another": turn(
        "names = ['people']\n    names.extend(os.listdir())\n    for table in names:", 1
    ),
    "a list that gets a value by another name": turn(
        "names = ['people']\n    same = names\n    same.insert(0, os.getcwd())\n    for table in names:", 1
    ),
    "a list that a function puts something into": turn(
        "names = ['people']\n    fill(names)\n    for table in names:",
        1,
        ROWS + "\ndef fill(given):\n    given.append(os.getcwd())\n",
    ),
    "a list that gets rows, by a literal of them": turn(
        "rows = []\n    rows.append(('people', os.getcwd()))\n    for table, _ in rows:"
    ),
    "a list that gets rows, by another part": turn(
        "rows = []\n    rows.append(('people', os.getcwd()))\n    for _, table in rows:", 1
    ),
    "a parameter that gets a literal": turn(
        "table = ''\n    if 1:",
        1,
        ROWS + "\ndef other(d):\n    d['a'] = 'x'\n    op.execute(f'DELETE FROM {d[os.name]}')\n",
    ),
    "an index of what gets a value": turn("d = {}\n    for table in ['people']:\n        d[table] = os.getcwd()"),
    "a list that gets names of the schema": made(
        """
        names = []
        for index in sa.inspect(op.get_bind()).get_indexes("people"):
            names.append((index["name"], "x"))
        for name, _ in names:
            op.execute(f"DROP INDEX {name}")
        """,
        0,
    ),
    "what a dict has for a key": turn("table = {'a': 'people'}.get(os.getcwd())\n    if table:"),
    "what a named dict has for a key, or else": turn(
        "d = {'a': 'people'}\n    table = d.get(os.getcwd(), 'x')\n    if 1:"
    ),
    "what a dict has under a key": turn("table = {'a': 'people'}[os.getcwd()]\n    if table:"),
    "what a dict has under a key, beside others": turn("table = {'a': 'people', 'b': os.getcwd()}['a']\n    if table:"),
    "such another": turn("table = {'a': 'people', 'b': os.getcwd()}['b']\n    if table:", 1),
    "under a key that may be any": turn("table = {'a': 'people', 'b': os.getcwd()}[os.sep]\n    if table:", 1),
    "what a dict has for a key, or what is no literal": turn("table = {'a': 'b'}.get('c', os.sep)\n    if table:", 1),
    "what is put into a dict later": turn(
        "d = {'a': 'b'}\n    d['c'] = os.sep\n    table = d.get('c')\n    if table:", 1
    ),
    "an element of rows of several lengths": turn("for table, *columns in INDEXES:", 1),
    "an element of rows that are not literals": turn("for table, columns in os.environ.items():", 1),
    "an element of some rows that are not literals": turn("for table, columns in (*INDEXES, os.getcwd()):", 1),
    "an element of a list that is bound twice": turn(
        "for table, columns in INDEXES:", 1, ROWS.replace("def upgrade", "INDEXES = os.listdir()\n\ndef upgrade")
    ),
    "a name that is one of a list": made(
        LISTED.replace("CHECK", "if table not in ALLOWED:\n        table = None\n        return"), 0, runs=False
    ),
    "a name that a function lets through": made(LISTED.replace("CHECK", 'allow(table, ALLOWED, "x")'), 0, runs=False),
    "a name under the question whether it is one": made(
        LISTED.replace(
            "CHECK", "if table in ('people',):\n        op.execute(f'DELETE FROM {table}')\n    table = 'a'"
        ),
        runs=False,
    ),
    "a name that is bound again after it was checked": made(
        LISTED.replace("CHECK", "allow(table, ALLOWED)\n    table = op.get_bind().engine.url.database"), runs=False
    ),
    "a name that is a part of a text": made(
        LISTED.replace("CHECK", "if table not in 'people orders':\n        raise ValueError"), runs=False
    ),
    "a name that another function asks about, and lets go": made(
        LISTED.replace("raise ValueError", "print").replace("CHECK", "allow(table, ALLOWED)"), runs=False
    ),
    "a name that is checked on one side": made(
        LISTED.replace("CHECK", "if op.get_bind():\n        allow(table, ALLOWED)"), runs=False
    ),
    "a literal as a quoted name": made(
        """
        from sqlalchemy.sql import quoted_name
        def named(name):
            return quoted_name(name, quote=True)
        def clear(name, column="login"):
            table = named(name)
            op.execute(f"UPDATE {table} SET {sa.sql.quoted_name(column, True)} = ''")
        def upgrade():
            clear("people")
        """,
        0,
        runs=False,
    ),
    "a quoted name, which is not quoted in a text": made(
        """
        from sqlalchemy.sql import quoted_name
        op.execute(f"COMMENT ON TABLE people IS '{quoted_name(op.get_bind().engine.url.database, True)}'")
        """
    ),
    "percent": made("name = input\nop.execute(\"UPDATE people SET login = '%s'\" % str(name))"),
    "format": made("import os\nop.execute(\"UPDATE people SET login = '{}'\".format(os.getcwd()))"),
    "plus": made('import os\nop.execute("UPDATE people SET login = \'" + os.getcwd() + "\'")'),
    "a bound parameter": made('op.get_bind().execute(sa.text("UPDATE people SET login = :l"), {"l": "x"})', 0),
    "a constant of the script": made('TABLE = "people"\nop.execute(f"UPDATE {TABLE} SET login = \'x\'")', 0),
    "literals as JSON": made(
        "import json\nop.execute(f\"UPDATE people SET note = '{json.dumps([1, 2])}'\")",
        0,
    ),
    "a value as JSON": made(
        "import json\nop.execute(f\"UPDATE people SET note = '{json.dumps(op.get_bind().engine.url.database)}'\")"
    ),
    "a loop over literals": made(
        'for column in ("a", "b"):\n    op.execute(f"ALTER TABLE people ADD COLUMN {column} text")', 0
    ),
    "a helper that is called with literals": made(
        """
        def add(column, kind="text"):
            op.execute(f"ALTER TABLE people ADD COLUMN {column} {kind}")

        def upgrade():
            add("a")
            add("b", kind="int")
        """,
        0,
    ),
    "what the inspector found": made(
        """
        inspector = sa.inspect(op.get_bind())
        for column in inspector.get_columns("people"):
            op.execute(f"UPDATE people SET {column['name']} = NULL")
        names = [key["name"] for key in inspector.get_unique_constraints("people") if "login" in key["column_names"]]
        if names:
            op.execute("DELETE FROM people WHERE login = '" + names[0] + "'")
        """,
        0,
    ),
    "what the server's catalog says": made(
        """
        query = sa.text("SELECT conname FROM pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid")
        for (name,) in op.get_bind().execute(query, {"t": "people"}).fetchall():
            op.execute(f"ALTER TABLE people DROP CONSTRAINT {name}")
        """,
        0,
    ),
    "the labels of an enum, by a helper": made(
        """
        def labels(connection, kind):
            rows = connection.execute(sa.text(f"SELECT enumlabel FROM pg_enum WHERE enumtypid = '{kind}'::regtype"))
            return [row[0] for row in rows]

        def upgrade():
            listed = ", ".join(f"'{label}'" for label in labels(op.get_bind(), "plan"))
            op.execute(f"CREATE TYPE plan_new AS ENUM ({listed})")
        """,
        0,
    ),
    "the labels of an enum by its range": made(
        """
        for (label,) in op.get_bind().execute(sa.text("SELECT unnest(enum_range(NULL::plan))")):
            op.execute(f"ALTER TYPE plan_new ADD VALUE '{label}'")
        """,
        0,
    ),
    "a comment, which users write": made(
        """
        text = op.get_bind().execute(sa.text("SELECT description FROM pg_description")).scalar()
        op.execute(f"COMMENT ON TABLE people IS '{text}'")
        """
    ),
    "rows beside the catalog": made(
        """
        rows = op.get_bind().execute(sa.text("SELECT login FROM people, pg_class"))
        for row in rows:
            op.execute(f"UPDATE people SET login = '{row.login}'")
        """
    ),
    "a row of a query that is bound to the name of a schema's": made(
        """
        found = sa.inspect(op.get_bind()).get_table_names()
        found = op.get_bind().execute(sa.text("SELECT login FROM people")).scalars()
        for name in found:
            op.execute(f"DELETE FROM people WHERE login = '{name}'")
        """
    ),
    "times, numbers and made up keys": made(
        """
        import datetime, time, uuid
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        op.execute(f"UPDATE people SET login = '{now}' WHERE id = {int(time.time())}")
        op.execute(f"UPDATE people SET login = '{uuid.uuid4()}'")
        op.execute("UPDATE people SET login = '%s'" % uuid.uuid4().hex)
        op.execute(f"UPDATE people SET login = '{datetime.datetime.utcnow():%Y-%m-%d}'")
        """,
        0,
    ),
    "a quoted name that has a name of the script's": made(
        """
        import os
        quote = op.get_bind().dialect.identifier_preparer.quote
        table = op.get_bind().dialect.identifier_preparer.quote(os.environ.get("T", "people"))
        columns = ", ".join(quote(c) for c in os.environ.get("C", "login").split(","))
        op.execute(f"UPDATE {table} SET login = ''")
        op.execute(f"SELECT {columns} FROM people")
        """,
        0,
    ),
    "quotes doubled": made(
        """
        for row in op.get_bind().execute(sa.text("SELECT login FROM people")):
            login = row.login.replace("'", "''")
            op.execute(f"DELETE FROM people WHERE login = '{login}'")
        """,
        0,
    ),
    "the members of an enum of the script": made(
        """
        import enum

        class Plan(enum.Enum):
            FREE = "free"
            PAID = "paid"

        def upgrade():
            for plan in Plan:
                op.execute(f"UPDATE people SET login = '{plan.value}'")
        """,
        0,
    ),
    "one literal or another": made(
        """
        kind = "char(16)" if op.get_bind().dialect.name == "mysql" else "uuid"
        op.execute(f"ALTER TABLE people ADD COLUMN token {kind}")
        op.execute(f"UPDATE people SET login = {sa.literal(kind).compile(dialect=op.get_bind().dialect)}")
        """,
        0,
    ),
}
