"""In: a script's syntax tree, and which answers its replay had to guess.

Out: the statements of the sides that the replay did not take, and a note for each of what came of it.
Never: a side taken for what ran.
"""
