"""In: what a step did, and the names and types of the project.

Out: Alembic Python and queries in the user's own names.
Never: whether the user needs them; a rule decides that.
"""
