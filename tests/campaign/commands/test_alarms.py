"""Alarms: raised once, cleared when over, told to the info platform."""

from __future__ import annotations

from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import LinkLost, LinkRestored, SetAlarm
from tests.campaign.days import row
from tests.campaign.stepping import Room


def test_an_alarm_is_raised_once_and_told() -> None:
    """DOMAIN.md: "anything wrong goes to the director at once"; SetAlarm: one alarm per key is open at a time."""
    room = Room()
    room.ask(SetAlarm(by="ingester", key="disk", text="the disk is full"))
    room.ask(SetAlarm(by="ingester", key="disk", text="the disk is still full"))
    assert [a.text for a in room.state.alarms.values()] == ["the disk is full"]
    assert len(room.notices(NoticeKind.ALARM)) == 1


def test_an_alarm_that_is_over_can_be_raised_again() -> None:
    """Each time is told, and so is each end."""
    room = Room()
    for _ in range(2):
        room.ask(SetAlarm(by="ingester", key="disk", text="the disk is full"))
        room.ask(SetAlarm(by="ingester", key="disk"))
        room.ask(SetAlarm(by="ingester", key="disk"))
        room.wait(1)
    assert room.state.alarms == {}
    assert len(room.notices(NoticeKind.ALARM)) == 2
    assert len(room.notices(NoticeKind.ALARM_OVER)) == 2
    assert all(a.cleared_at is not None for a in room.store.alarms.values())


def test_a_link_that_flaps_within_one_step_stops_nothing() -> None:
    """While the disk was full the link went up and down: the same alarm twice in one transaction."""
    room = Room(row(1))
    now = room.now
    room.do(LinkLost(now, "cut"), LinkRestored(now, ()), LinkLost(now, "cut"), LinkRestored(now, ()), LinkLost(now))
    assert list(room.state.alarms) == ["link"]
    assert len(room.notices(NoticeKind.ALARM)) == 3
    assert [a.cleared_at is None for a in room.store.alarms.values()] == [False, False, True]
    assert room.notices(NoticeKind.ALARM_OVER) == []  # nobody had been told yet that it was lost


def test_open_alarms_survive_a_restart() -> None:
    """What was known is not lost (invariant 9), nor told again."""
    room = Room()
    room.cut()
    room.restart()
    room.cut()
    assert list(room.state.alarms) == ["link"]
    assert len(room.notices(NoticeKind.ALARM)) == 1
    room.link()
    assert room.state.alarms == {}
