"""The rules' tests: one walk over examples and cases, so that a new rule adds no test code."""
