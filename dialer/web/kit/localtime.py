"""Times as people and other systems write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo

from dialer.clock import YEARS
from dialer.errors import BadInput

_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")
_LIKE = "write HH:MM on the department's clock, or ISO 8601 as in 2026-11-23T10:30:00+08:00"


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
    """``text`` as a time in UTC: HH:MM of ``day`` in ``zone``, or ISO 8601 (without an offset: in ``zone``).

    Raises BadInput, also for a time that the clocks of ``zone`` skip.
    """
    clock = _CLOCK.fullmatch(text.strip())
    try:
        if clock:
            local = datetime.combine(day, time(int(clock[1]), int(clock[2])), zone)
        else:
            local = datetime.fromisoformat(text.strip())
            local = local if local.tzinfo else local.replace(tzinfo=zone)
        found = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"'{text}' is no time: {_LIKE}") from None
    if found.year not in YEARS:
        raise BadInput(f"'{text}': the year must be from {YEARS[0]} to {YEARS[-1]}")
    if found.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise BadInput(f"'{text}' does not exist on the department's clock, which is put forward then")
    return found
