"""Cases of MG110."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"

CASES: dict[str, Example] = {
    "a downgrade that says there is none": Example(
        "pass", given=GIVEN, downgrade='raise NotImplementedError("no way back")'
    ),
    "the first revision marks where the history begins": Example("pass", hits=0),
    "the second marks nothing": Example("pass", released=("pass",)),
    "an upgrade that was emptied": Example("pass", downgrade='op.execute("DROP TABLE IF EXISTS orders")', hits=0),
    "code of its own": Example("assert op.get_bind() is not None", hits=0),
}
