"""In: the values of the rules' frame.

Out: findings of the family MG9, conventions.
Never: another rule.
"""
