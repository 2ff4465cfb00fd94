"""In: a deployment's traces and effects.

Out: findings.
Never: input, output, or another rule.
"""
