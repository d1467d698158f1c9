"""How a wait grows."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.rules.waits import doubled

SECOND = timedelta(seconds=1)
LENGTHS = st.timedeltas(timedelta(microseconds=1), timedelta(days=365_000))


def test_it_doubles_up_to_the_longest() -> None:
    """And stays there, however often."""
    waits = [doubled(SECOND, times, 6 * SECOND) / SECOND for times in (0, 1, 2, 3, 4, 10**9)]
    assert waits == [1, 2, 4, 6, 6, 6]


def test_a_power_of_two_is_reached() -> None:
    """Where the longest is itself one of the doubled waits, it is neither passed nor missed."""
    assert [doubled(SECOND, times, 8 * SECOND) / SECOND for times in (2, 3, 4)] == [4, 8, 8]


@given(LENGTHS, LENGTHS)
def test_any_two_lengths_make_waits_that_grow(first: timedelta, longest: timedelta) -> None:
    """From the first to the longest, and no sum is ever too large for the calendar."""
    waits = [doubled(first, times, longest) for times in range(70)]
    assert (waits[0], waits[-1]) == (first, max(first, longest))
    assert all(before <= after <= 2 * before for before, after in pairwise(waits))
