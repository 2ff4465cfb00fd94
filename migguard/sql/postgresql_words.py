"""Words that PostgreSQL reserves."""

from __future__ import annotations

RESERVED = frozenset([
    "ALL", "ANALYSE", "ANALYZE", "AND", "ANY", "AS", "ASC", "ASYMMETRIC", "BOTH", "CHECK", "COLLATE", "COLUMN",
    "CONSTRAINT", "CREATE", "DEFERRABLE", "DESC", "DISTINCT", "DO", "ELSE", "END", "EXCEPT", "FETCH", "FOR",
    "FOREIGN", "FROM", "GRANT", "GROUP", "HAVING", "IN", "INITIALLY", "INTERSECT", "INTO", "LATERAL", "LEADING",
    "LIMIT", "NOT", "OFFSET", "ON", "ONLY", "OR", "ORDER", "PLACING", "PRIMARY", "REFERENCES", "RETURNING", "SELECT",
    "SOME", "SYMMETRIC", "TABLE", "THEN", "TO", "TRAILING", "UNION", "UNIQUE", "USING", "VARIADIC", "WHEN", "WHERE",
    "WINDOW", "WITH", "IS", "ISNULL", "NOTNULL", "LIKE", "ILIKE", "SIMILAR", "BETWEEN", "OVERLAPS", "JOIN",
    "NATURAL", "INNER", "OUTER", "LEFT", "RIGHT", "FULL", "CROSS",
])  # fmt: skip
"""Words that name nothing in an expression unless they are quoted; some of them name functions."""
