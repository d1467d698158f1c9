"""`dialer calendar`: days off and make-up working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from dialer.campaign.changes import CalendarChange
from dialer.cli.base import Cli, cli_of
from dialer.cli.client import change, look_up
from dialer.cli.options import JsonOption, a_day
from dialer.language import N_

app = typer.Typer(help="Days off and make-up working days.", no_args_is_help=True)

Day = Annotated[date, typer.Argument(metavar="YYYY-MM-DD", parser=a_day, help="The day.")]
Name = Annotated[str, typer.Argument(metavar="[NAME]", help="What the day is called.")]


@app.command("list")
def list_(
    context: typer.Context,
    year: Annotated[int | None, typer.Option(min=2000, max=2099, help="The year (default: this one).")] = None,
    json: JsonOption = False,
) -> None:
    """Show the days that differ from the weekly schedule."""
    cli = cli_of(context)
    days = look_up(cli, list[CalendarChange], "calendar", year=year or datetime.now(cli.zone).year)
    cli.listing(days, _row, "Day", N_("Calls", context="column"), N_("Name", context="column"), json=json)


def _row(cli: Cli, day: CalendarChange) -> tuple[object, ...]:
    return day.day, cli.t("yes") if day.working else cli.t("no"), day.name


@app.command()
def off(context: typer.Context, day: Day, name: Name = "") -> None:
    """No calls on this day."""
    _set(context, day, False, name)


@app.command()
def work(context: typer.Context, day: Day, name: Name = "") -> None:
    """Calls on this day, whatever its weekday; a day without hours of its own uses Monday's."""
    _set(context, day, True, name)


@app.command()
def plain(context: typer.Context, day: Day) -> None:
    """Make it an ordinary day again."""
    _set(context, day, None, "")


def _set(context: typer.Context, day: date, working: bool | None, name: str) -> None:
    cli = cli_of(context)
    change(cli, "PUT", f"calendar/{day.isoformat()}", {"working": working, "name": name})
    cli.say(
        cli.t("{day}: no calls.", day=day)
        if working is False
        else cli.t("{day}: calls are made.", day=day)
        if working
        else cli.t("{day}: follows the weekly schedule.", day=day)
    )
