"""In: a finding's remedy and the script's source.

Out: the safe way as Alembic Python.
Never: a look at the database.
"""
