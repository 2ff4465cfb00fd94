"""In: a query and the catalog.

Out: the rows that a server with this schema, and without a row, would give back.
Never: an invented row.
"""
