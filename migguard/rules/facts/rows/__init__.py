"""In: the steps of a deployment, with the schema before and after each.

Out: what rows hold or can hold when a step runs, and what it asks of them.
Never: a row itself.
"""
