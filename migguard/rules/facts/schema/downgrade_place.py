"""Where findings about a downgrade point, and how a script says that there is no way back."""

import ast

from migguard.rules.frame import RevisionScript
from migguard.source import Origin

NO_WAY_BACK = 'raise NotImplementedError("why")'


def place_of(subject: RevisionScript) -> Origin:
    """The line of `def downgrade`, or of `def upgrade` where there is none."""
    tree = subject.script.tree
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)} if tree else {}
    node = functions.get("downgrade") or functions.get("upgrade")
    return Origin(subject.script.path, node.lineno, node.col_offset + 1) if node else Origin(subject.script.path, 1)
