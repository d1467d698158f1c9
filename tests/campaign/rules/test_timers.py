"""Wake-ups: each once, at its earliest time."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.rules.timers import Timers, Wake
from tests.campaign.days import at


def test_a_wake_up_set_twice_is_kept_once_at_the_earlier_time() -> None:
    """A wake-up only says "look again"; whoever is woken too early sets it anew."""
    timers = Timers()
    assert timers.next_time() is None
    timers.at(at(9), Wake.WATCH, "a")
    timers.at(at(10), Wake.WATCH, "a")
    timers.at(at(8), Wake.WATCH, "a")
    timers.at(at(8, 30), Wake.WATCH, "b")
    assert timers.next_time() == at(8)
    assert timers.due(at(10)) == [(Wake.WATCH, "a"), (Wake.WATCH, "b")]
    assert timers.due(at(11)) == []


def test_a_wake_up_can_be_dropped() -> None:
    """It is forgotten, and may be set again."""
    timers = Timers()
    timers.at(at(9), Wake.SETTLE, "a")
    timers.drop(Wake.SETTLE, "a")
    timers.drop(Wake.SETTLE, "b")
    assert timers.next_time() is None
    timers.at(at(9), Wake.SETTLE, "a")
    timers.at(at(9), Wake.SETTLE, "a")
    assert timers.due(at(9)) == [(Wake.SETTLE, "a")]


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(Wake), st.sampled_from("abc")), max_size=40))
def test_every_wake_up_comes_once_at_its_earliest_time(sets: list[tuple[int, Wake, str]]) -> None:
    """Whatever the order in which they are set."""
    timers = Timers()
    earliest: dict[tuple[Wake, str], int] = {}
    for minute, wake, key in sets:
        timers.at(at(8, minute), wake, key)
        earliest[wake, key] = min(minute, earliest.get((wake, key), minute))
    woken = {}
    while (when := timers.next_time()) is not None:
        for each in timers.due(when):
            assert each not in woken
            woken[each] = when
    assert woken == {each: at(8, minute) for each, minute in earliest.items()}


def test_those_of_one_moment_come_in_the_order_in_which_they_were_set() -> None:
    """As many as were asked for at a time; also after a repair, which those set later do not overtake."""
    timers = Timers()
    for key in "cba":
        timers.at(at(9), Wake.SETTLE, key)
    timers.at(at(9, 1), Wake.DIAL)
    assert timers.due(at(9), most=1) == [(Wake.SETTLE, "c")]
    assert timers.due(at(9), most=0) == []
    timers.repair()
    timers.at(at(9), Wake.WATCH, "0")
    assert timers.count(at(9)) == 3
    assert timers.due(at(9), most=9) == [(Wake.SETTLE, "b"), (Wake.SETTLE, "a"), (Wake.WATCH, "0")]
    assert (timers.count(at(9)), timers.next_time()) == (0, at(9, 1))


def test_wake_ups_move_with_the_clock() -> None:
    """All of them, also what is left of one that was set twice."""
    timers = Timers()
    timers.at(at(10), Wake.SETTLE, "a")
    timers.at(at(9), Wake.SETTLE, "a")
    timers.shift(timedelta(hours=-2))
    timers.at(at(7, 30), Wake.SETTLE, "a")
    assert timers.next_time() == at(7)
    assert timers.due(at(9)) == [(Wake.SETTLE, "a")]


def test_what_was_put_back_is_woken_for() -> None:
    """At the times that were put back, whatever was set or taken out since."""
    kept: dict[tuple[Wake, str], datetime] = {}
    timers = Timers(kept)
    timers.at(at(9), Wake.SETTLE, "a")
    timers.at(at(10), Wake.SETTLE, "b")
    before = dict(kept)
    assert timers.due(at(9)) == [(Wake.SETTLE, "a")]
    timers.at(at(8), Wake.SETTLE, "b")
    kept.clear()
    kept.update(before)
    timers.repair()
    assert timers.due(at(9)) == [(Wake.SETTLE, "a")]
    assert timers.due(at(10)) == [(Wake.SETTLE, "b")]
