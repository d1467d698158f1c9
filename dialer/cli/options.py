"""Options that several commands have, and how people write days and times."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.base import Cli
from dialer.clock import YEARS
from dialer.errors import BadInput


def a_day(text: str) -> date:
    """``text`` as a day of a year that the dialer knows. Raises ValueError, which typer words."""
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(text)
    return day


DayOption = Annotated[
    date | None,
    typer.Option("--date", parser=a_day, metavar="YYYY-MM-DD", help="The day (default: today)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
CustomerCode = Annotated[str, typer.Argument(metavar="CUSTOMER", help="Customer code.")]
AgentNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Staff number.")]
ListFile = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="CSV or XLSX.")
]
SheetOption = Annotated[
    str, typer.Option("--sheet", metavar="NAME", help="Which sheet of a workbook that has several filled ones.")
]

SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out and take the others.")]
_LONGEST_LIST = 32 << 20
"""Bytes; lists and the web takes no more (``ReadLimits.max_bytes``, ``WebConfig.max_upload``)."""


def day_or_today(cli: Cli, day: date | None) -> date:
    """The day asked for, else today in the department's zone."""
    return day or datetime.now(cli.zone).date()


def list_in(file: Path) -> bytes:
    """What is in a list's file. Of one that is too long no more is read than shows whoever takes it that it is.

    Raises ``BadInput``.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST_LIST + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error


def moment(cli: Cli, text: str, day: date | None = None) -> datetime:
    """``10:30`` of ``day``, a date (its beginning), or ISO 8601; without an offset on the department's clock.

    Raises ``BadInput``.
    """
    zone = cli.zone
    try:
        if len(text) <= len("00:00:00") and ":" in text:
            return datetime.combine(day_or_today(cli, day), time.fromisoformat(text), zone)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            cli.t("{text} is not a time: write 10:30, 2026-11-23 or 2026-11-23T10:30", text=repr(text))
        ) from None
    if at.year not in YEARS:
        raise BadInput(
            cli.t("{text}: the year must be from {first} to {last}", text=text, first=YEARS[0], last=YEARS[-1])
        )
    return at if at.tzinfo else at.replace(tzinfo=zone)


def whole_day(cli: Cli, day: date) -> tuple[datetime, datetime]:
    """Midnight to midnight in the department's zone."""
    start = datetime.combine(day, time.min, cli.zone)
    return start, datetime.combine(day + timedelta(days=1), time.min, cli.zone)
