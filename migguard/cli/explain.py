"""`migguard explain MG401`: why a rule is there, a bad and a good example, how to be let through."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from migguard.cli import options
from migguard.errors import UsageError


def explain(
    rule: Annotated[str, typer.Argument(help="A code (MG401) or name (blocking-index-build).")],
    no_color: options.NO_COLOR = False,
) -> None:
    """Explain one rule: what it fires on, why it matters, what is let through, and both in Alembic Python.

    [bold]migguard explain MG401[/bold]                  by its code
    [bold]migguard explain blocking-index-build[/bold]   by its name
    """
    from migguard.rules.page import page
    from migguard.rules.registry import all_rules, check_pattern

    known = all_rules()
    found = next((r for r in known if rule.upper() == r.code or rule == r.name), None)
    if found is None:
        check_pattern(rule, known)
        raise UsageError(f"{rule} is a family", hint=f"`migguard rules --select {rule}` lists it")
    text = page(found)
    if not options.colours(no_color):
        sys.stdout.write(text)
        return
    from rich.markdown import Markdown

    from migguard.reports.console import console

    console(colour=True).print(Markdown(text), soft_wrap=False)
