"""What stand-ins leave behind in SQL, without a mark: names of column types, and other text."""

NAMES: set[str] = set()
"""Those of column types, folded as PostgreSQL folds them: types of which nothing is known."""

TEXTS: set[str] = set()
"""What stand-ins are called. `%x%` is one that was put into another text, which may have taken its mark off."""
