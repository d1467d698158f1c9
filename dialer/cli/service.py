"""`dialer run`, `dialer demo`, `dialer version`."""

from __future__ import annotations

import gc
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from dialer import __version__
from dialer.cli.base import cli_of


def run(context: typer.Context) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl-C)."""
    from dialer import logs

    settings = cli_of(context).settings
    logs.configure(settings.log, secrets=settings.secrets())
    gc.disable()  # until the service has started: see app.serve
    import uvloop

    from dialer import app

    # asyncio's own loop gives the interpreter away at each read and write, and waits for all busy threads before it is
    # given back: calls would wait for pages.
    uvloop.run(app.serve(settings))


def demo(
    context: typer.Context,
    list_file: Annotated[
        Path | None,
        typer.Option(
            "--list", exists=True, dir_okay=False, help="Call the customers on this list instead of invented ones."
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running at the end.")] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Save the report as a picture too.", metavar="FILE", dir_okay=False)
    ] = None,
) -> None:
    """Show a day of calls on a private PBX, with a report. Nothing is left behind, and no real phone rings."""
    from dialer.demo import run as show

    cli = cli_of(context)
    cli.log_warnings()
    if svg is not None and not svg.absolute().parent.is_dir():
        raise typer.BadParameter(cli.t("{path} is not there", path=svg.absolute().parent), param_hint="--svg")
    code = show(list_file, keep, svg, cli.language, cli.out)
    if code:
        raise typer.Exit(code)


def version(context: typer.Context) -> None:
    """Print the version, and of an installed one the commit that it was built from."""
    build = files("dialer").joinpath("BUILD")
    commit = build.read_text(encoding="utf-8").strip() if build.is_file() else ""
    cli_of(context).say(f"dialer {__version__} {commit}".strip())
