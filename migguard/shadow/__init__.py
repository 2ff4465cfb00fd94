"""In: an Alembic project.

Out: the trace of each of its revisions, replayed on a database that is only a schema.
Never: a connection, a lock mode, or a judgement.
"""
