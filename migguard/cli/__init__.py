"""In: what a user types.

Out: an exit code, a report on standard output, messages on standard error.
Never: work that a library call could not do.
"""
