"""`dialer notices`: what goes to the info platform."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.campaign.views.wording import NOTICES, alarm
from dialer.cli.base import Cli, cli_of
from dialer.cli.client import change, look_up, segment
from dialer.cli.options import JsonOption
from dialer.language import N_, reword
from dialer.notices.outbox import Notice, NoticeState, mapping

STATES: dict[NoticeState, str] = {
    NoticeState.PENDING: N_("pending"),
    NoticeState.DELIVERED: N_("delivered"),
    NoticeState.DEAD: N_("given up"),
}

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
    notices = look_up(cli, list[Notice], "notices", state=state, limit=limit)
    next_try = N_("Next try", context="column")
    cli.listing(notices, _row, "Id", "Kind", "About", "Time", "State", "Tries", next_try, "Error", json=json)


def _row(cli: Cli, notice: Notice) -> tuple[object, ...]:
    return (
        notice.id,
        cli.word(NOTICES, notice.kind),
        _about(cli, notice),
        cli.time(notice.created_at, "%Y-%m-%d %H:%M:%S"),
        cli.word(STATES, notice.state),
        notice.tries,
        cli.time(notice.next_try_at),
        reword(notice.last_error, cli.language),
    )


def _about(cli: Cli, notice: Notice) -> str:
    """The customer; of an alarm what it says."""
    data = mapping(notice.body.get("data"))
    if customer := mapping(data.get("customer")):
        return f"{customer.get('code', '')} {customer.get('shop_name') or customer.get('person') or ''}".strip()
    if data.get("key"):
        return alarm(str(data.get("key", "")), str(data.get("text", "")), cli.language)
    return str(data.get("department") or data.get("text") or "")


@app.command()
def resend(
    context: typer.Context, notice: Annotated[str, typer.Argument(metavar="ID", help="Id of the notice.")]
) -> None:
    """Send a notice again that was given up, or that the other side lost."""
    cli = cli_of(context)
    change(cli, "POST", f"notices/{segment(notice)}/resend")
    cli.say("{notice} will be sent again.", notice=notice)
