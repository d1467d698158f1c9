"""`dialer campaign`: stop and go for everybody."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.base import cli_of
from dialer.cli.client import change

app = typer.Typer(help="Pause and resume calling.", no_args_is_help=True)

Reason = Annotated[str, typer.Argument(metavar="[REASON]", help="Why; shown to everybody.")]


@app.command()
def pause(context: typer.Context, reason: Reason = "") -> None:
    """Place no new calls; conversations continue."""
    cli = cli_of(context)
    change(cli, "POST", "campaign/pause", {"reason": reason})
    cli.say("Calling is paused.")


@app.command()
def resume(context: typer.Context) -> None:
    """Resume placing calls."""
    cli = cli_of(context)
    change(cli, "POST", "campaign/resume")
    cli.say("Calling has resumed.")


@app.command("take-over")
def take_over(context: typer.Context) -> None:
    """Let this dialer own the PBX, which another one with a copy of these records owns."""
    cli = cli_of(context)
    change(cli, "POST", "campaign/take-over")
    cli.say("This dialer takes the PBX over; 'dialer status' shows when it has.")


@app.command("late-start")
def late_start(
    context: typer.Context, text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Why, and until when.")] = ""
) -> None:
    """Tell marketing departments and account managers that calling starts late today."""
    cli = cli_of(context)
    change(cli, "POST", "campaign/late-start", {"text": text})
    cli.say("The departments have been told.")
