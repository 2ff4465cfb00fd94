"""In: a change, the catalog before it and the server.

Out: its locks, rewrites, scans and builds, each with its source.
Never: SQL text, or a default that means fine.
"""
