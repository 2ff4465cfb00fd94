"""In: the values of the rules' frame.

Out: findings of the family MG5, transactions, locks and retries.
Never: another rule.
"""
