"""In: the values of the rules' frame.

Out: findings of the family MG0, what the checker could not tell.
Never: another rule.
"""
