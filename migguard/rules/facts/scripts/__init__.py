"""In: the syntax tree of a revision or of env.py.

Out: what its text says beyond what the replay ran: loops, conditions, names, literals.
Never: running any of it.
"""
