"""In: the values of the rules' frame.

Out: findings of the family MG2, the way back.
Never: another rule.
"""
