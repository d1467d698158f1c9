"""Times as people and other systems write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, tzinfo

from dialer.clock import YEARS
from dialer.errors import BadInput

_LATE, _EARLY = ("下午", "晚上", "傍晚", "中午", "pm"), ("上午", "早上", "早晨", "凌晨", "am")
_PART = "|".join((*_LATE, *_EARLY))
_CLOCK = re.compile(
    rf"({_PART})?\s*(?:(\d{{1,2}})(\d\d)|(\d{{1,2}})(?:[:.\s](\d\d)|[点时](?:(\d{{1,2}})分?|(半))?)?)\s*(am|pm)?",
    re.ASCII,
)
"""1030, 10:30, 9, 15点, 下午3点半, 3 pm: a part of the day, hour and minute without or with a sign between them."""
_HALF_DAY = 12
_SHORTEST_ISO = 10  # a day; "10301" is none, though Python reads days of five digits


class NoTime(BadInput):
    """This is no time; write HH:MM."""

    code = "no-time"


def clock_of(text: str) -> time | None:
    """``text`` as a time of the day, as people type it; None for what is none, and for 24:00, which is of the next day.

    Full-width digits are those of Chinese keyboards; 12 am and 12 pm are as in English; 中午 is noon and an hour on.
    """
    fits = _CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    if fits is None:
        return None
    before, short, its, long, minute, minutes, half, after = fits.groups()
    hour, part = int(short or long), before or after
    if (before and after) or (part in ("am", "pm") and not 1 <= hour <= _HALF_DAY):
        return None
    if part in _LATE and hour < _HALF_DAY:
        hour += _HALF_DAY
    elif hour == _HALF_DAY and part in ("am", "凌晨"):
        hour = 0
    elif hour == _HALF_DAY and part == "晚上":
        return None
    try:
        return time(hour, 30 if half else int(its or minute or minutes or 0))
    except ValueError:
        return None


def any_day(text: str) -> date:
    """``text`` as a day to look at: one beyond :data:`YEARS` is their first or last, since nothing is beyond them.

    Raises BadInput.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"'{text}' is no day; write it as 2026-11-23") from None
    return min(max(day, date(YEARS[0], 1, 1)), date(YEARS[-1], 12, 31))


def day_of(text: str) -> date:
    """``text`` as a day. Raises BadInput, also for one of another century."""
    day = any_day(text)
    if date.fromisoformat(text.strip()) != day:
        raise BadInput(f"'{text}': the year must be from {YEARS[0]} to {YEARS[-1]}")
    return day


def instant(text: str, day: date, zone: tzinfo) -> datetime:
    """``text`` as a time in UTC: of ``day`` in ``zone`` as people type it, or ISO 8601 (without an offset: there).

    Raises NoTime; BadInput for one of another century or that the clocks of ``zone`` skip.
    """
    clock = clock_of(text)
    try:
        if clock is not None:
            local = datetime.combine(day, clock, zone)
        else:
            if len(text.strip()) < _SHORTEST_ISO:
                raise ValueError(text)
            local = datetime.fromisoformat(text.strip())
            local = local if local.tzinfo else local.replace(tzinfo=zone)
        found = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoTime(
            f"'{text}' is no time: write HH:MM on the department's clock, or ISO 8601 as in 2026-11-23T10:30:00+08:00"
        ) from None
    if found.year not in YEARS:
        raise BadInput(f"'{text}': the year must be from {YEARS[0]} to {YEARS[-1]}")
    if found.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise BadInput(f"'{text}' does not exist on the department's clock, which is put forward then")
    return found
