"""Two PBXs: a link, a trunk, an agent's phone and a call belong to one of them, and what becomes of it is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.changes import HangUpCall, Survey
from dialer.campaign.messages import CallEvent, CallProgress, HangUp, Withdraw
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.views.why import Answer, Why
from tests.campaign.days import config, row
from tests.campaign.stepping import Room

BRANCH = "branch"
TRUNKS = (TrunkConfig("ours", "PJSIP/{number}@ours"), TrunkConfig("theirs", "PJSIP/{number}@theirs", pbx=BRANCH))


def two(customers: int = 6, *, linked: bool = True, trunks: tuple[TrunkConfig, ...] = TRUNKS) -> Room:
    """Agent 001 calls customers with an odd number from a phone on the main PBX, 002 the others from the branch's."""
    room = Room(agents=2, conf=replace(config(trunks=trunks), calls_per_second=None), ready=False, linked=linked)
    room.agent("002").pbx = BRANCH
    room.import_rows(*[row(n, agent="001" if n % 2 else "002") for n in range(1, customers + 1)])
    if linked:
        room.link(pbx=BRANCH)
    room.ready("001")
    room.ready("002")
    return room


def pbxs(room: Room) -> dict[str, str]:
    """Who is called now, and over which PBX."""
    return {call.customer: call.pbx for call in room.state.attempts.values()}


def test_a_customer_is_called_over_the_pbx_of_the_agents_phone() -> None:
    """Only there is the phone; the intent says where it goes, and the books know it too."""
    room = two()
    assert pbxs(room) == {"C0001": MAIN_PBX, "C0002": BRANCH}
    assert {call.trunk for call in room.state.attempts.values() if call.pbx == BRANCH} == {"theirs"}
    assert room.placed()[-1].pbx == BRANCH
    assert room.store.attempts[room.live(2).id].pbx == BRANCH


def test_a_link_that_comes_back_ends_nobodys_calls_on_the_other() -> None:
    """The list of one PBX's calls says nothing of another's."""
    room = two()
    ours, theirs = room.connect(1), room.connect(2)
    room.wait(10)
    room.cut(BRANCH)
    room.link(pbx=BRANCH, started_at=room.now)
    assert (room.ended(theirs), room.ended(ours)) == (Disposition.CONNECTED, None)
    assert (ours.state, room.agent("001").presence) == (AttemptState.CONNECTED, Presence.ON_CALL)
    room.link(started_at=room.now)
    assert room.ended(ours) is Disposition.CONNECTED


def test_a_link_that_is_lost_takes_nothing_from_the_other() -> None:
    """Calls on the other are as well known as before; each loss is an alarm of its own."""
    room = two()
    ours, theirs = room.connect(1), room.connect(2)
    room.cut(BRANCH)
    assert (ours.state, theirs.state) == (AttemptState.CONNECTED, AttemptState.UNKNOWN)
    assert list(room.state.alarms) == ["link:branch"]
    room.cut()
    assert list(room.state.alarms) == ["link:branch", "link"]
    room.link((ours, CallProgress.CONNECTED))
    assert list(room.state.alarms) == ["link:branch"]
    assert (ours.state, theirs.state) == (AttemptState.CONNECTED, AttemptState.UNKNOWN)


def test_the_trunks_of_the_other_go_on_being_used() -> None:
    """Whose phone hangs on the one that cannot be reached waits, and `dialer why` says for what."""
    room = two()
    room.pause("002")
    room.miss(2)
    room.cut(BRANCH)
    cut_at = room.now
    room.ready("002")
    room.miss(1)
    room.wait(1)
    assert pbxs(room) == {"C0003": MAIN_PBX}
    assert room.why(4) == Answer(Why.NO_LINK, {"since": cut_at})
    assert room.why(5).why is Why.NEXT
    assert room.state.link_up
    room.link(pbx=BRANCH)
    assert pbxs(room) == {"C0003": MAIN_PBX, "C0004": BRANCH}


def test_without_any_link_nobody_is_called() -> None:
    """And a PBX that was never heard of has no time since when."""
    room = two(linked=False)
    assert (pbxs(room), room.state.link_up, room.state.link_since) == ({}, False, None)
    room.link()
    assert room.why(2) == Answer(Why.NO_LINK, {"since": None})
    since = room.now
    room.wait(5)
    room.link(pbx=BRANCH)
    assert room.state.link_since == since
    room.cut()
    room.cut(BRANCH)
    assert (room.state.link_up, room.state.link_since) == (False, room.now)


def test_a_pbx_whose_trunks_are_full_or_paused_holds_up_the_other_in_nothing() -> None:
    """Agents of the first come first in line, since they have waited longest."""
    room = two(trunks=(replace(TRUNKS[0], channels=0), TRUNKS[1]))
    assert pbxs(room) == {"C0002": BRANCH}
    assert (room.why(1).why, room.why(4).why) == (Why.TRUNKS_FULL, Why.NEXT)
    room = two(12)
    for n in (1, 3, 5, 7, 9):
        room.fail(n)
        room.wait(0)
    assert room.state.trunks["ours"].breaker.state is BreakerState.OPEN
    assert pbxs(room) == {"C0002": BRANCH}
    assert (room.why(11).why, room.why(4).why) == (Why.TRUNKS_DOWN, Why.NEXT)


def test_surveys_go_to_each() -> None:
    """As long as it has a call and can be reached."""
    room = two()
    room.connect(1)
    room.connect(2)
    assert [i for i in room.wait(60) if isinstance(i, Survey)] == [Survey(0.0), Survey(0.0, BRANCH)]
    room.cut()
    assert [i for i in room.wait(60) if isinstance(i, Survey)] == [Survey(0.0, BRANCH)]
    room.link(pbx=BRANCH, final=False)
    assert room.intents == [Survey(2.0, BRANCH)]
    room.hang_up(2)
    assert [i for i in room.wait(120) if isinstance(i, Survey)] == []


def test_a_call_is_hung_up_where_it_is() -> None:
    """Whoever asks for it: a person, the watch over calls that ring for ever, or a call that nobody knows."""
    room = two(4)
    call = room.progress(2, CallProgress.RINGING)
    room.ask(HangUp(by="test", attempt=call.id))
    assert room.intents == [HangUpCall(call.id, BRANCH)]
    room.ask(Withdraw(by="test", visit=room.visit(2).id, reason="ordered"))
    assert room.intents == [HangUpCall(call.id, BRANCH)]
    found = room.wait(55)
    assert [i for i in found if isinstance(i, HangUpCall)] == [HangUpCall(room.live(1).id), HangUpCall(call.id, BRANCH)]
    assert Survey(2.0, BRANCH) in found
    room.cut(BRANCH)
    room.link((call, CallProgress.RINGING), pbx=BRANCH)
    assert HangUpCall(call.id, BRANCH) in room.intents
    room.do(CallEvent("dx-99-1-abc", CallProgress.RINGING, room.now, pbx=BRANCH))
    assert room.intents == [HangUpCall("dx-99-1-abc", BRANCH)]


def test_after_a_restart_each_pbx_tells_of_its_own_calls() -> None:
    """The books know which call is where."""
    room = two()
    ours, theirs = room.connect(1), room.connect(2)
    room.wait(10)
    room.restart()
    room.link()
    assert (room.ended(ours), room.ended(theirs)) == (Disposition.CONNECTED, None)
    room.link((room.live(2), CallProgress.CONNECTED), pbx=BRANCH)
    assert room.live(2).state is AttemptState.CONNECTED


NAMES = st.sampled_from([MAIN_PBX, BRANCH])


@given(st.lists(st.tuples(st.sampled_from(["cut", "first look", "look", "wait"]), NAMES), max_size=25))
def test_nothing_that_a_link_does_touches_a_call_on_the_other(deeds: list[tuple[str, str]]) -> None:
    """In whatever order; also their trunks' use adds up."""
    room = two(12)
    for deed, pbx in deeds:
        before = as_they_are(room, pbx)
        if deed == "cut":
            room.cut(pbx)
        elif deed == "wait":
            room.wait(3)
            continue
        else:
            room.link(pbx=pbx, final=deed == "look")
        after = as_they_are(room, pbx)
        assert before.items() <= after.items()
    for trunk in room.state.trunks.values():
        assert trunk.in_use == sum(call.trunk == trunk.config.name for call in room.state.attempts.values())


def as_they_are(room: Room, other_than: str) -> dict[str, tuple[AttemptState, datetime | None]]:
    """The calls that are not on that PBX."""
    calls: list[Attempt] = [call for call in room.state.attempts.values() if call.pbx != other_than]
    return {call.id: (call.state, call.ended_at) for call in calls}
