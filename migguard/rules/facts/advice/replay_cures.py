"""What can be done where a script raised in the replay, by what that may rest on."""

from migguard.trace import Cause, Note

CHECK = "Check what was not seen by hand"
CURES = {
    Cause.ROWS: "Guard what needs rows (the replay answers as an empty database does), or check the rest by hand",
    Cause.TABLE: (
        "Give migguard the schema that was there before the first revision (`baseline`: pg_dump -s, mysqldump "
        "--no-data), or check the rest by hand"
    ),
    Cause.MISSING: "Install what is missing beside migguard (MG005 names it), or check the rest by hand",
    Cause.APPLICATION: "Run migguard where the application finds its settings, or check the rest by hand",
    Cause.ENVIRONMENT: "Set what it reads from the environment as production does, or check the rest by hand",
    Cause.REFUSED: "Leave to another job what a migration should not do, or check the rest by hand",
    Cause.STATEMENT: "Mend the statement, and check what was not seen by hand",
    Cause.SCRIPT: (
        "It asked for nothing that a replay lacks, so it raises elsewhere too, at least with the libraries that are "
        "installed here: mend it, or check the rest by hand"
    ),
}
LACKING = frozenset({Cause.ROWS, Cause.TABLE, Cause.MISSING, Cause.ENVIRONMENT, Cause.APPLICATION, Cause.REFUSED})
"""What a replay has not, and a server or the deployment has: there the script may not raise."""


def cure(note: Note, code: str) -> str:
    """What to do about an exception, and how to say that it is done."""
    lead = CHECK if note.cause is None else CURES[note.cause]
    return f"{lead}; `# migguard: ignore[{code}] -- why` says that you did."
