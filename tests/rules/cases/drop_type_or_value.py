"""Cases of MG309."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TYPE plan AS ENUM ('free', 'trial', 'paid');"
    "CREATE TABLE accounts (id bigint PRIMARY KEY, plan plan NOT NULL)"
)
RENAME = 'op.execute("ALTER TYPE plan RENAME TO plan_old")\n'
CREATE = "op.execute(\"CREATE TYPE plan AS ENUM ('free', 'paid')\")\n"
CONVERT = 'op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE plan USING plan::text::plan")\n'
DROP = 'op.execute("DROP TYPE plan_old")\n'
DANCE = RENAME + CREATE + CONVERT + DROP

CASES: dict[str, Example] = {
    "the rename dance": Example(DANCE, given=GIVEN),
    "the dance with a column that this deployment renames": Example(
        """
        op.alter_column("accounts", "plan", new_column_name="tariff")
        op.execute("ALTER TYPE plan RENAME TO plan_old")
        op.execute("CREATE TYPE plan AS ENUM ('free', 'paid')")
        op.execute("ALTER TABLE accounts ALTER COLUMN tariff TYPE plan USING tariff::text::plan")
        op.execute("DROP TYPE plan_old")
        """,
        given=GIVEN,
    ),
    "the value comes back, and the rows that hold it are in the way until then": Example(
        DANCE + DANCE.replace("'paid')", "'trial', 'paid')"), given=GIVEN
    ),
    "the value comes back, and the rows were moved": Example(
        "op.execute(\"UPDATE accounts SET plan = 'free' WHERE plan = 'trial'\")\n"
        + DANCE
        + DANCE.replace("'paid')", "'trial', 'paid')"),
        given=GIVEN,
        hits=0,
    ),
    "the dance over two revisions": Example(CONVERT + DROP, given=GIVEN, earlier=(RENAME + CREATE,)),
    "the dance in sqlalchemy's types": Example(
        """
        op.execute("ALTER TYPE plan RENAME TO plan_old")
        postgresql_enum = sa.Enum("free", "paid", name="plan")
        postgresql_enum.create(op.get_bind())
        op.alter_column("accounts", "plan", type_=postgresql_enum, postgresql_using="plan::text::plan")
        sa.Enum(name="plan_old").drop(op.get_bind())
        """,
        given=GIVEN,
    ),
    "through text": Example(
        """
        op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE text USING plan::text")
        op.execute("DROP TYPE plan")
        op.execute("CREATE TYPE plan AS ENUM ('free', 'paid')")
        op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE plan USING plan::plan")
        """,
        given=GIVEN,
    ),
    "a smaller type of another name": Example(
        """
        op.execute("CREATE TYPE tariff AS ENUM ('free', 'paid')")
        op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE tariff USING plan::text::tariff")
        """,
        given=GIVEN,
    ),
    "arrays of the type": Example(
        RENAME
        + CREATE
        + CONVERT.replace("TYPE plan U", "TYPE plan[] U").replace("text::plan", "text[]::plan[]")
        + DROP,
        given=GIVEN.replace("plan plan NOT NULL", "plan plan[]"),
    ),
    "two columns, two places to look": Example(
        RENAME + CREATE + CONVERT + CONVERT.replace("accounts", "offers") + DROP,
        given=GIVEN + ";CREATE TABLE offers (id bigint PRIMARY KEY, plan plan)",
        hits=2,
    ),
    "in another schema and quoted": Example(
        """
        op.execute('ALTER TYPE crm."Plan" RENAME TO plan_old')
        op.execute("CREATE TYPE crm.\\"Plan\\" AS ENUM ('free')")
        op.execute('ALTER TABLE crm.accounts ALTER COLUMN p TYPE crm."Plan" USING p::text::crm."Plan"')
        op.execute("DROP TYPE crm.plan_old")
        """,
        given=(
            "CREATE SCHEMA crm;CREATE TYPE crm.\"Plan\" AS ENUM ('free', 'paid');"
            'CREATE TABLE crm.accounts (id bigint PRIMARY KEY, p crm."Plan")'
        ),
    ),
    "the column is copied and swapped": Example(
        RENAME
        + CREATE
        + """
op.execute("ALTER TABLE accounts ADD COLUMN plan_new plan")
op.execute("UPDATE accounts SET plan_new = plan::text::plan")
op.drop_column("accounts", "plan")
op.alter_column("accounts", "plan_new", new_column_name="plan")
"""
        + DROP,
        given=GIVEN,
    ),
    "a type in use goes with cascade": Example('op.execute("DROP TYPE plan CASCADE")', given=GIVEN),
    "a domain in use goes with cascade": Example(
        'op.execute("DROP DOMAIN email CASCADE")',
        given="CREATE DOMAIN email AS text;CREATE TABLE users (id bigint PRIMARY KEY, email email)",
    ),
    "a value deleted from the server's catalog": Example(
        "op.execute(\"DELETE FROM pg_enum WHERE enumlabel = 'trial' AND enumtypid = 'plan'::regtype\")",
        given=GIVEN,
    ),
    "rows moved first: a notice": Example(
        "op.execute(\"UPDATE accounts SET plan = 'free' WHERE plan = 'trial'\")\n" + DANCE, given=GIVEN
    ),
    "the same values in another order": Example(
        DANCE.replace("'free', 'paid'", "'paid', 'trial', 'free'"), given=GIVEN, hits=0
    ),
    "a value more": Example(DANCE.replace("'free', 'paid'", "'free', 'trial', 'paid', 'max'"), given=GIVEN, hits=0),
    "a value renamed in place, then rebuilt with its new name": Example(
        "op.execute(\"ALTER TYPE plan RENAME VALUE 'trial' TO 'test'\")\n"
        + DANCE.replace("'free', 'paid'", "'free', 'test', 'paid'"),
        given=GIVEN,
        hits=0,
    ),
    "a value that this deployment has added": Example(
        DANCE.replace("'free', 'paid'", "'free', 'trial', 'paid'"),
        given=GIVEN,
        earlier=("op.execute(\"ALTER TYPE plan ADD VALUE 'max'\")",),
        env=("transaction_per_migration",),
        hits=0,
    ),
    "a value that this deployment has added and written": Example(
        DANCE.replace("'free', 'paid'", "'free', 'trial', 'paid'"),
        given=GIVEN,
        earlier=(
            "op.execute(\"ALTER TYPE plan ADD VALUE 'max'\")",
            "op.execute(\"UPDATE accounts SET plan = 'max' WHERE id = 1\")",
        ),
        env=("transaction_per_migration",),
    ),
    "a value that this deployment has added to another type": Example(
        DANCE,
        given=GIVEN + ";CREATE TYPE stage AS ENUM ('alpha')",
        earlier=("op.execute(\"ALTER TYPE stage ADD VALUE 'trial'\")",),
        env=("transaction_per_migration",),
    ),
    "a value deleted of one of two types that have it": Example(
        "op.execute(\"DELETE FROM pg_enum WHERE enumlabel = 'trial' AND enumtypid = \"\n"
        "\"(SELECT oid FROM pg_type WHERE typname = 'plan')\")",
        given=GIVEN + ";CREATE TYPE stage AS ENUM ('trial', 'open')",
        runs=False,
    ),
    "a value added and deleted from the server's catalog": Example(
        "op.execute(\"DELETE FROM pg_enum WHERE enumlabel = 'max' AND enumtypid = 'plan'::regtype\")",
        given=GIVEN,
        earlier=("op.execute(\"ALTER TYPE plan ADD VALUE 'max'\")",),
        env=("transaction_per_migration",),
        hits=0,
    ),
    "a value added": Example("op.execute(\"ALTER TYPE plan ADD VALUE 'max'\")", given=GIVEN, hits=0),
    "a type that no column uses": Example(
        'op.execute("DROP TYPE plan")', given="CREATE TYPE plan AS ENUM ('free')", hits=0
    ),
    "a type whose column was dropped": Example(
        'op.drop_column("accounts", "plan")\nop.execute("DROP TYPE plan")', given=GIVEN, hits=0
    ),
    "text instead of the type": Example(
        """
        op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE text USING plan::text")
        op.execute("DROP TYPE plan")
        """,
        given=GIVEN,
        hits=0,
    ),
    "a column of this deployment": Example(
        DANCE.replace("accounts", "offers"),
        given="CREATE TYPE plan AS ENUM ('free', 'trial', 'paid')",
        earlier=('op.execute("CREATE TABLE offers (id bigint PRIMARY KEY, plan plan)")',),
        hits=0,
    ),
    "a type of this deployment": Example(
        'op.execute("DROP TYPE hue CASCADE")',
        given="CREATE TABLE t (id int)",
        earlier=("op.execute(\"CREATE TYPE hue AS ENUM ('red')\")\nop.execute('ALTER TABLE t ADD c hue')",),
        hits=0,
    ),
    "if exists of nothing": Example('op.execute("DROP TYPE IF EXISTS nothing CASCADE")', given=GIVEN, hits=0),
    "refused while in use": Example('op.execute("DROP TYPE plan")', given=GIVEN, hits=0, runs=False),
}
