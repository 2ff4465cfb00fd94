"""`migguard graph`: the revision graph, with what is new in it marked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options

FORMATS = ("text", "mermaid", "svg", "json")


def graph(
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    form: Annotated[
        str | None,
        typer.Option("--format", help="text, mermaid, svg or json, on standard output.", show_default="text"),
    ] = None,
    base: options.BASE = None,
    since: options.SINCE = None,
    unfolded: Annotated[
        bool, typer.Option("--unfolded", help="Every revision on a row of its own; else long straight runs are folded.")
    ] = False,
    no_color: options.NO_COLOR = False,
) -> None:
    """Draw the revision graph, newest first, with what this branch adds marked.

    Nothing is run: the graph is read from the files, and a broken one is drawn as it is.

    [bold]migguard graph[/bold]
    [bold]migguard graph --format svg > history.svg[/bold]
    """
    target = options.targets(form, None, FORMATS)[0]
    from migguard.graphview import view
    from migguard.project.config import find_project
    from migguard.project.graph import read_graph
    from migguard.project.scope import Wish, find_scope
    from migguard.reports import revision_graph
    from migguard.settings import load_settings

    here = Path.cwd()
    project = find_project(here, config, name)
    settings = load_settings(here, project.config_path).settings
    found = read_graph(project)
    laid_out = view(found, find_scope(project, found, Wish((), since, base), settings.base), unfolded=unfolded)
    match target.format:
        case "mermaid":
            sys.stdout.write(revision_graph.mermaid(laid_out))
        case "svg":
            from migguard.reports.revision_graph_svg import drawing

            sys.stdout.write(drawing(laid_out))
        case "json":
            sys.stdout.write(revision_graph.document(laid_out) + "\n")
        case _:
            revision_graph.render(laid_out, colour=options.colours(no_color))
    for one in found.broken:
        sys.stderr.write(f"migguard: {one.path.name} could not be read (line {one.line}): {one.reason}\n")
    raise typer.Exit(3 if found.broken else 0)
