"""Waits that grow with each failure in a row."""

from __future__ import annotations

from datetime import timedelta


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """``first``, doubled so many ``times``, up to ``longest``; never less than ``first``, which is above zero."""
    longest = max(longest, first)
    return min(first * (1 << min(times, (longest // first).bit_length())), longest)
