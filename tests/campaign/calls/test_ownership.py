"""One dialer owns the PBX; whoever runs on a copy of its records only watches."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import NoticeKind, TakePbx
from dialer.campaign.messages import CallEvent, CallProgress, OwnerTold, TakeOver
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.link import MAIN_PBX, owner_flag
from dialer.campaign.views.why import Why
from tests.campaign.days import row
from tests.campaign.stepping import Room


def told(room: Room, *, ours: bool, machine: str = "production") -> None:
    room.do(OwnerTold(room.now, ours, machine))


def watching() -> Room:
    """A copy of the records at the PBX of the original."""
    room = Room(row(1), ready=False, linked=False)
    told(room, ours=False)
    room.link()
    room.ready()
    return room


def test_who_only_watches_calls_nobody() -> None:
    """And says so: in an alarm, and of each customer."""
    room = watching()
    room.wait(minutes=30)
    assert room.calls() == []
    assert list(room.state.alarms) == ["owner:production"]
    assert (room.why().why, room.why().params) == (Why.NOT_OWNER, {"machine": "production"})


@pytest.mark.parametrize("progress", [CallProgress.RINGING, CallProgress.ANSWERED, CallProgress.CONNECTED])
def test_who_only_watches_ends_nobody_elses_calls(progress: CallProgress) -> None:
    """Issue 10, D7: they are the owner's, under the same installation's id, and not in these records."""
    room = watching()
    room.do(CallEvent("dx-1-1-tp0000", progress, room.now))
    assert room.intents == []
    told(room, ours=True)
    room.do(CallEvent("dx-1-2-tp0000", progress, room.now))
    assert [type(each).__name__ for each in room.intents] == ["HangUpCall"]


def test_calling_begins_when_the_pbx_is_ours() -> None:
    """A person says so; the alarm is over."""
    room = watching()
    room.ask(TakeOver(by="leader"))
    assert room.intents == [TakePbx()]
    told(room, ours=True)
    assert room.calls() == ["C0001"]
    assert room.state.alarms == {}
    room.ask(TakeOver(by="leader"))
    assert room.intents == []
    assert room.told("pbx.taken_over") == 1


def test_the_records_know_whose_the_pbx_was_last() -> None:
    """A copy of them knows it, too."""
    room = Room(row(1))
    for ours, sign in ((True, "1 production"), (False, "2 standby")):
        room.do(OwnerTold(room.now, ours, sign.partition(" ")[2], sign=sign))
        assert room.store.flags[owner_flag(MAIN_PBX)] == sign


def test_a_pbx_that_another_takes_over() -> None:
    """Calls that are up go on and are booked; no new ones are placed, and the alarm names whose it is now."""
    room = Room(row(1), row(2), row(3, agent="002"), agents=2)
    call = room.connect(1)
    room.wait(1)
    told(room, ours=False)
    told(room, ours=False, machine="standby")
    assert list(room.state.alarms) == ["owner:standby"]
    assert room.intents == []
    room.hang_up(call)
    room.miss(3)
    room.ready()
    room.wait(minutes=30)
    assert room.ended(call) is Disposition.CONNECTED
    assert room.calls() == []
    assert len(room.notices(NoticeKind.ALARM)) == 2
