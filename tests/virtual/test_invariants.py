"""A checker that cannot fail proves nothing: each tampering with a clean day is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import CalendarChange, Entry, NoticeDue, NoticeKind
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from tests.campaign.days import MONDAY, Scene, Script, at, row, scene
from tests.virtual.fates import Fate, Turn
from tests.virtual.simulated import CallRecord

B = Turn(Fate.BUSY, ring_s=1)
SHARED = "13900000009"


async def clean_day() -> Scene:
    """Reached at once, unreached, invalid, a shared number, and a second agent."""
    script = Script({"13900000001": [B], "13900000002": [B] * 9, "13900000003": [Turn(Fate.UNALLOCATED)]})
    rows = [row(1), row(2), row(3), row(4, number=SHARED), row(5, agent="002", number=SHARED), row(6, agent="003")]
    made = scene(script, rows, agents=3)
    await made.day.run(at(18, 30))
    return made


_DAY: list[Scene] = []


@pytest.fixture
async def day() -> Scene:
    """A copy of the clean day, to be tampered with."""
    if not _DAY:
        _DAY.append(await clean_day())
    whole = _DAY[0]
    store, pbx = deepcopy(whole.store), deepcopy(whole.pbx.records)
    made = Scene(whole.day, store, whole.pbx)
    made.pbx = type(whole.pbx)(whole.pbx.world, at(7))
    made.pbx.records = pbx
    return made


def visit_of(day: Scene, n: int) -> int:
    return next(v.id for v in day.store.visits.values() if v.customer == f"C{n:04}")


def attempts_of(day: Scene, n: int) -> list[str]:
    return [a.id for a in sorted(day.store.attempts.values(), key=lambda a: a.seq) if a.visit == visit_of(day, n)]


def record_of(day: Scene, attempt: str) -> CallRecord:
    return next(r for r in day.pbx.records if r.attempt == attempt)


async def test_a_clean_day_is_clean(day: Scene) -> None:
    """And has something of everything."""
    assert day.broken() == []
    states = {v.state for v in day.store.visits.values()}
    assert states == {VisitState.REACHED, VisitState.UNREACHED, VisitState.INVALID_NUMBER}


def one_count_too_many(day: Scene) -> str:
    visit = day.store.visits[visit_of(day, 2)]
    extra = replace(day.store.attempts[attempts_of(day, 2)[-1]], id="dx-x", seq=6, disposition=Disposition.OUR_FAULT)
    extra.placed_at = extra.placed_at + timedelta(hours=1)
    day.store.attempts["dx-x"] = extra
    visit.counted = 6
    return f"visit {visit.id} round 1 has 6 counted attempts"


def a_count_that_is_not_there(day: Scene) -> str:
    visit = day.store.visits[visit_of(day, 1)]
    visit.counted = 0
    return f"visit {visit.id} counts 0, its attempts 1"


def too_early(day: Scene) -> str:
    first, second = attempts_of(day, 2)[-2:]
    ended = record_of(day, first).end
    assert ended is not None
    record_of(day, second).start = ended + timedelta(seconds=299)
    return f"13900000002: {second} started 299.0 s after {first}"


def two_at_once(day: Scene) -> str:
    """To one number, of two customers."""
    early, late = sorted((attempts_of(day, 4)[0], attempts_of(day, 5)[0]), key=lambda a: record_of(day, a).start)
    record_of(day, early).end = None
    return f"number {SHARED}: {early} and {late} at once"


def outside_hours(day: Scene) -> str:
    record = record_of(day, attempts_of(day, 6)[0])
    record.start = at(12, 30)
    record.answer = record.connect = record.end = at(12, 31)
    return f"{record.attempt} started outside calling hours at {record.start}"


def two_for_one_agent(day: Scene) -> str:
    first, second = attempts_of(day, 1)[1], attempts_of(day, 4)[0]
    record_of(day, first).end = record_of(day, second).start + timedelta(seconds=1)
    return f"agent 001: {first} and {second} at once"


def left_twice(day: Scene) -> str:
    record = record_of(day, attempts_of(day, 6)[0])
    assert record.end is not None
    twin = replace(record, start=record.end + timedelta(hours=2), end=record.end + timedelta(hours=3))
    day.pbx.records.append(twin)
    return f"{record.attempt} was called 2 times"


def left_without_being_written(day: Scene) -> str:
    day.pbx.records.append(CallRecord("dx-ghost", "PJSIP/77@trunk", "PJSIP/077", at(9), end=at(9, 1)))
    return "dx-ghost was called and is not in the books"


def no_notice(day: Scene) -> str:
    visit = visit_of(day, 2)
    del day.store.notices[f"unreached-{visit}-1"]
    return f"visit {visit} is unreached and has 0 notices"


def a_second_notice(day: Scene) -> str:
    visit = visit_of(day, 3)
    day.store.notices["x"] = NoticeDue(f"again-{visit}-1", NoticeKind.INVALID_NUMBER, at(9), visit=visit)
    return f"visit {visit} is invalid_number and has 2 notices"


def a_notice_that_is_not_so(day: Scene) -> str:
    visit = visit_of(day, 1)
    day.store.notices["x"] = NoticeDue(f"unreached-{visit}-1", NoticeKind.UNREACHED, at(9), visit=visit)
    return f"visit {visit} was told as unreached and is reached"


def connected_in_the_books_only(day: Scene) -> str:
    attempt = attempts_of(day, 6)[0]
    record_of(day, attempt).connect = None
    return f"{attempt} is connected in the books, not with the carrier"


def answered_and_booked_as_busy(day: Scene) -> str:
    attempt = attempts_of(day, 1)[0]
    record_of(day, attempt).answer = at(8, 0, 5)
    return f"{attempt} is busy, the carrier says answered: {at(8, 0, 5)}"


def booked_and_never_called(day: Scene) -> str:
    attempt = attempts_of(day, 6)[0]
    day.pbx.records.remove(record_of(day, attempt))
    return f"{attempt} is connected in the books and was never called"


def booked_as_unsent_and_called(day: Scene) -> str:
    attempt = attempts_of(day, 6)[0]
    day.store.attempts[attempt].evidence.refused = True
    return f"{attempt} never left by the books, and the carrier had it"


def out_of_order(day: Scene) -> str:
    first, second = visit_of(day, 1), visit_of(day, 2)
    day.store.visits[first].order, day.store.visits[second].order = 2, 1
    return f"visit {first} (order 2) was called before {second}"


def forgotten(day: Scene) -> str:
    visit = day.store.visits[visit_of(day, 6)]
    visit.state = VisitState.WAITING
    return f"forgotten: visit {visit.id} of C0006 is waiting"


def never_ended(day: Scene) -> str:
    attempt = day.store.attempts[attempts_of(day, 6)[0]]
    attempt.state, attempt.ended_at = AttemptState.CONNECTED, None
    return f"attempt {attempt.id} never ended"


def after_it_was_over(what: str) -> Callable[[Scene], str]:
    def tamper(day: Scene) -> str:
        visit = visit_of(day, 6)
        if what != "visit.reached":
            day.store.history.append(Entry(at(17), what, visit=visit))
        day.store.history.append(Entry(at(17), "attempt.placed", visit=visit, attempt="dx-late"))
        return f"dx-late was placed after {what} of visit {visit}"

    tamper.__name__ = f"called after {what}"
    return tamper


TAMPERINGS = [
    one_count_too_many,
    a_count_that_is_not_there,
    too_early,
    two_at_once,
    outside_hours,
    two_for_one_agent,
    left_twice,
    left_without_being_written,
    no_notice,
    a_second_notice,
    a_notice_that_is_not_so,
    connected_in_the_books_only,
    answered_and_booked_as_busy,
    booked_and_never_called,
    booked_as_unsent_and_called,
    out_of_order,
    forgotten,
    never_ended,
    *[after_it_was_over(w) for w in ("visit.reached", "visit.withdrawn", "notice.unreached", "notice.out_of_time")],
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
async def test_each_tampering_is_found_and_nothing_else(day: Scene, tamper: Callable[[Scene], str]) -> None:
    """Exactly that violation is named."""
    expected = tamper(day)
    assert day.broken() == [expected]


async def test_a_day_off_by_the_calendar_is_found(day: Scene) -> None:
    """Invariant 4: "on a day off"."""
    day.store.calendar[MONDAY] = CalendarChange(MONDAY, working=False, name="停电")
    assert len(day.broken()) == len(day.pbx.records)


async def test_an_unfinished_day_may_have_people_waiting(day: Scene) -> None:
    """They are forgotten only when it is over."""
    forgotten(day)
    assert day.broken(finished=False) == []


@pytest.mark.parametrize("what", ["visit.updated", "visit.promised", "visit.number", "visit.result"])
async def test_what_brings_a_visit_back_is_no_violation(day: Scene, what: str) -> None:
    """A restored row, a promise, a corrected number, the result "later"."""
    visit = visit_of(day, 3 if what == "visit.number" else 6)
    details = {"result": "later"} if what == "visit.result" else {}
    day.store.history.append(Entry(at(17), what, visit=visit, details=details))
    day.store.history.append(Entry(at(17), "attempt.placed", visit=visit, attempt="dx-again"))
    assert day.broken() == []
