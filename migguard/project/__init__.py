"""In: a folder with an Alembic configuration, and git's view of it.

Out: where its revisions are, how they hang together, and which of them are new.
Never: running a revision or env.py.
"""
