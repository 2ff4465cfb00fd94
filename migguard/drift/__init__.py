"""In: a replayed project with its models, or a live database beside it.

Out: differences, each with the model's place, the revision that touched the object last, and the cure.
Never: a verdict of our own where Alembic has one; a statement that could write.
"""
