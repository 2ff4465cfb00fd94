"""The tests of reading SQL."""
