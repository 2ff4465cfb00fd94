"""In: the URL of a live database, and questions about it.

Out: sizes, rows, and what could not be answered, as plain values.
Never: a statement that could write, or one that is waited for without a limit.
"""
