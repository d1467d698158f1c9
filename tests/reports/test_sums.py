"""A day in sums."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dialer.campaign.model.visit import Result, VisitState
from dialer.reports.sums import Sums

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def some() -> Sums:
    """Three customers, two of them called."""
    return Sums(
        3, Counter({VisitState.REACHED: 1, VisitState.UNREACHED: 1, VisitState.WAITING: 1}),
        Counter({Result.ORDERED: 1}), 4, 2, 1, 2, 1, timedelta(minutes=2), 1, Decimal(16), Decimal("1234.5"), AT,
        AT + timedelta(hours=1),
    )  # fmt: skip


def test_nothing_has_no_shares() -> None:
    """Nobody is told of 0 % where there was nobody to reach."""
    assert (Sums().reach, Sums().first_reach, Sums().mean_talk, Sums().given_up) == (None, None, None, 0)


def test_shares() -> None:
    """Of customers, of first calls, of a conversation."""
    sums = some()
    assert (sums.reach, sums.first_reach, sums.mean_talk, sums.given_up) == (1 / 3, 0.5, timedelta(minutes=2), 1)


def test_sums_are_put_together() -> None:
    """Each figure adds up; the first call is the earliest, the last end the latest, whichever is known."""
    both = Sums()
    both.add(some())
    assert both == some()
    later = Sums(begin=AT - timedelta(hours=1))
    both.add(later)
    both.add(some())
    assert (both.visits, both.calls, both.talk, both.states[VisitState.REACHED]) == (6, 8, timedelta(minutes=4), 2)
    assert (both.begin, both.end) == (AT - timedelta(hours=1), AT + timedelta(hours=1))
