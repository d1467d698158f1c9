"""The small parts: calling hours, timers, queue, recorder, changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.changes import Changes
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.visit import Visit, VisitState
from dialer.campaign.recorder import Recorder
from dialer.campaign.rules.queue import Queue, owner_of
from dialer.campaign.rules.timers import Timers, Wake
from tests.campaign.days import MONDAY, WEEK, ZONE, at

SATURDAY = MONDAY + timedelta(days=5)
HOURS = CallingHours(WEEK, ZONE)


# -- calling hours ---------------------------------------------------------------------------------


def test_hours_are_of_the_departments_wall_clock() -> None:
    """Issue: "Calling hours per weekday with breaks"; 08:00 in Shanghai is 00:00 UTC."""
    day = HOURS.on(MONDAY)
    assert day.windows[0][0] == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert [day.open(at(h, m)) for h, m in [(7, 59), (8, 0), (11, 59), (12, 0), (13, 0), (17, 59), (18, 0)]] == [
        *(False, True, True, False, True, True, False)
    ]
    assert (day.opens, day.ends) == (at(8), at(18))
    assert [day.over(at(17, 59)), day.over(at(18))] == [False, True]
    assert [day.next_start(at(h)) for h in (7, 8, 13)] == [at(8), at(13), None]
    assert [day.next_change(at(h)) for h in (7, 8, 12, 17, 18)] == [at(8), at(12), at(13), at(18), None]


def test_a_day_off_has_no_hours_and_lasts_till_midnight() -> None:
    """Whoever is on its list is reported then."""
    day = HOURS.on(SATURDAY)
    midnight = at(0, day=SATURDAY + timedelta(days=1))
    assert (day.windows, day.opens, day.ends) == ((), None, midnight)
    assert (day.next_change(at(9, day=SATURDAY)), day.next_change(midnight)) == (midnight, None)
    assert day.next_start(at(9, day=SATURDAY)) is None


@pytest.mark.parametrize(
    ("day", "calendar", "works"),
    [
        (MONDAY, None, True),
        (MONDAY, (False, "国庆节"), False),
        (SATURDAY, None, False),
        (SATURDAY, (True, "调休"), True),
        (MONDAY, (True, "班"), True),
    ],
)
def test_the_calendar_goes_before_the_week(day: object, calendar: tuple[bool, str] | None, works: bool) -> None:
    """Issue: "days off from an editable calendar seeded with the Chinese one"."""
    hours = HOURS.on(day, calendar)  # type: ignore[arg-type]  # fields by name, or a stand-in
    assert bool(hours.windows) is works
    assert hours.note == (calendar[1] if calendar else "")


def test_a_window_may_last_till_midnight() -> None:
    """``time.min`` as "until"; and the department's date changes on its own midnight."""
    hours = CallingHours((((time(20), time.min),),) * 7, ZONE)
    assert hours.on(MONDAY).ends == at(0, day=MONDAY + timedelta(days=1))
    assert hours.day_of(at(23, 59)) == MONDAY
    assert hours.day_of(at(0, day=MONDAY + timedelta(days=1))) == MONDAY + timedelta(days=1)


# -- timers ----------------------------------------------------------------------------------------


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


# -- the queue -------------------------------------------------------------------------------------


def visit(n: int, **fields: object) -> Visit:
    made = Visit(n, MONDAY, "main", f"C{n}", f"139{n}", n, agent="001")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_whose_line() -> None:
    """An agent's, or a team's."""
    assert owner_of(visit(1)) == ("agent", "001")
    assert owner_of(visit(1, agent=None, team="A")) == ("team", "A")
    assert owner_of(visit(1, agent=None)) == ("team", "")


def test_a_place_in_the_line_is_the_last_that_was_given() -> None:
    """Stale entries are dropped when they surface."""
    queue, mine = Queue(), [("agent", "001")]
    first, second = visit(1), visit(2)
    for each in (first, second, first):
        queue.put(each, at(8))
    assert queue.head(mine) is first
    assert queue.ahead_of(second, mine) == 1
    first.due = at(9)
    assert queue.put(first, at(8)) is None
    assert queue.head(mine) is second
    assert queue.next_time() == at(9)
    assert queue.promote(at(8, 59)) == set()
    assert queue.promote(at(9)) == {("agent", "001")}
    assert queue.head(mine) is first
    second.state = VisitState.WITHDRAWN
    assert queue.put(second, at(9)) is None
    assert queue.head(mine) is first
    assert list(queue) == [first]
    assert queue.head([("team", "B")]) is None


def test_a_time_that_is_overtaken_is_forgotten() -> None:
    """The customer's number was corrected meanwhile."""
    queue, it = Queue(), visit(1, due=at(9))
    queue.put(it, at(8))
    it.due = None
    queue.put(it, at(8))
    assert queue.next_time() is None
    it.due = at(9)
    queue.put(it, at(8))
    it.due = at(8, 30)
    queue.put(it, at(8))
    assert queue.promote(at(9)) == {("agent", "001")}


def test_the_end_of_a_list_goes_before_redials() -> None:
    """As long as more than so many have never been called, what is due to be called again goes first."""
    queue, mine = Queue(head_start=2), [("agent", "001")]
    again, *rest = visit(1, attempts=1, due=at(8)), visit(2), visit(3), visit(4)
    for each in (again, *rest):
        queue.put(each, at(9))
    assert queue.head(mine) is again
    assert [queue.ahead_of(each, mine) for each in (again, *rest)] == [0, 1, 2, 3]
    queue.put_behind(rest[0], "139")
    assert queue.head(mine) is rest[1]
    assert [queue.ahead_of(each, mine) for each in (again, *rest[1:])] == [2, 0, 1]
    promised = visit(5, promised=at(8), due=at(8))
    queue.put(promised, at(9))
    assert queue.head(mine) is promised
    queue.release("139")
    queue.put(rest[0], at(9))
    assert queue.ahead_of(again, mine) == 1


@pytest.mark.parametrize("head_start", [0, 3])
def test_a_day_is_filled_as_if_each_visit_were_put_into_it(head_start: int) -> None:
    """In whatever order they come: those never called, due, promised, put off, closed, of agents and of teams."""
    day = [
        visit(6), visit(2), visit(4, agent=None, team="A"), visit(1), visit(9, attempts=1, due=at(8)),
        visit(3, due=at(8)), visit(5, due=at(12)), visit(7, promised=at(9), due=at(9)), visit(8, first=True),
        visit(10, state=VisitState.REACHED), visit(11, agent=None, team="A", attempts=2),
    ]  # fmt: skip
    filled, put = Queue(head_start), Queue(head_start)
    filled.fill(day, at(9, 30))
    for each in day:
        put.put(each, at(9, 30))
    for now in (at(9, 30), at(13)):
        assert filled.promote(now) == put.promote(now)
        assert filled.next_time() == put.next_time()
        for owner in (("agent", "001"), ("team", "A")):
            called = []
            while (head := filled.head([owner])) is not None:
                assert put.head([owner]) is head
                called.append(head.id)
                for queue in (filled, put):
                    queue.put_behind(head, head.number)
            assert put.head([owner]) is None
            assert called or now > at(12)


def test_behind_a_number_that_is_in_use() -> None:
    """Released when the call is over, unless the visit has moved on."""
    queue, (first, second) = Queue(), (visit(1), visit(2))
    for each in (first, second):
        queue.put(each, at(8))
        queue.put_behind(each, "139")
    assert queue.head([("agent", "001")]) is None
    queue.put(second, at(8))
    assert queue.release("139") == [first]
    assert queue.release("139") == []


# -- what a step leaves ----------------------------------------------------------------------------


def test_changes_are_true_when_there_are_any() -> None:
    """An empty step is not committed."""
    assert not Changes()
    assert Changes(flags={"paused": ""})
    assert Changes(results=[("a", "ordered")])


def test_rows_are_copies_each_once_in_their_last_state() -> None:
    """The state may move on while they are written."""
    out, it = Recorder(), visit(1)
    call = Attempt("a", 1, MONDAY, 1, 1, "C1", "139", "t", "001", at(8))
    old = Attempt("b", 1, MONDAY, 1, 1, "C1", "139", "t", "001", at(8))
    other = visit(2)
    out.changes.added.append((it, Customer("C1")))
    for each in (it, other, other):
        out.visit(each)
    out.placed(call)
    out.attempt(call)
    out.attempt(old)
    out.attempt(old)
    it.counted = other.counted = 3
    changes = out.finish()
    it.counted = other.counted = 4
    call.evidence.ringing = True
    assert [v.counted for v, _ in changes.added] == [v.counted for v in changes.visits] == [3]
    assert ([a.id for a in changes.placed], [a.id for a in changes.attempts]) == (["a"], ["b"])
    assert not changes.placed[0].evidence.ringing


def test_a_line_of_history_knows_whose_it_is() -> None:
    """Of a visit, of an attempt, or of neither."""
    out = Recorder()
    call = Attempt("a", 7, MONDAY, 1, 1, "C1", "139", "t", "001", at(8))
    out.note(at(8), "x", visit=visit(1), by="me", n=1)
    out.note(at(8), "y", attempt=call)
    out.note(at(8), "z")
    found = [(e.what, e.day, e.visit, e.attempt, dict(e.details)) for e in out.changes.history]
    assert found == [("x", MONDAY, 1, None, {"n": 1}), ("y", MONDAY, 7, "a", {}), ("z", None, None, None, {})]
