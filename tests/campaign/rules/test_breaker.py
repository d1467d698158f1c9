"""A trunk's breaker: it judges by different numbers, within a window."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.rules.breaker import Breaker, BreakerRule, BreakerState, Miss
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
