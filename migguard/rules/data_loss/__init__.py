"""In: the values of the rules' frame.

Out: findings of the family MG3, what is destroyed.
Never: another rule.
"""
