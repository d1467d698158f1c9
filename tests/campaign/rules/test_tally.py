"""The calls of a day to each number."""

from __future__ import annotations

from dataclasses import replace

from dialer.campaign.model.visit import ManualCall, Result, Visit
from dialer.campaign.rules.tally import Tally, by_hand
from tests.campaign.days import MONDAY, at

ONE, OTHER = "13900000001", "13900000002"


def visit(n: int, number: str, *hands: ManualCall) -> Visit:
    made = Visit(n, MONDAY, "main", f"C{n}", number, n, agent="001")
    if hands:
        *before, made.hand = hands
        made.hand_before = tuple(before)
    return made


def hand(number: str = "", tries: int = 1, result: Result | None = None) -> ManualCall:
    return ManualCall("001", at(9), tries, result, number=number)


def test_the_dialers_calls_are_counted_by_number_and_visit() -> None:
    """Those that the store knows, and those that come; counters are replaced, so that one can be put back."""
    tally = Tally()
    tally.fill({ONE: {1: 2, 2: 1}})
    tally.fill({ONE: {1: 1}, OTHER: {3: 1}})
    before = tally.placed[ONE]
    tally.add(ONE, 7)
    tally.add(ONE, 7)
    assert (tally.to(ONE), tally.to(OTHER), tally.to("13900000003")) == (6, 1, 0)
    assert (tally.visits(ONE), tally.visits("13900000003")) == ([1, 2, 7], [])
    assert before == {1: 3, 2: 1}


def test_calls_by_hand_count_where_they_were_dialled() -> None:
    """At the number of that time; of one that reached somebody only the calls before it."""
    tally = Tally()
    tally.add(ONE, 2)
    tally.enter(visit(1, ONE, hand(OTHER, tries=2), hand(ONE, tries=3, result=Result.REFUSED), hand(tries=1)))
    assert (tally.to(ONE), tally.to(OTHER)) == (1 + 2 + 1, 2)
    assert (tally.visits(ONE), tally.visits(OTHER)) == ([1, 2], [1])


def test_what_is_entered_again_stands_in_its_place() -> None:
    """Corrected, taken back, or put back with all the others."""
    tally, it, other = Tally(), visit(1, ONE, hand(OTHER), hand(ONE, tries=2)), visit(2, ONE, hand())
    for each in (it, it, other):
        tally.enter(each)
    assert (tally.to(ONE), tally.to(OTHER)) == (3, 1)
    it.hand = replace(hand(ONE), result=Result.REFUSED)
    tally.enter(it)
    assert (tally.to(ONE), tally.visits(ONE), tally.to(OTHER)) == (1, [2], 1)
    it.hand, it.hand_before = None, ()
    tally.enter(it)
    assert (tally.to(ONE), tally.visits(ONE), tally.visits(OTHER)) == (1, [2], [])
    tally.add(OTHER, 9)
    tally.enter_anew([visit(3, OTHER, hand(tries=4))])
    assert (tally.to(ONE), tally.to(OTHER), tally.visits(OTHER)) == (0, 5, [3, 9])


def test_older_entries_have_the_number_of_the_visit() -> None:
    """It was not written down then."""
    assert [each.number for each in by_hand(visit(1, ONE, hand(OTHER), hand()))] == [OTHER, ONE]
    assert list(by_hand(visit(1, ONE))) == []
