"""In: values that a later run can use again, and what they rest on.

Out: the same values, as long as nothing that they rest on has changed; else nothing.
Never: a value of which that is not certain, or a file that somebody else could have written.
"""
