"""The simulated PBX on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dialer.campaign.calls.events import gather
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, LiveCall, PbxMessage
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.rules.disposition import classify
from dialer.demo.rig.numbers import AFTER_EARLY_MEDIA, AFTER_RINGING
from dialer.errors import LinkDown
from tests.contracts.dispositions import EXPECTED, Said
from tests.virtual.fates import ANSWERS_OF, OUTSIDE, Fate, Says, Turn
from tests.virtual.simulated import Faults, SimulatedPbx

NOW = datetime(2026, 11, 23, tzinfo=UTC)
UNANSWERED = sorted(set(OUTSIDE) - {Fate.ANSWERS, Fate.DROPS, Fate.NO_TRUNK})


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def order(attempt: str = "dx-1-1-a", agent: str = "PJSIP/001") -> Place:
    return Place(attempt, "PJSIP/13900000001@trunk", agent, timeout_s=45, agent_timeout_s=20)


def pbx(*turns: Turn, faults: Faults | None = None) -> SimulatedPbx:
    """Linked; the nth call meets the nth turn, further ones the last."""
    made = SimulatedPbx(lambda _, nth: turns[min(nth, len(turns) - 1)], NOW, faults=faults)
    made.restore(NOW)
    made.advance(NOW)
    return made


def progress(said: Sequence[PbxMessage]) -> list[CallProgress]:
    return [each.progress for each in said if isinstance(each, CallEvent)]


def test_a_conversation() -> None:
    """Rings, is answered, reaches the agent, ends; and the carrier's record has it all."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=5, talk_s=60))
    p.place(order(), NOW)
    assert p.advance(NOW) == []
    assert p.next_time() == later(0.2)
    assert progress(p.advance(later(1))) == [CallProgress.RINGING]
    answered = progress(p.advance(later(5.1)))
    assert (set(answered[:2]), answered[2:]) == (
        {CallProgress.RESPONDED, CallProgress.ANSWERED},
        [CallProgress.AGENT_RINGING],
    )
    assert progress(p.advance(later(6))) == [CallProgress.CONNECTED]
    (end,) = p.advance(later(66))
    assert isinstance(end, CallEvent)
    assert (end.progress, end.cause, end.sip, end.status) == (CallProgress.HUNG_UP, 16, 200, "ANSWER")
    (record,) = p.records
    assert (record.answer, record.connect, record.end) == (later(5), later(5.3), later(65.3))
    assert p.next_time() is None


@pytest.mark.parametrize("fate", UNANSWERED)
def test_every_way_of_not_answering_ends(fate: Fate) -> None:
    """With the measured cause and code, a response and a hang-up; the far end's time or our Timeout decides."""
    p = pbx(Turn(fate, ring_s=5))
    p.place(order(), NOW)
    said = p.advance(later(60))
    events = {each.progress: each for each in said if isinstance(each, CallEvent)}
    end, response = events[CallProgress.HUNG_UP], events[CallProgress.RESPONDED]
    if fate in ANSWERS_OF:
        assert (end.cause, end.sip, events[CallProgress.DIALLED].status) == ANSWERS_OF[fate]
        assert (response.reason, end.at) == (0, later(32 if fate is Fate.DEAD_TRUNK else 5))
    else:
        assert (end.cause, end.sip, response.reason, end.at) == (19, 480, 3, later(45))
        assert CallProgress.DIALLED not in events
    rings = fate in (Fate.RINGS_OUT, Fate.DECLINES, Fate.ABSENT, Fate.TIMED_OUT)
    assert (CallProgress.RINGING in events, CallProgress.PROGRESS in events) == (rings, fate is Fate.ANNOUNCED)
    assert p.records[0].end == end.at
    assert p.records[0].answer is None


def test_a_route_that_answers_by_itself_calls_nobody() -> None:
    """The carrier has no record of it, and our dialplan lets nobody in."""
    p, evidence = pbx(Turn(Fate.INTERCEPTED)), Evidence()
    p.place(order(), NOW)
    for event in p.advance(later(60)):
        if isinstance(event, CallEvent):
            gather(evidence, event)
    assert (evidence.intercepted, evidence.complete, evidence.answered, p.records) == (True, True, False, [])


@pytest.mark.parametrize("said", EXPECTED, ids=lambda said: f"{said.answer}-{said.manner.digit}")
def test_every_sip_answer_becomes_what_the_contract_says(said: Said) -> None:
    """The same table as on the real PBX, in every office."""
    fate = Says(said.answer, rings=said.manner is AFTER_RINGING, plays=said.manner is AFTER_EARLY_MEDIA)
    p, evidence = pbx(Turn(fate, ring_s=5)), Evidence()
    p.place(order(), NOW)
    for each in p.advance(later(60)):
        if isinstance(each, CallEvent):
            gather(evidence, each)
    assert classify(evidence).disposition is EXPECTED[said]


def test_an_unknown_trunk_has_a_response_and_no_call() -> None:
    """PBX.md: "endpoint unknown: no Newchannel, no Hangup"."""
    p = pbx(Turn(Fate.NO_TRUNK))
    p.place(order(), NOW)
    assert progress(p.advance(later(60))) == [CallProgress.RESPONDED, CallProgress.REFUSED]
    assert p.records == []


def test_a_customer_who_drops_is_never_connected() -> None:
    """Answers and hangs up at once."""
    p = pbx(Turn(Fate.DROPS, ring_s=1))
    p.place(order(), NOW)
    said = progress(p.advance(later(60)))
    assert said[-1] is CallProgress.HUNG_UP
    assert not {CallProgress.AGENT_RINGING, CallProgress.CONNECTED} & set(said)


def test_a_ring_longer_than_the_timeout_is_our_timeout() -> None:
    """The customer would have answered, too late."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=50))
    p.place(order(), NOW)
    assert CallProgress.ANSWERED not in progress(p.advance(later(60)))
    assert p.records[0].end == later(45)


@pytest.mark.parametrize(("phones", "status", "after"), [("dead", "NOANSWER", 20), ("declining", "BUSY", 0.1)])
def test_an_agents_phone_that_is_not_picked_up(phones: str, status: str, after: float) -> None:
    """The customer hears an announcement, then it is over."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1))
    (p.dead_phones if phones == "dead" else p.declining_phones).add("PJSIP/001")
    p.place(order(), NOW)
    said = [each for each in p.advance(later(60)) if isinstance(each, CallEvent)]
    missed, end = said[-2:]
    assert (missed.progress, missed.text, missed.at) == (CallProgress.AGENT_MISSED, status, later(1 + after))
    assert (end.progress, end.status, end.at) == (CallProgress.HUNG_UP, status, later(4 + after))


@pytest.mark.parametrize(("at", "status"), [(0.5, None), (1.1, "CANCEL"), (30, "ANSWER")])
def test_hanging_up(at: float, status: str | None) -> None:
    """While it rings, while the agent's phone rings, in the conversation; what comes later comes to nothing."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1, talk_s=60))
    p.place(order(), NOW)
    p.advance(later(at))
    p.hang_up("dx-1-1-a", later(at))
    p.hang_up("dx-1-1-a", later(at))
    p.hang_up("dx-0-0-a", later(at))
    said = [each for each in p.advance(later(at)) if isinstance(each, CallEvent)]
    assert {each.progress for each in said} == (
        {CallProgress.HUNG_UP} if status else {CallProgress.HUNG_UP, CallProgress.RESPONDED}
    )
    assert next(e for e in said if e.progress is CallProgress.HUNG_UP).status == (status or "")
    assert p.records[0].end == later(at)
    assert progress(p.advance(later(300))) == []


@pytest.mark.parametrize("fate", [Fate.RINGS_OUT, Fate.ANNOUNCED, Fate.ANSWERS])
def test_a_call_hung_up_at_once_never_rings(fate: Fate) -> None:
    """Before it even began to."""
    p = pbx(Turn(fate))
    p.dead_phones.add("PJSIP/001")
    p.place(order(), NOW)
    p.hang_up("dx-1-1-a", NOW)
    assert set(progress(p.advance(later(300)))) == {CallProgress.HUNG_UP, CallProgress.RESPONDED}


def test_an_agents_phone_rings_for_nobody_after_the_hang_up() -> None:
    """The customer hung up before the agent missed it."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1))
    p.dead_phones.add("PJSIP/001")
    p.place(order(), NOW)
    p.advance(later(2))
    p.hang_up("dx-1-1-a", later(2))
    assert progress(p.advance(later(300))) == [CallProgress.HUNG_UP]


def test_the_same_id_twice_is_refused_by_its_response() -> None:
    """PBX.md: "A ChannelId still in use makes the Originate fail"; the running call goes on."""
    p = pbx(Turn(Fate.ANSWERS))
    p.place(order(), NOW)
    p.place(order(), NOW)
    assert progress(p.advance(NOW)) == [CallProgress.RESPONDED]
    assert len(p.records) == 1


def test_without_a_link_nothing_is_taken_and_nothing_is_said() -> None:
    """LinkDown for every request; calls go on; losing it twice is losing it once."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1, talk_s=10))
    p.place(order(), NOW)
    p.cut(NOW)
    p.cut(NOW)
    assert p.advance(NOW) == [LinkLost(NOW, "cut")]
    with pytest.raises(LinkDown):
        p.place(order("b"), NOW)
    with pytest.raises(LinkDown):
        p.hang_up("b", NOW)
    with pytest.raises(LinkDown):
        p.survey(NOW)
    assert p.advance(later(5)) == []
    p.restore(later(5))
    p.restore(later(5))
    (look,) = p.advance(later(5))
    assert look == LinkRestored(later(5), (LiveCall("dx-1-1-a", CallProgress.CONNECTED),), (), NOW, final=False)


def test_a_look_says_how_far_each_call_is() -> None:
    """DIALLED, RINGING, ANSWERED, CONNECTED."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1, talk_s=10))
    p.place(order(), NOW)
    for at, sign in [
        (0, CallProgress.DIALLED),
        (0.5, CallProgress.RINGING),
        (1.1, CallProgress.ANSWERED),
        (2, CallProgress.CONNECTED),
    ]:
        p.advance(later(at))
        p.survey(later(at))
        (look,) = p.advance(later(at))
        assert isinstance(look, LinkRestored)
        assert look.calls == (LiveCall("dx-1-1-a", sign),)
        assert look.final


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        (Fate.ANSWERS, {CallProgress.ANSWERED, CallProgress.CONNECTED, CallProgress.HUNG_UP}),
        (Fate.ANNOUNCED, {CallProgress.PROGRESS, CallProgress.RESPONDED, CallProgress.HUNG_UP}),
        (Fate.DECLINES, {CallProgress.RINGING, CallProgress.RESPONDED, CallProgress.HUNG_UP}),
    ],
)
def test_ends_are_kept_on_record(fate: Fate, told: set[CallProgress]) -> None:
    """The journal of the PBX tells what nobody heard."""
    p = pbx(Turn(fate, ring_s=1, talk_s=10))
    p.place(order(), NOW)
    p.cut(NOW)
    p.advance(later(60))
    p.restore(later(60))
    (look,) = p.advance(later(60))
    assert isinstance(look, LinkRestored)
    assert {each.progress for each in look.ends} == told
    assert look.calls == ()


def test_a_missed_phone_is_kept_on_record() -> None:
    """So that the agent is paused after an outage, too."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1))
    p.dead_phones.add("PJSIP/001")
    p.place(order(), NOW)
    p.cut(NOW)
    p.advance(later(60))
    p.restore(later(60))
    (look,) = p.advance(later(60))
    assert isinstance(look, LinkRestored)
    assert [e.text for e in look.ends if e.progress is CallProgress.AGENT_MISSED] == ["NOANSWER"]


def test_a_crash_ends_conversations_and_leaves_phones_ringing() -> None:
    """Killed, it says nothing and sends no CANCEL; its last second of journal is lost; it was started anew."""
    p = pbx(Turn(Fate.ANSWERS, ring_s=1, talk_s=300), Turn(Fate.RINGS_OUT), Turn(Fate.BUSY, ring_s=1.5))
    for n, name in enumerate(["dx-1-1-a", "dx-2-1-a", "dx-3-1-a"]):
        p.place(order(name), later(n / 10))
    p.advance(later(2))
    p.crash(later(2))
    talked, rang, busy = p.records
    assert (talked.end, talked.crashed) == (later(2), later(2))
    assert rang.end is not None
    assert later(2) <= rang.end <= later(120.1)
    assert (busy.end, busy.crashed) == (later(1.7), None)
    p.restore(later(3))
    look = p.advance(later(400))[-1]
    assert isinstance(look, LinkRestored)
    assert (look.calls, look.ends, look.started_at) == ((), (), later(2))
    assert p.advance(later(900)) == []


def test_events_can_be_lost_doubled_and_late() -> None:
    """Faults on demand; what is late when the link is down is lost."""
    p = pbx(Turn(Fate.ANSWERS), faults=Faults(lose=1.0))
    p.place(order(), NOW)
    assert p.advance(later(500)) == []
    p = pbx(Turn(Fate.ANSWERS), faults=Faults(double=1.0))
    p.place(order(), NOW)
    assert progress(p.advance(later(1))) == [CallProgress.RINGING] * 2
    p = pbx(Turn(Fate.RINGS_OUT), faults=Faults(delay=1.0, delay_s=10))
    p.place(order(), NOW)
    assert progress(p.advance(later(0.2))) == []
    assert progress(p.advance(later(10.3))) == [CallProgress.RINGING]
    p.cut(later(44))
    assert [type(each) for each in p.advance(later(100))] == [LinkLost]
    p = pbx(Turn(Fate.RINGS_OUT), faults=Faults(delay=1.0, delay_s=10))
    p.place(order(), NOW)
    p.advance(later(0.2))
    p.cut(later(0.2))
    assert progress(p.advance(later(20))) == []
