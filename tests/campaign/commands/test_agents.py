"""Agents and the campaign as a whole: what is asked for of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.commands.agents import PhoneShared, PhoneTaken
from dialer.campaign.messages import (
    AnnounceLateStart,
    LinkRestored,
    SaveAgent,
    SaveAgents,
    SetCalendarDay,
    SetPresence,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.rules.phone import PhoneNotAllowed
from dialer.errors import BadInput, Conflict, NotFound
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room

V, P = VisitState, Presence
TUESDAY = MONDAY + timedelta(days=1)


# -- agents ----------------------------------------------------------------------------------------


def test_an_agent_needs_a_number_and_a_phone() -> None:
    """Issue: "Number, name, extension (any dial string), team"."""
    room = Room()
    for number, extension in (("", "PJSIP/1"), ("9", "")):
        with pytest.raises(BadInput):
            room.ask(SaveAgent(by="test", number=number, name="", extension=extension))


@pytest.mark.parametrize("extension", ["Local/s@evil", "PJSIP/13900000001@trunk", "PJSIP/13900000001", "PJSIP/trunk"])
def test_an_agent_s_phone_is_a_phone(extension: str) -> None:
    """A form that the settings do not allow, a number, a trunk: refused, alone or among others, and nothing changes."""
    room = Room(agents=2)
    with pytest.raises(PhoneNotAllowed):
        room.ask(saved("001", extension))
    with pytest.raises(PhoneNotAllowed):
        room.ask(SaveAgents(by="test", agents=(saved("001", "PJSIP/7"), saved("003", extension))))
    assert (room.agent("001").extension, "003" in room.state.agents) == ("PJSIP/001", False)


def saved(number: str, extension: str) -> SaveAgent:
    return SaveAgent(by="test", number=number, name="", extension=extension)


def test_two_agents_need_two_phones() -> None:
    """Whatever the way to the phone; the other one is named, and nothing is changed."""
    room = Room(agents=2)
    for extension in ("PJSIP/001", "Local/001@from-internal/n"):
        for number in ("002", "003"):
            with pytest.raises(PhoneTaken, match="agent 001"):
                room.ask(saved(number, extension))
    assert (room.agent("002").extension, "003" in room.state.agents) == ("PJSIP/002", False)


def test_agents_can_exchange_their_phones() -> None:
    """In one list; a list in which one of two keeps a phone that another gets is refused whole."""
    room = Room(agents=3)
    room.ask(SaveAgents(by="test", agents=(saved("001", "PJSIP/002"), saved("002", "PJSIP/001"))))
    assert [room.agent(n).extension for n in ("001", "002")] == ["PJSIP/002", "PJSIP/001"]
    with pytest.raises(PhoneTaken, match="agent 003"):
        room.ask(SaveAgents(by="test", agents=(saved("001", "PJSIP/7"), saved("002", "PJSIP/003"))))
    assert room.agent().extension == "PJSIP/002"


def sharing() -> Room:
    """Records of an earlier version: 001 and 002 on one phone."""
    room = Room(row(1), row(2, agent="002"), agents=2, ready=False)
    room.store.agents["002"].extension = "Local/001@from-internal/n"
    room.restart()
    room.do(LinkRestored(room.now, ()))
    return room


def test_only_one_works_on_a_phone_that_two_have_in_older_records() -> None:
    """The second's ready is refused until the first pauses; who keeps the phone can be saved, as an older list does."""
    room = sharing()
    room.ready("001")
    with pytest.raises(PhoneShared, match="agent 001"):
        room.ready("002")
    room.ask(SaveAgent(by="test", number="002", name="李四", extension="Local/001@from-internal/n"))
    room.talk()
    with pytest.raises(PhoneShared):
        room.ready("002")
    room.pause("001")
    room.ready("002")
    assert room.calls() == ["C0002"]


def test_two_who_were_ready_on_one_phone_are_called_one_after_the_other() -> None:
    """Both were ready when the dialer was upgraded: a call for one is a call for both."""
    room = sharing()
    for agent in room.store.agents.values():
        agent.presence = Presence.READY
    room.restart()
    room.do(LinkRestored(room.now, ()))
    assert room.calls() == ["C0001"]
    room.wait(minutes=1)
    room.talk()
    room.wait(seconds=10)
    assert room.calls() == ["C0002"]


def test_an_agent_who_is_saved_again_keeps_their_presence() -> None:
    """Also while on a call."""
    room = Room(row(1))
    since = room.agent().since
    room.ask(SaveAgent(by="test", number="001", name="李四", extension="PJSIP/1", team="B"))
    agent = room.agent()
    assert (agent.name, agent.team, agent.presence, agent.since) == ("李四", "B", P.RINGING, since)


@pytest.mark.parametrize(
    ("asked", "presence", "reason"),
    [(P.READY, P.READY, ""), (P.PAUSED, P.PAUSED, "lunch"), (P.SIGNED_OUT, P.SIGNED_OUT, "")],
)
@pytest.mark.parametrize("before", [P.SIGNED_OUT, P.READY, P.PAUSED, P.WRAP_UP])
def test_presence_asked_for_between_calls(before: Presence, asked: Presence, presence: Presence, reason: str) -> None:
    """Ready, pause (with its reason) and sign-out take effect at once."""
    room = Room(row(1))
    room.talk()
    if before is not P.WRAP_UP:
        room.ask(SetPresence(by="001", agent="001", presence=before))
    room.ask(SetPresence(by="001", agent="001", presence=asked, reason="lunch"))
    assert (room.agent().presence, room.agent().reason) == (presence, reason)
    assert room.store.agents["001"].presence is presence


@pytest.mark.parametrize("asked", [P.RINGING, P.ON_CALL, P.WRAP_UP])
def test_only_ready_paused_and_signed_out_can_be_asked_for(asked: Presence) -> None:
    """The rest comes from calls."""
    with pytest.raises(BadInput, match="can ask for"):
        Room().ask(SetPresence(by="001", agent="001", presence=asked))


def test_an_agent_who_is_not_there_cannot_be_ready() -> None:
    """Create them first."""
    with pytest.raises(NotFound, match="no agent 009; create them first"):
        Room().ask(SetPresence(by="test", agent="009", presence=P.READY))


@pytest.mark.parametrize(("asked", "after"), [(P.READY, P.READY), (P.PAUSED, P.PAUSED), (P.SIGNED_OUT, P.SIGNED_OUT)])
def test_presence_asked_for_while_it_rings_is_kept_until_the_call_is_over(asked: Presence, after: Presence) -> None:
    """Also when nobody answers."""
    room = Room(row(1))
    room.ask(SetPresence(by="001", agent="001", presence=asked, reason="lunch"))
    assert room.agent().presence is P.RINGING
    room.miss()
    assert room.agent().presence is after
    assert room.agent().reason == ("lunch" if after is P.PAUSED else "")


# -- the campaign ----------------------------------------------------------------------------------


def test_a_late_start_is_told_once_to_every_department() -> None:
    """DOMAIN.md: "If it must start late, the marketing departments and account managers are told"."""
    room = Room(row(1), row(2), row(3), linked=False)
    room.wait(minutes=9, seconds=59)
    assert room.notices(NoticeKind.LATE_START) == []
    room.wait(1)
    assert room.notices(NoticeKind.LATE_START) == [
        f"late-start-{MONDAY}-营销0部",
        f"late-start-{MONDAY}-营销1部",
    ]
    room.restart()
    room.wait(minutes=60)
    assert len(room.notices(NoticeKind.LATE_START)) == 2


def test_a_late_start_can_be_announced_by_a_person() -> None:
    """Before the dialer notices it by itself, and only once."""
    room = Room(row(1), linked=False, now=at(7, 50))
    room.ask(AnnounceLateStart(by="director", text="系统故障"))
    assert [n.text for n in room.store.notices.values() if n.kind is NoticeKind.LATE_START] == ["系统故障"]
    with pytest.raises(Conflict, match="already been told"):
        room.ask(AnnounceLateStart(by="director"))
    room.wait(minutes=30)
    assert len(room.notices(NoticeKind.LATE_START)) == 1


def test_there_is_nobody_to_tell_without_a_list() -> None:
    """No list, no departments."""
    with pytest.raises(Conflict, match="nobody to tell"):
        Room().ask(AnnounceLateStart(by="director"))


@pytest.mark.parametrize("rows", [(), (row(1),)], ids=["no list", "started"])
def test_a_start_in_time_is_not_told(rows: tuple[object, ...]) -> None:
    """Calling has begun, or there is nothing to call."""
    room = Room(*rows)  # type: ignore[arg-type]  # fields by name, or a stand-in
    room.wait(minutes=30)
    assert room.notices(NoticeKind.LATE_START) == []


def test_a_day_off_has_no_calls_and_is_not_late() -> None:
    """Invariant 4: "on a day off"; takes effect at once, and calls go on when it is taken back."""
    room = Room(row(1), now=at(7, 50))
    room.ask(SetCalendarDay(by="director", day=MONDAY, working=False, name="停电"))
    room.wait(minutes=60)
    assert room.calls() == []
    assert room.notices(NoticeKind.LATE_START) == []
    room.restart()
    room.link()
    assert not room.state.days[MONDAY].hours.windows
    room.ask(SetCalendarDay(by="director", day=MONDAY, working=None))
    assert room.calls() == ["C0001"]


def test_who_was_listed_on_a_day_off_is_reported_at_midnight() -> None:
    """They are not forgotten."""
    room = Room(row(1), now=at(7, 50))
    room.ask(SetCalendarDay(by="director", day=MONDAY, working=False, name="停电"))
    room.wait_until(at(0, day=TUESDAY) - timedelta(seconds=1))
    assert room.visit().state is V.WAITING
    room.wait(1)
    assert room.visit().state is V.OUT_OF_TIME


def test_a_make_up_day_has_mondays_hours() -> None:
    """The Chinese calendar moves working days to weekends (hours.py: "takes Monday's hours")."""
    saturday = MONDAY + timedelta(days=5)
    room = Room(now=at(9, day=saturday))
    room.import_rows(row(1), day=saturday)
    assert room.calls() == []
    room.ask(SetCalendarDay(by="director", day=saturday, working=True, name="调休"))
    assert room.calls() == ["C0001"]


def test_a_calendar_day_that_is_not_loaded_is_written_down() -> None:
    """It counts when the day comes."""
    room = Room()
    room.ask(SetCalendarDay(by="director", day=TUESDAY, working=False, name="假"))
    room.open_day(TUESDAY)
    assert room.state.days[TUESDAY].hours.note == "假"


def test_a_result_given_to_a_promise_is_kept_over_lunch() -> None:
    """A promise in the afternoon, entered in the morning."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(13))
    room.ready()
    room.wait_until(at(13))
    room.do(LinkRestored(room.now, ()))
    assert room.calls() == ["C0001"]
