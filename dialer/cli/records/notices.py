"""`dialer notices`: what goes to the info platform."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.campaign.views import wording
from dialer.cli.base import Cli, cli_of
from dialer.cli.client import read, segment
from dialer.cli.connect import connect
from dialer.cli.options import JsonOption
from dialer.cli.words import NOTICES, word
from dialer.language import N_, reword
from dialer.notices.outbox import Notice, NoticeState

app = typer.Typer(help="Notices to the info platform.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    state: Annotated[NoticeState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many.")] = 100,
    json: JsonOption = False,
) -> None:
    """Show notices, newest first."""
    cli = cli_of(context)
    with connect(cli) as client:
        notices = read(list[Notice], client.get("notices", state=state, limit=limit))
    next_try = N_("Next try", context="column")
    cli.listing(notices, _row, "Id", "Kind", "Time", "State", "Tries", next_try, "Error", json=json)


def _row(cli: Cli, notice: Notice) -> tuple[object, ...]:
    return (
        notice.id,
        word(wording.NOTICES, notice.kind, cli.t),
        cli.time(notice.created_at, "%Y-%m-%d %H:%M:%S"),
        word(NOTICES, notice.state, cli.t),
        notice.tries,
        cli.time(notice.next_try_at),
        reword(notice.last_error, cli.language),
    )


@app.command()
def resend(
    context: typer.Context, notice: Annotated[str, typer.Argument(metavar="ID", help="Id of the notice.")]
) -> None:
    """Send a notice again that was given up, or that the other side lost."""
    cli = cli_of(context)
    with connect(cli, changes=True) as client:
        client.send("POST", f"notices/{segment(notice)}/resend")
    cli.say(cli.t("{notice} will be sent again.", notice=notice))
