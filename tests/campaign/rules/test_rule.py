"""The 5-attempt rule: its numbers, its two readings, and what comes of them on a visit."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.rule import STANDARD_GAP, Counting, RedialRule
from tests.campaign.days import at, config, row
from tests.campaign.stepping import Room

MINUTE = timedelta(minutes=1)


def test_the_standards_numbers_are_the_default() -> None:
    """Section 七 (二) 1: 5 次, 间隔时间不少于5分钟; "five attempts in all is the default" (DOMAIN.md)."""
    rule = RedialRule()
    assert (rule.attempts, rule.counting, rule.gap, rule.limit) == (5, Counting.ATTEMPTS, STANDARD_GAP, 5)
    assert STANDARD_GAP == 5 * MINUTE
    assert not rule.rehearsal


@pytest.mark.parametrize(("counting", "limit"), [(Counting.ATTEMPTS, 5), (Counting.REDIALS, 6)])
def test_both_readings_of_five(counting: Counting, limit: int) -> None:
    """DOMAIN.md: "The sentence can also be read as five redials after the first call"."""
    rule = RedialRule(counting=counting)
    assert next(n for n in range(10) if rule.exhausted(n)) == limit


def test_a_shorter_gap_is_a_rehearsal() -> None:
    """DOMAIN.md: "Shorter gaps are for rehearsal and demonstrations and are shown as such"."""
    assert RedialRule(gap=timedelta(seconds=299)).rehearsal


def test_the_wait_grows_with_uncounted_attempts_in_a_row() -> None:
    """They would otherwise go on every five minutes for the whole day; the gap is never cut short."""
    rule = RedialRule()
    waits = [rule.wait(n) / MINUTE for n in range(8)]
    assert waits == [5, 5, 10, 20, 40, 60, 60, 60]
    assert rule.wait(10_000) == timedelta(hours=1)
    assert RedialRule(gap=timedelta(hours=2)).wait(9) == timedelta(hours=2)


@pytest.mark.parametrize(("counting", "calls"), [(Counting.ATTEMPTS, 5), (Counting.REDIALS, 6)])
def test_a_customer_who_is_never_reached_is_called_that_often_and_reported(counting: Counting, calls: int) -> None:
    """Invariants 1 and 8: "After five calls without connecting, the customer is unreached", one notice, at once."""
    room = Room(row(1), conf=config(rule=RedialRule(counting=counting)))
    ends = []
    while room.visit().state is VisitState.CALLING:
        room.wait(20)
        room.miss()
        ends.append(room.now)
        if room.visit().state is VisitState.WAITING:
            assert room.notices(NoticeKind.UNREACHED) == []
            room.wait(minutes=4, seconds=59)
            assert room.calls() == []
            room.wait(1)
    assert (len(ends), room.visit().counted, room.visit().attempts) == (calls, calls, calls)
    assert all(b - a == 5 * MINUTE + timedelta(seconds=20) for a, b in pairwise(ends))
    assert room.visit().state is VisitState.UNREACHED
    assert room.notices(NoticeKind.UNREACHED) == [f"unreached-{room.visit().id}-1"]
    room.wait(minutes=60)
    assert room.calls() == []


def test_failures_of_our_own_side_are_not_counted_and_wait_longer_each_time() -> None:
    """DOMAIN.md: "It does not count when our side failed"; "Spacing is kept all the same"."""
    room = Room(row(1))
    waits = []
    for _ in range(4):
        room.fail()
        ended = room.now
        room.wait_until(room.visit().due or ended)
        waits.append((room.live().placed_at - ended) / MINUTE)
    assert waits == [5, 10, 20, 40]
    assert (room.visit().counted, room.visit().failures, room.visit().attempts) == (0, 4, 5)
    room.miss()
    assert (room.visit().counted, room.visit().failures) == (1, 0)
    assert room.visit().due == room.now + 5 * MINUTE


def test_an_abandoned_customer_is_not_charged() -> None:
    """DOMAIN.md: it does not count "when the customer did answer"."""
    room = Room(row(1))
    for _ in range(4):
        room.miss()
        room.wait(minutes=5)
    room.abandon()
    room.ready()
    assert (room.visit().state, room.visit().counted) == (VisitState.WAITING, 4)
    room.wait(minutes=5)
    room.miss()
    assert room.visit().state is VisitState.UNREACHED


def test_a_number_that_does_not_exist_is_not_dialled_four_more_times() -> None:
    """DOMAIN.md: "the visit ends as invalid number with a notice of its own, since only a person can correct it"."""
    room = Room(row(1))
    call = room.refute()
    assert room.ended(call) is Disposition.INVALID_NUMBER
    assert room.visit().state is VisitState.INVALID_NUMBER
    assert room.notices(NoticeKind.INVALID_NUMBER) == [f"invalid-number-{room.visit().id}-1"]
    room.wait(minutes=60)
    assert room.calls() == []


def test_who_was_not_reached_before_closing_is_reported() -> None:
    """DOMAIN.md: "When the day closes before five attempts were possible, the customer is reported too"."""
    room = Room(row(1), row(2), now=at(17, 58))
    room.miss(1)
    room.wait(1)
    call = room.connect(2)
    room.wait_until(at(18))
    assert room.visit(1).state is VisitState.OUT_OF_TIME
    assert room.notices(NoticeKind.OUT_OF_TIME) == [f"out-of-time-{room.visit(1).id}-1"]
    assert room.visit(2).state is VisitState.CALLING
    room.wait(minutes=10)
    room.hang_up(call)
    assert room.visit(2).state is VisitState.REACHED


def test_a_call_that_outlives_closing_and_misses_is_reported_then() -> None:
    """Nobody is forgotten between two stools."""
    room = Room(row(1), now=at(17, 59, 50))
    room.wait(20)
    assert room.visit().state is VisitState.CALLING
    room.miss()
    assert room.visit().state is VisitState.OUT_OF_TIME
    assert len(room.notices(NoticeKind.OUT_OF_TIME)) == 1


def test_a_day_that_closed_while_the_dialer_was_down_is_closed_at_the_next_start() -> None:
    """Also days ago."""
    room = Room(row(1), row(2), now=at(17))
    room.wait(3)
    room.now = at(9) + timedelta(days=3)
    room.restart()
    room.link()
    assert {v.state for v in room.store.visits.values()} == {VisitState.OUT_OF_TIME}
    assert len(room.notices(NoticeKind.OUT_OF_TIME)) == 2


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        (RedialRule(), 10),
        (RedialRule(counting=Counting.REDIALS), 12),
        (RedialRule(attempts=1), 0),
        (RedialRule(gap=timedelta(seconds=3)), 0),
    ],
)
def test_how_many_last_first_calls_go_before_redials(rule: RedialRule, first: int) -> None:
    """So many as fit into the gaps of one who never answers."""
    assert rule.head_start == first
