"""In: SQLAlchemy's own dialects.

Out: the same dialects on the shadow driver, with reflection from the catalog.
Never: a socket.
"""
