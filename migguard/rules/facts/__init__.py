"""In: a step, a deployment or a script, with what the replay knows of it.

Out: the answer to one question that rules ask of it.
Never: a finding, a severity or a rule.
"""
