"""Cases of MG611."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL, phone text)"
ALLOW = 'op.alter_column("people", "email", existing_type=sa.Text(), nullable=True)\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def model(*lines: str, table: str) -> str:
    """The models of the running code: one class with the key `id`."""
    body = [f"__tablename__ = {table!r}", "id = sa.Column(sa.BigInteger, primary_key=True)", *lines]
    return "class Model(Base):\n" + "".join(f"    {line}\n" for line in body)


CASES: dict[str, Example] = {
    "sql": made('op.execute("ALTER TABLE people ALTER email DROP NOT NULL")'),
    "mysql": made(
        'op.alter_column("people", "email", existing_type=sa.String(20), nullable=True)',
        given="CREATE TABLE people (id int PRIMARY KEY, email varchar(20) NOT NULL)",
        server="mysql 8.0",
    ),
    "not null again": made(ALLOW + ALLOW.replace("True", "False"), hits=0),
    "the column goes": made(ALLOW + 'op.drop_column("people", "email")', hits=0),
    "nullable already": made(ALLOW.replace("email", "phone"), hits=0),
    "not null came with this deployment": made(
        ALLOW.replace("email", "phone"),
        earlier=(
            "op.execute(\"UPDATE people SET phone = ''\")\n" + ALLOW.replace("email", "phone").replace("True", "False"),
        ),
        hits=0,
    ),
    "a column of this deployment": made(
        'op.add_column("people", sa.Column("x", sa.Integer(), server_default="0", nullable=False))\n'
        'op.alter_column("people", "x", nullable=True)',
        hits=0,
    ),
    "the models promise a value": Example(
        'op.alter_column("people", "email", existing_type=sa.Text(), nullable=True)',
        given="CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL)",
        models=model("email = sa.Column(sa.Text, nullable=False)", table="people"),
    ),
    "the models promise none": Example(
        'op.alter_column("people", "email", existing_type=sa.Text(), nullable=True)',
        given="CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL)",
        models=model("email = sa.Column(sa.Text)", table="people"),
        hits=0,
    ),
    "no model maps the column": Example(
        'op.alter_column("people", "email", existing_type=sa.Text(), nullable=True)',
        given="CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL)",
        models=model(table="people"),
        hits=0,
    ),
}
