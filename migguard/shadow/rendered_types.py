"""The names under which stood-in column types were written into SQL: types of which nothing is known."""

NAMES: set[str] = set()
"""Folded as PostgreSQL folds them."""
