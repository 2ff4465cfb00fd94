"""In: the values of the rules' frame.

Out: findings of the family MG8, the script and env.py.
Never: another rule.
"""
