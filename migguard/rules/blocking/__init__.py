"""In: the values of the rules' frame.

Out: findings of the family MG4, work under a lock that stops the application.
Never: another rule.
"""
