"""Books that come from a backup: nothing happens to a customer before a person has looked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.commands.restored import IDS_APART
from dialer.campaign.messages import AnnounceLateStart, ClockSet, PauseCampaign, RecordsRestored, ResumeCampaign
from dialer.campaign.model.visit import VisitState
from dialer.campaign.state import PAUSED, RESTORED
from dialer.campaign.views.why import Why
from dialer.errors import Conflict
from tests.campaign.days import at, row
from tests.campaign.stepping import Room

BACKUP = at(7, 30)
SATURDAY = date(2026, 11, 28)


def restored(room: Room) -> None:
    """What `dialer restore` tells the rules first."""
    room.ask(RecordsRestored(by="root (dialer)", as_of=BACKUP, reason="restored from a backup"))


def test_restored_books_call_nobody_until_a_person_resumes() -> None:
    """Invariants 1 to 3 span the calls that the books do not know: only a person can find out about those."""
    room = Room(row(1), row(2), ready=False)
    restored(room)
    room.ready()
    assert room.wait(minutes=30) == []
    assert room.why().why is Why.PAUSED
    assert [a.text for a in room.state.alarms.values()] == ["restored from a backup"]
    assert len(room.notices(NoticeKind.ALARM)) == 1
    room.ask(ResumeCampaign(by="leader"))
    assert room.calls() == ["C0001"]
    assert room.state.alarms == {}
    assert {RESTORED, PAUSED}.isdisjoint(room.state.flags)
    assert (room.told("books.restored"), room.told("books.accepted"), room.told("campaign.resumed")) == (1, 1, 1)


def test_a_restart_and_another_pause_do_not_make_restored_books_good() -> None:
    """The flag is durable, and pausing for another reason does not take it away."""
    room = Room(row(1))
    restored(room)
    room.restart()
    room.link()
    room.ask(PauseCampaign(by="leader", reason="lunch"))
    with pytest.raises(Conflict, match="08:05:00 or later"):
        room.ask(ResumeCampaign(by="leader"))
    room.wait(minutes=5)
    room.ask(ResumeCampaign(by="leader"))
    assert PAUSED not in room.state.flags


def test_the_gap_is_kept_for_calls_that_the_books_do_not_know() -> None:
    """Invariant 2: a call that ended just before the restore is not in the books, so nobody is called for the gap."""
    room = Room(row(1), ready=False)
    restored(room)
    room.ready()
    room.wait(minutes=4, seconds=59)
    with pytest.raises(Conflict, match="books were restored"):
        room.ask(ResumeCampaign(by="leader"))
    assert (room.calls(), list(room.state.alarms)) == ([], [RESTORED])
    room.wait(seconds=1)
    room.ask(ResumeCampaign(by="leader"))
    assert room.calls() == ["C0001"]


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=["ahead", "back"])
def test_the_gap_after_a_restore_is_five_minutes_whatever_the_clock_does(by: timedelta) -> None:
    """Set meanwhile, it makes nobody wait for an hour, and lets nobody begin at once."""
    room = Room(row(1), ready=False, now=at(9, 30))
    restored(room)
    room.now += by
    room.do(ClockSet(by))
    room.wait(minutes=4, seconds=59)
    with pytest.raises(Conflict, match="books were restored"):
        room.ask(ResumeCampaign(by="leader"))
    room.wait(seconds=1)
    room.ask(ResumeCampaign(by="leader"))
    assert PAUSED not in room.state.flags


def test_no_day_is_closed_and_nobody_told_before_a_person_has_looked() -> None:
    """Invariant 8: a customer who was reached after the backup must not be reported as not reached."""
    room = Room(row(1), row(2), ready=False)
    restored(room)
    room.wait_until(at(18, 30))
    assert room.notices(NoticeKind.LATE_START) == []
    assert {room.visit(1).state, room.visit(2).state} == {VisitState.WAITING}
    room.restart()
    room.wait(minutes=1)
    assert room.notices(NoticeKind.OUT_OF_TIME) == []
    room.ask(ResumeCampaign(by="leader"))
    assert {room.visit(1).state, room.visit(2).state} == {VisitState.OUT_OF_TIME}
    assert len(room.notices(NoticeKind.OUT_OF_TIME)) == 2


def test_no_late_start_is_told_by_itself_after_a_restore() -> None:
    """Calling may have started in time, after the backup: the books cannot tell, but a person can."""
    room = Room(row(1), row(2), now=at(7, 30), linked=False)
    room.wait_until(at(8, 1))
    restored(room)
    room.link()
    room.wait_until(at(9, 40))
    room.ask(ResumeCampaign(by="leader"))
    assert room.calls() == ["C0001"]
    assert room.notices(NoticeKind.LATE_START) == []
    room.ask(AnnounceLateStart(by="leader", text="停电"))
    assert len(room.notices(NoticeKind.LATE_START)) == 2


def test_a_start_that_is_surely_late_is_told_after_a_restore() -> None:
    """The books are from before calling opened, and nobody resumed it in time."""
    room = Room(row(1), row(2), now=at(7, 30))
    restored(room)
    room.wait_until(at(9, 40))
    assert room.notices(NoticeKind.LATE_START) == []
    room.ask(ResumeCampaign(by="leader"))
    assert room.calls() == ["C0001"]
    assert len(room.notices(NoticeKind.LATE_START)) == 2


def test_a_start_that_is_late_on_its_own_is_told_after_a_restore_too() -> None:
    """Resumed before calling opens, or on a day off, the books know as much as ever."""
    room = Room(row(1), now=at(7, 30), linked=False)
    room.open_day(SATURDAY)
    restored(room)
    room.wait(minutes=10)
    room.ask(ResumeCampaign(by="leader"))
    room.wait_until(at(8, 10))
    assert len(room.notices(NoticeKind.LATE_START)) == 1


def test_a_call_that_was_up_ends_without_a_report() -> None:
    """A call of the backup that ends after the day is over does not close its visit either."""
    room = Room(row(1))
    (name,) = (a.id for a in room.state.attempts.values())
    restored(room)
    room.now = at(18, 30)
    room.restart()
    room.link()
    room.wait(minutes=5)
    assert name not in room.state.attempts
    assert room.visit().state is VisitState.WAITING
    assert room.notices(NoticeKind.OUT_OF_TIME) == []


def test_ids_that_were_given_since_the_backup_are_left_out() -> None:
    """A notice's id names its visit: the platform, which knows the old ones, must not take a new one for them."""
    room = Room(row(1))
    restored(room)
    room.import_rows(row(1), row(2))
    assert room.visit(2).id == room.visit(1).id + 1 + IDS_APART
    room.restart()
    room.import_rows(row(1), row(2), row(3))
    assert room.visit(3).id == room.visit(2).id + 1


def test_restored_twice() -> None:
    """Each restore is told, and the wait begins anew."""
    room = Room(row(1))
    restored(room)
    room.wait(minutes=4)
    restored(room)
    room.wait(minutes=4)
    assert len(room.notices(NoticeKind.ALARM)) == 2
    with pytest.raises(Conflict):
        room.ask(ResumeCampaign(by="leader"))
    assert room.state.flags[RESTORED] == (at(8) + timedelta(minutes=4)).isoformat()
