"""Times as people type them, wherever they type them."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from dialer.web.kit.localtime import NoTime, instant

DAY, ZONE = date(2026, 11, 23), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("1030", "10:30"), ("930", "09:30"), ("9", "09:00"), ("10:30", "10:30"), ("10：30", "10:30"),
        ("10.30", "10:30"), ("08 30", "08:30"), ("１０３０", "10:30"), ("１５：０５", "15:05"), ("15点", "15:00"),
        ("15点05分", "15:05"), ("15时5分", "15:05"), ("下午3点", "15:00"), ("下午 3点半", "15:30"),
        ("下午3:15", "15:15"),
        ("上午9点", "09:00"), ("早上8点", "08:00"), ("中午12点", "12:00"), ("中午1点", "13:00"), ("晚上8点", "20:00"),
        ("下午15点", "15:00"), ("3 pm", "15:00"), ("3:30PM", "15:30"), ("9am", "09:00"), ("12 pm", "12:00"),
        ("12 am", "00:00"), ("凌晨12点", "00:00"), ("0000", "00:00"), (" 2359 ", "23:59"),
    ],
)  # fmt: skip
def test_times_are_understood(typed: str, clock: str) -> None:
    """With full-width digits, blanks, Chinese words for hours and parts of the day, or as in English."""
    assert instant(typed, DAY, ZONE).astimezone(ZONE).strftime("%Y-%m-%d %H:%M") == f"2026-11-23 {clock}"


@pytest.mark.parametrize(
    "typed", ["", "x", "99", "2460", "24:00", "10:3", "3点60分", "13 am", "晚上12点", "10301", "今天"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    """Rather than taken for another; midnight at the end of a day is none of that day."""
    with pytest.raises(NoTime):
        instant(typed, DAY, ZONE)
