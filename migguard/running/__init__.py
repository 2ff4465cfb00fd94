"""In: the commit at which the branch began.

Out: the models of the code that is still running there, as plain values.
Never: a change to the user's repository; the models' own objects in this process.
"""
