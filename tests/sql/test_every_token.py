"""A statement is read to its last token, or it is Unknown: no token is passed over."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migguard.changes import Engine
from migguard.sql.tokenizers import tokenize
from tests.live.servers import VERSIONS, PostgresServer
from tests.sql.statements import DDL, changes, spoiled, unknown

JUNK = ("zzq", "7", "'s'", ")", "(", ",", "CASCADE", "SET", "NOT", "=")
SIZED_ARRAY = ("]",)
"""A number before one of these may be the size of an array, which the server forgets as well."""


def test_words_behind_a_statement_make_it_unknown() -> None:
    assert [sql for sql in DDL if not unknown(f"{sql} zzq zzq")] == []


@pytest.mark.thorough
@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_token_more_never_reads_as_if_it_were_not_there(data: st.DataObject) -> None:
    sql = data.draw(st.sampled_from(DDL))
    tokens = tokenize(sql, Engine.POSTGRESQL)
    place = data.draw(st.integers(1, len(tokens)))
    junk = data.draw(st.sampled_from(("zzq", "zzq zzq", "'s'", "7")))
    before = tokens[place].word if place < len(tokens) else ""
    if junk == "7" and before in SIZED_ARRAY:
        return
    assert changes(spoiled(sql, place, junk)) != changes(sql)


@pytest.mark.thorough
@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_reading_never_raises(text: str) -> None:
    changes(text)


@pytest.mark.thorough
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_reading_a_statement_with_tokens_taken_out_never_raises(data: st.DataObject) -> None:
    sql = data.draw(st.sampled_from(DDL))
    tokens = tokenize(sql, Engine.POSTGRESQL)
    first = data.draw(st.integers(0, len(tokens) - 1))
    last = data.draw(st.integers(first, len(tokens) - 1))
    changes(sql[: tokens[first].start] + sql[tokens[last].end :])


def refused_by_the_grammar(connection: psycopg.Connection, sql: str) -> bool:
    """Whether the server's parser refuses a text. A statement before it ends the text before anything is run."""
    try:
        connection.execute(
            f"DO $stop$ BEGIN RAISE EXCEPTION 'parsed' USING ERRCODE = 'P0001'; END $stop$; {sql}".encode()
        )
    except psycopg.errors.SyntaxError:
        return True
    except psycopg.Error:
        return False
    raise AssertionError("the server ran it")


TABLES = ("ALTER TABLE", "CREATE SEQUENCE", "ALTER SEQUENCE", "CREATE TYPE", "ALTER TYPE", "CREATE DOMAIN",
          "ALTER DOMAIN", "CREATE TRIGGER", "CREATE POLICY", "LOCK", "TRUNCATE", "GRANT", "DROP TABLE",
          "DROP INDEX")  # fmt: skip
CLOSED = [sql for sql in DDL if sql.startswith(TABLES) and "::" not in sql and "EXTRACT" not in sql]
"""Statements of which every token is read by our own grammar."""


@pytest.mark.live
@pytest.mark.parametrize("junk", JUNK)
def test_what_the_servers_grammar_refuses_is_unknown(junk: str, server: PostgresServer, database: str) -> None:
    """A token at the end of each statement, and one in its midst."""
    if server.version < max(VERSIONS):
        pytest.skip("what is read is the grammar of the newest server")
    missed = []
    with server.connect(database) as connection:
        for number, sql in enumerate(CLOSED):
            tokens = tokenize(sql, Engine.POSTGRESQL)
            for place in (len(tokens), 1 + number % max(1, len(tokens) - 1)):
                text = spoiled(sql, place, junk)
                if not unknown(text) and refused_by_the_grammar(connection, text):
                    missed.append(text)
    assert missed == []
