"""Cases of MG110."""

from migguard.rules.frame import Example

CASES: dict[str, Example] = {
    "a downgrade that says there is none": Example("pass", downgrade='raise NotImplementedError("no way back")'),
    "an upgrade that was emptied": Example("pass", downgrade='op.execute("DROP TABLE IF EXISTS orders")', hits=0),
    "code of its own": Example("assert op.get_bind() is not None", hits=0),
}
