"""Cases of MG606."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, email text)"
SET = 'op.alter_column("people", "email", existing_type=sa.Text(), nullable=False)'


def model(column: str) -> str:
    return (
        "class Person(Base):\n    __tablename__ = 'people'\n    id = sa.Column(sa.BigInteger, primary_key=True)\n"
        f"    {column}\n"
    )


NULLABLE = model("email = sa.Column(sa.Text)")


def made(models: str = NULLABLE, code: str = SET, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "models": models, **more})  # type: ignore[arg-type]


WITH_DEFAULT = "CREATE TABLE people (id bigint PRIMARY KEY, email text DEFAULT '')"
CASES: dict[str, Example] = {
    "without models": made("", hits=0),
    "not null in the model": made(model("email = sa.Column(sa.Text, nullable=False)"), hits=0),
    "a default of Python's": made(model("email = sa.Column(sa.Text, default='')"), hits=0),
    "a default of the database that the model declares": made(
        model("email = sa.Column(sa.Text, server_default='')"), given=WITH_DEFAULT, hits=0
    ),
    "a default of the database that the model does not declare": made(given=WITH_DEFAULT),
    "a default that the model declares and the database lacks": made(
        model("email = sa.Column(sa.Text, server_default='')")
    ),
    "a default of the database in a plain table": made(
        "sa.Table('people', metadata, sa.Column('id', sa.BigInteger, primary_key=True), sa.Column('email', sa.Text))",
        given=WITH_DEFAULT,
        hits=0,
    ),
    "a column that no model maps": made(model("pass"), hits=0),
    "a table that no model maps": made(NULLABLE.replace("people", "others"), hits=0),
    "nullable again": made(code=f"{SET}\n{SET.replace('False', 'True')}", hits=0),
    "gone at the end": made(code=f'{SET}\nop.drop_column("people", "email")', hits=0),
    "not null before": made(given="CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL)", hits=0),
    "a column of this deployment": made(
        earlier=('op.add_column("people", sa.Column("email", sa.Text()))',),
        given="CREATE TABLE people (id bigint PRIMARY KEY)",
        hits=0,
    ),
    "a primary key": made(
        code='op.execute("ALTER TABLE people DROP CONSTRAINT people_pkey, ADD PRIMARY KEY (id, email)")'
    ),
    "a trigger fills it": made(
        given=f"{GIVEN};CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.email := ''; RETURN NEW; END $$;"
        "CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION f()",
        hits=0,
    ),
    "under another name by then": made(
        code='op.alter_column("people", "email", new_column_name="mail")\n' + SET.replace('"email"', '"mail"')
    ),
    "mysql's modify": made(
        model("email = sa.Column(sa.String(20))"),
        'op.alter_column("people", "email", existing_type=sa.String(20), nullable=False)',
        given="CREATE TABLE people (id int PRIMARY KEY, email varchar(20))",
        server="mysql 8.0",
    ),
    "in a batch on sqlite": made(
        code='with op.batch_alter_table("people") as batch:\n'
        '    batch.alter_column("email", existing_type=sa.Text(), nullable=False)',
        server="sqlite",
    ),
}
