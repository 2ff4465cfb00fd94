"""In: an Alembic project. Out: what its migrations do to the database and to the code running on it.

Never: a connection to a database, unless one is named.
"""

__version__ = "0.1.0"
