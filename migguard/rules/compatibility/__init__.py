"""In: the values of the rules' frame.

Out: findings of the family MG6, the code that is still running.
Never: another rule.
"""
