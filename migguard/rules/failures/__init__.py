"""In: the values of the rules' frame.

Out: findings of the family MG7, what will fail, or fails on real data.
Never: another rule.
"""
