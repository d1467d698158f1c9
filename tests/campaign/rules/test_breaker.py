"""A trunk's breaker: it judges by different numbers, within a window."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import Breaker, BreakerRule, BreakerState, Miss, Trunk
from tests.campaign.days import at


def opened(rule: BreakerRule | None = None) -> Breaker:
    breaker = Breaker(rule or BreakerRule())
    for n in range(5):
        breaker.missed(f"a{n}", f"139{n}", at(8))
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    """Invariant of the design: failures of our own side pause it; one that got through starts the count anew."""
    breaker = Breaker(BreakerRule(failures=3))
    assert [breaker.missed("a", "1", at(8)), breaker.missed("b", "2", at(8))] == [False, False]
    assert not breaker.works("3", at(8))
    assert [breaker.missed(n, n, at(8)) for n in "456"] == [False, False, True]
    assert (breaker.state, breaker.until) == (BreakerState.OPEN, at(8, 0, 30))


def test_one_number_that_fails_again_and_again_is_no_trouble_of_the_trunk() -> None:
    """A carrier that refuses further calls to it says nothing of calls to others."""
    breaker = Breaker(BreakerRule(failures=2))
    assert not any(breaker.missed(f"a{n}", "1", at(8, n)) for n in range(9))
    breaker.works("2", at(8))
    assert not any(breaker.missed(f"b{n}", "1", at(9, n)) for n in range(9))
    assert not breaker.missed("c", "3", at(9, 9))  # nor does it when another one fails for the first time
    breaker.works("1", at(8))
    assert not breaker.missed("d", "1", at(9, 10))  # from now on it counts as any other
    assert breaker.missed("e", "4", at(9, 10))


def test_failures_that_are_long_past_do_not_count() -> None:
    """Two in the morning and one in the afternoon are no outage."""
    breaker = Breaker(BreakerRule(failures=3, window=timedelta(minutes=10)))
    assert not any(breaker.missed(n, n, at(8)) for n in "12")
    assert not breaker.missed("3", "3", at(8, 10, 1))
    assert not breaker.missed("1", "1", at(8, 10, 2))  # the last time counts
    breaker.shift(timedelta(hours=1))
    assert breaker.missed("2", "2", at(9, 20, 1))


def test_failures_count_for_as_long_as_the_window_lasts() -> None:
    """To its very end."""
    breaker = Breaker(BreakerRule(failures=2, window=timedelta(minutes=10)))
    breaker.missed("a", "1", at(8))
    assert breaker.missed("b", "2", at(8, 10))


@pytest.mark.parametrize(
    ("misses", "opens_at"),
    [
        ([Miss.FAILED] * 5, 5),
        ([Miss.REFUSED] * 12, 12),
        ([Miss.UNANSWERED] * 20, 20),
        ([Miss.FAILED] * 4 + [Miss.REFUSED] * 8, 12),
        ([Miss.REFUSED] * 11 + [Miss.UNANSWERED] * 9, 20),
        ([Miss.UNANSWERED] * 15 + [Miss.FAILED] * 5, 20),
        ([Miss.UNANSWERED] * 14 + [Miss.FAILED] * 5, 19),
        ([Miss.UNANSWERED] * 8 + [Miss.REFUSED] * 11, None),
    ],
)
def test_each_kind_of_miss_counts_with_what_is_worse(misses: list[Miss], opens_at: int | None) -> None:
    """Five that failed, twelve that failed or were refused, twenty of any kind."""
    breaker = Breaker(BreakerRule())
    opened = [breaker.missed(f"a{n}", f"139{n}", at(8), miss) for n, miss in enumerate(misses, 1)]
    assert [n for n, each in enumerate(opened, 1) if each] == ([] if opens_at is None else [opens_at])


def test_the_clock_was_set() -> None:
    """Whatever it knows by time moves with it; what it does not know stays unknown."""
    breaker, hour = opened(), timedelta(hours=1)
    breaker.shift(hour)
    assert (breaker.until, breaker.spoke_at, breaker.closed_at) == (at(9, 0, 30), None, None)
    breaker.works("138", at(9))
    breaker.spoke_at = at(9, 1)
    breaker.shift(-hour)
    assert (breaker.until, breaker.spoke_at, breaker.closed_at) == (None, at(8, 1), at(8))


def test_while_it_is_open_nothing_passes_then_one_probe() -> None:
    """The design: "and probe before going on"."""
    breaker = opened()
    assert [breaker.allows(at(8, 0, 29)), breaker.allows(at(8, 0, 30))] == [False, True]
    breaker.placed("probe")
    assert (breaker.state, breaker.probe) == (BreakerState.PROBING, "probe")
    assert not breaker.allows(at(9))


def pauses(breaker: Breaker, numbers: list[str]) -> list[float]:
    """How long it pauses after each of these probes has failed."""
    now, found = at(8), []
    for n, number in enumerate(numbers):
        now = breaker.until or now
        breaker.placed(f"p{n}")
        assert breaker.missed(f"p{n}", number, now)
        until: datetime = breaker.until or now
        found.append((until - now).total_seconds())
    return found


def test_each_failed_probe_doubles_the_pause_up_to_the_longest() -> None:
    """Up to ten minutes by default."""
    assert pauses(opened(), [f"138{n}" for n in range(7)]) == [60, 120, 240, 480, 600, 600, 600]


def test_a_probe_to_a_number_that_had_failed_makes_it_no_worse() -> None:
    """It says nothing new: not with those that opened it, not with the probes that failed since."""
    assert pauses(opened(), ["1390", "1380", "1380", "1391", "1381"]) == [30, 60, 60, 60, 120]


def test_a_probe_that_gets_through_closes_it() -> None:
    """And the next trouble begins with the short pause again."""
    breaker = opened()
    breaker.placed("p")
    assert breaker.works("138", at(8))
    assert (breaker.state, breaker.probe, breaker.until, breaker.pauses) == (BreakerState.CLOSED, None, None, 0)
    assert breaker.fails("1390")
    assert not breaker.fails("138")


def test_calls_from_before_it_opened_decide_nothing_but_may_close_it() -> None:
    """A late failure is no failed probe; a late success is a success."""
    breaker = opened()
    assert not breaker.missed("late", "138", at(8, 0, 10))
    breaker.undecided("late", at(8, 0, 10))
    assert breaker.until == at(8, 0, 30)
    assert breaker.works("137", at(8))


def test_a_probe_that_says_nothing_is_taken_again_at_once() -> None:
    """Cancelled by us, or unknown."""
    breaker = opened()
    breaker.placed("p")
    breaker.undecided("p", at(8, 1))
    assert (breaker.state, breaker.probe) == (BreakerState.OPEN, None)
    assert breaker.allows(at(8, 1))


def test_a_probe_that_ends_in_another_way_says_nothing() -> None:
    """One customer who is engaged does not prove that a trunk which failed goes on failing; a second one does."""
    breaker = opened()
    breaker.placed("probe")
    assert not breaker.missed("probe", "1380", at(8, 0, 30), Miss.REFUSED)
    assert breaker.allows(at(8, 0, 30))
    breaker.placed("next")
    assert breaker.missed("next", "1381", at(8, 0, 31), Miss.REFUSED)


def test_a_trunk_that_opens_and_closes_all_day_is_news_once() -> None:
    """A carrier with a cap on calls a second; when the probe fails too, or it was well for long, it is news again."""
    breaker = Breaker(BreakerRule(failures=2))

    def fail(now: datetime) -> bool:
        return [breaker.missed(f"{n}{now}", f"{n}{now}", now) for n in "ab"][-1] and breaker.dead(now)

    assert fail(at(8))
    breaker.works("1", at(8, 1))
    assert not fail(at(8, 2))
    breaker.placed("p")
    assert breaker.missed("p", "2", at(8, 3))
    assert breaker.dead(at(8, 3))
    breaker.works("1", at(8, 4))
    breaker.shift(timedelta(minutes=-1))
    assert fail(at(8, 34))


def test_no_customer_is_given_up_on_the_word_of_a_trunk_that_may_say_the_same_of_everybody() -> None:
    """From the fourth on; a word that gives nobody up is believed, and one about a number that stands apart."""
    breaker = Breaker(BreakerRule())
    for n in range(3):
        breaker.missed(f"a{n}", f"139{n}", at(8))
    assert breaker.believed("1390", last=True)
    breaker.missed("a3", "1393", at(8))
    assert not breaker.believed("1390", last=True)
    assert breaker.believed("1390", last=False)
    assert breaker.believed("1399", last=True)
    breaker.missed("a4", "1394", at(8))
    assert breaker.state is BreakerState.OPEN
    assert not breaker.believed("1399", last=False)


def trunk(channels: int = 2) -> Trunk:
    return Trunk(TrunkConfig("a", "PJSIP/{number}@a", channels=channels), BreakerRule(failures=1))


def test_a_trunk_is_as_well_as_for_the_kind_of_number_that_is_worst_off() -> None:
    """One that puts landlines through may know no mobiles."""
    it = trunk()
    assert it.breaker.state is BreakerState.CLOSED
    it.to("0473").works("0473", at(8))
    assert it.to("1390").missed("a", "1390", at(8))
    assert it.breaker is it.to("1399")
    assert (it.takes("1399", at(8)), it.takes("0474", at(8))) == (False, True)
    assert it.to("0473").closed_at is None


def test_a_trunk_has_so_many_channels() -> None:
    """And takes no call more."""
    it = trunk(channels=2)
    for it.in_use, free in enumerate((True, True, False, False)):
        assert (it.free, it.takes("1390", at(8))) == (free, free)


def test_a_pause_is_news_when_the_trunk_was_well_for_longer_than_the_window() -> None:
    """Half an hour by default."""
    breaker = opened()
    breaker.works("138", at(8))
    breaker.pauses = 1
    assert [breaker.dead(at(8, 30)), breaker.dead(at(8, 30, 1))] == [False, True]


def test_a_number_that_ended_in_the_same_way_over_another_trunk_has_a_trouble_of_its_own() -> None:
    """It does not count here; one that counts already goes on counting by its last time."""
    breaker = Breaker(BreakerRule(failures=2, window=timedelta(minutes=10)))
    breaker.said_before("1", Miss.FAILED)
    assert breaker.knows("1")
    breaker.missed("a", "1", at(8))
    breaker.missed("b", "2", at(8))
    assert breaker.state is BreakerState.CLOSED
    breaker.said_before("2", Miss.FAILED)
    breaker.missed("c", "2", at(8, 9))
    assert breaker.missed("d", "3", at(8, 15))


def test_for_whom_another_trunk_is_better() -> None:
    """Whoever it failed for; while it is paused, whoever it reached in no way, since they may be why."""
    breaker = Breaker(BreakerRule(failures=2))
    breaker.missed("a", "1", at(8), Miss.REFUSED)
    breaker.missed("b", "2", at(8))
    assert [breaker.fails(number) for number in "123"] == [False, True, False]
    breaker.missed("c", "3", at(8))
    assert breaker.state is BreakerState.OPEN
    assert [breaker.fails(number) for number in "1234"] == [True, True, True, False]
