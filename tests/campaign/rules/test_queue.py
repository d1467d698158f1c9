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
    queue, mine = Queue(head_start=0), [("agent", "001")]
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
    queue, it = Queue(head_start=0), visit(1, due=at(9))
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
    queue, (first, second) = Queue(head_start=0), (visit(1), visit(2))
    for each in (first, second):
        queue.put(each, at(8))
        queue.put_behind(each, "139")
    assert queue.head([("agent", "001")]) is None
    queue.put(second, at(8))
    assert queue.release("139") == [first]
    assert queue.release("139") == []


MINE = [("agent", "001")]


def called(queue: Queue) -> list[int]:
    """The visits in the order in which they are called."""
    found = []
    while (head := queue.head(MINE)) is not None:
        assert queue.ahead_of(head, MINE) == 0
        found.append(head.id)
        queue.put_behind(head, head.number)
    return found


def test_who_is_called_first() -> None:
    """Who was abandoned, then promises, then redials, then the list; within each the earliest, then as listed."""
    queue = Queue(head_start=0)
    for each in (
        visit(1), visit(2), visit(3, attempts=1, due=at(8)), visit(4, attempts=1, due=at(7)), visit(5, attempts=1),
        visit(6, promised=at(8, 30), due=at(8, 30)), visit(7, promised=at(8, 20), attempts=1),
        visit(8, first=True, due=at(8)), visit(9, first=True, attempts=1, promised=at(6), due=at(7)),
    ):  # fmt: skip
        assert queue.put(each, at(9)) == MINE[0]
    order = [9, 8, 7, 6, 5, 4, 3, 1, 2]
    assert [queue.ahead_of(each, MINE) for each in sorted(queue, key=lambda v: order.index(v.id))] == list(range(9))
    assert called(queue) == order


def test_two_lists_may_give_the_same_place() -> None:
    """Then the one that came into the books first is first."""
    queue, (early, late) = Queue(head_start=0), (visit(1, order=7), visit(2, order=7))
    for each in (late, early):
        queue.put(each, at(8))
    assert [queue.ahead_of(each, MINE) for each in (early, late)] == [0, 1]
    assert called(queue) == [1, 2]


def test_it_waits_for_its_own_time_and_for_that_of_its_number() -> None:
    """The later of the two; what is due now waits no more."""
    queue, it = Queue(head_start=0), visit(1, due=at(9))
    assert queue.put(it, at(9)) == MINE[0]
    assert queue.put(it, at(8), not_before=at(8, 30)) is None
    assert queue.next_time() == at(9)
    assert queue.put(it, at(9), not_before=at(9, 30)) is None
    assert queue.next_time() == at(9, 30)
    it.due = None
    assert queue.put(it, at(9), not_before=at(9)) == MINE[0]
    assert queue.next_time() is None


def test_the_first_that_suits() -> None:
    """Out of several lines, past those that do not; also near the end, where the list goes before redials."""
    queue, owners = Queue(head_start=1), [*MINE, ("team", "A")]
    redial, other = visit(1, attempts=1), visit(3, agent=None, team="A", attempts=1, order=0)
    for each in (redial, visit(2), other):
        queue.put(each, at(8))
    for suits, found in ((lambda _: True, 2), (lambda v: v.id != 2, 3), (lambda v: v.id == 1, 1)):
        first = queue.first(owners, suits)
        assert first is not None
        assert first.id == found
    assert queue.first(owners, lambda _: False) is None
    queue.put_behind(redial, "1391")
    assert queue.first(MINE, lambda v: v.id != 2) is None


def test_how_many_are_left_is_counted_by_line() -> None:
    """Who leaves the list, for whatever reason, is one less; who comes back is one more."""
    queue, redial = Queue(head_start=1), visit(9, attempts=1)
    first, second = visit(1), visit(2)
    queue.fill([first, second, redial, visit(3, agent=None, team="A")], at(8))
    assert queue.head(MINE) is redial
    first.state = VisitState.WITHDRAWN
    queue.put(first, at(8))
    queue.put(first, at(8))
    assert queue.head(MINE) is second
    first.state = VisitState.WAITING
    queue.put(first, at(8))
    queue.put(first, at(8))
    assert queue.head(MINE) is redial
    first.agent = "002"
    queue.put(first, at(8))
    assert queue.head(MINE) is second
