"""In: the inputs and the event of a GitHub workflow, and the reports of a check.

Out: a step's summary and outputs, one comment on the pull request, an exit code.
Never: a verdict of its own; an input that becomes part of a shell script.
"""
