"""In: the values of the rules' frame.

Out: findings of the family MG1, the revision graph.
Never: another rule.
"""
