"""What a person writes and what PostgreSQL shows of it are one expression; what means something else is not."""

from __future__ import annotations

import pytest

from migguard.changes import Engine
from migguard.sql.canonical import canonical

SAME = [
    (
        "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
        "status IN ('b','a')",
    ),
    ("(amount >= (0)::numeric)", "amount>=0"),
    ("((x >= 1) AND (x <= 3))", "x BETWEEN 1 AND 3"),
    ("(a ~~ 'x%'::text)", "t.a LIKE 'x%'"),
    ("(created > (now() - '1 day'::interval))", "created > CURRENT_TIMESTAMP - interval '1 day'"),
    ("(\"substring\"((x)::text, 1, 3) = 'abc'::text)", "substring(x from 1 for 3) = 'abc'"),
    ("(EXTRACT(year FROM x) > (2000)::numeric)", "extract(year from x) > 2000"),
    ("(NOT (a AND b))", "not (a and b)"),
    ("(status <> ALL (ARRAY[1, 2]))", "status not in (2,1)"),
    ("(char_length((a)::text) > 3)", "char_length(a) > 3"),
    ("((a > 0) AND (b > 0) AND (c > 0))", "a > 0 AND (b > 0 AND c > 0)"),
    ("(a > '-1'::integer)", "a > -1"),
    ("((data ->> 'x'::text) = 'y'::text)", "data->>'x' = 'y'"),
    ("(lower((email)::text))", "lower(email)"),
    ("(a <> b)", "a != b"),
    ("(f(a) = 1)", "F(a) = 1"),
    ("((status)::text = 'x'::text)", "status IN ('x')"),
    ("(date_trunc('day'::text, c))", "date_trunc('day', c)"),
    ("(NOT (a IS NULL))", "a is not null"),
]
OTHER = [
    ("a > 0", "a >= 0"),
    ("a IN ('x')", "a IN ('y')"),
    ("a IS NULL", "a IS NOT NULL"),
    ("lower(a)", "upper(a)"),
    ("a", "b"),
    ("a AND b", "a OR b"),
    ("a AND (b OR c)", "(a AND b) OR c"),
    ("NOT (a AND b)", "NOT a AND b"),
    ("a - (b - c)", "a - b - c"),
    ("a * (b + c)", "a * b + c"),
    ("a = 'X'", "a = 'x'"),
    ('"A" > 0', "a > 0"),
    ("a::date > b", "a > b"),
]


@pytest.mark.parametrize(("shown", "written"), SAME)
def test_the_servers_spelling_is_the_one_that_was_written(shown: str, written: str) -> None:
    assert canonical(shown, Engine.POSTGRESQL) == canonical(written, Engine.POSTGRESQL) is not None


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_means_something_else_is_another_expression(one: str, other: str) -> None:
    assert canonical(one, Engine.POSTGRESQL) != canonical(other, Engine.POSTGRESQL)
