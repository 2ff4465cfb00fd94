"""In: the steps of a deployment with their transactions, effects and time limits.

Out: which locks are held, for how long, and what waits.
Never: a lock mode or a server version; effects knows those.
"""
