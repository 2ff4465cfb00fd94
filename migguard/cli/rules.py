"""`migguard rules`: the catalogue."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from migguard.cli import options


def rules(
    form: options.FORMAT = None,
    select: options.SELECT = None,
    no_color: options.NO_COLOR = False,
    wide: Annotated[bool, typer.Option("--engines", help="Also the engines that each rule looks at.")] = False,
) -> None:
    """List the rules: code, name, severity and what each fires on. `migguard explain CODE` tells more.

    [bold]migguard rules --select MG4[/bold]      a family
    [bold]migguard rules --format json[/bold]     for programs
    """
    from migguard.rules.registry import all_rules, check_pattern, matches

    target = options.targets(form, None, ("text", "json"))[0]
    known = all_rules()
    patterns = options.items(select)
    for pattern in patterns or ():
        check_pattern(pattern, known)
    chosen = [r for r in known if patterns is None or any(matches(r, p) for p in patterns)]
    if target.format == "json":
        import msgspec

        documents = [
            {
                "code": r.code,
                "name": r.name,
                "severity": r.severity.word,
                "summary": r.summary,
                "engines": sorted(r.engines),
                "guideline": r.guideline,
            }
            for r in chosen
        ]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(documents), indent=2).decode() + "\n")
        return
    from rich.table import Table
    from rich.text import Text

    from migguard.reports.console import console, show
    from migguard.reports.text import STYLES

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("code", "name", "severity", "fires when", *(("engines",) if wide else ())):
        table.add_column(column, no_wrap=column in ("code", "name", "severity"))
    for rule in chosen:
        severity = Text(rule.severity.word, style=STYLES.get(rule.severity, "dim"))
        engines = (", ".join(sorted(rule.engines)),) if wide else ()
        table.add_row(rule.code, rule.name, severity, rule.summary, *engines)
    show(table, console(colour=options.colours(no_color)))
