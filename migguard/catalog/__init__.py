"""In: changes, one at a time.

Out: the schema after each: an immutable Catalog, and what the server would refuse.
Never: SQL text, SQLAlchemy, or an exception for a statement the engine would accept.
"""
