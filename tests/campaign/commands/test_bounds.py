"""Times and days at the ends of the calendar: refused when entered, harmless when an older version took them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.campaign.messages import EnterManualCall, ImportList, LinkRestored, Promise
from dialer.campaign.model.customer import VisitList
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.visit import ManualCall, Result, VisitState
from dialer.campaign.views.wording import sentence
from dialer.clock import on_clock
from dialer.errors import BadInput, Refused
from dialer.web.kit.localtime import instant
from dialer.web.kit.page.format import Format
from tests.campaign.days import MONDAY, WEEK, ZONE, row
from tests.campaign.stepping import Room

FAR = [datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
ENDS = [*FAR, datetime.min.replace(tzinfo=UTC)]


@pytest.mark.parametrize("at", ENDS)
def test_no_time_at_an_end_of_the_calendar_is_entered(at: datetime) -> None:
    """A promise, a call by hand, what was promised in one, a result: each is refused, and nothing changes."""
    room = Room(row(1), row(2))
    call = room.connect(1)
    other = room.visit(2).id
    with pytest.raises(BadInput):
        room.ask(Promise(by="t", visit=other, at=at))
    with pytest.raises(BadInput):
        room.ask(EnterManualCall(by="t", visit=other, who="me", at=at))
    with pytest.raises(BadInput):
        room.result(call, Result.LATER, at=at)
    assert room.visit(2).state is VisitState.WAITING
    assert room.visit(1).result is None


def test_a_promise_is_for_a_time_that_somebody_will_look_at() -> None:
    """So many days ahead as the settings say, also for one by hand."""
    room = Room(row(1), ready=False)
    later = room.now + timedelta(days=61)
    with pytest.raises(BadInput, match="60 days"):
        room.ask(Promise(by="t", visit=room.visit().id, at=later))
    entry = {"by": "t", "visit": room.visit().id, "who": "me", "at": room.now, "result": Result.LATER}
    with pytest.raises(BadInput, match="60 days"):
        room.ask(EnterManualCall(**entry, promised=later))  # type: ignore[arg-type]  # of one dict
    room.ask(EnterManualCall(**entry, promised=later - timedelta(days=2)))  # type: ignore[arg-type]  # of one dict


@pytest.mark.parametrize("day", [date.max, MONDAY + timedelta(days=367)])
def test_no_list_is_for_a_day_that_nobody_means(day: date) -> None:
    """It is a slip of the pen."""
    with pytest.raises(Refused, match="days ahead"):
        Room(ready=False).ask(ImportList(by="t", day=day, visits=VisitList("main", (row(1),))))


@pytest.mark.parametrize("text", ["9999-12-31T23:00:00+00:00", "0001-01-01T00:00:00+08:00", "1999-12-31T00:00:00Z"])
def test_no_time_of_another_century_is_read(text: str) -> None:
    """Whatever it is for."""
    with pytest.raises(BadInput):
        instant(text, MONDAY, ZONE)


@pytest.mark.parametrize("at", ENDS)
def test_a_time_that_no_clock_can_show_is_shown_all_the_same(at: datetime) -> None:
    """On pages, in sentences, in the hours."""
    shown = Format("zh", ZONE)
    assert all((shown.date(at), shown.clock(at), shown.time(at), shown.moment(at), shown.end(at)))
    assert on_clock(at, ZONE).year == at.year
    assert CallingHours(WEEK, ZONE).day_of(at).year == at.year


@pytest.mark.parametrize("day", [date.max, date.min])
def test_a_day_at_an_end_of_the_calendar_has_hours(day: date) -> None:
    """An older version took its list; the service starts all the same."""
    for zone in (ZONE, UTC):
        hours = CallingHours(WEEK, zone).on(day)
        assert hours.ends.year in (1, 9999)
        assert CallingHours(WEEK, zone).on(day, (True, "")).ends.year in (1, 9999)


@pytest.mark.parametrize("at", ENDS)
def test_what_an_older_version_took_harms_nobody(at: datetime) -> None:
    """A visit with such times, and such a day: the engine starts, calls the others, and says why of this one."""
    room = Room(row(1), row(2), ready=False)
    old = room.store.visits[room.visit(1).id]
    old.due = old.promised = at
    old.hand = ManualCall("me", at, promised=at)
    room.restart()
    room.do(LinkRestored(room.now, ()))
    room.ready()
    room.wait(minutes=1)
    assert "C0002" in room.calls() or "C0001" in room.calls()
    assert sentence(room.why(1), "zh", ZONE)
    assert sentence(room.why(2), "zh", ZONE)
    assert not [key for key in room.state.alarms if key.startswith("defect")]
