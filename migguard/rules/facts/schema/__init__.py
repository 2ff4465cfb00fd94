"""In: the steps of a deployment, with the schema before and after each.

Out: what is new, gone, renamed or taken the place of, and what depends on it.
Never: what rows hold.
"""
