"""In: the text of a statement.

Out: the changes it makes, or Unknown where one token was left unread.
Never: a look at the schema, or a guess.
"""
