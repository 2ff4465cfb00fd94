"""In: a report.

Out: text, JSON and the formats of other tools.
Never: an opinion of its own.
"""
