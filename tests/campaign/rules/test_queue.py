"""Who is called next."""

from __future__ import annotations

import pytest

from dialer.campaign.model.visit import Visit, VisitState
from dialer.campaign.rules.queue import Queue, owner_of
from tests.campaign.days import MONDAY, at


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
