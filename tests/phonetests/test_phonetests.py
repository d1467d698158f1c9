"""Test calls to a phone: whom they may disturb, what came of them, and that they are no attempts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from dialer.campaign.calls.events import gather
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, SetPresence
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.phone import PhoneState, phones_in
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.ports import PbxSink
from dialer.campaign.rules.phone import PhoneRule
from dialer.errors import Conflict, LinkDown, NotFound
from dialer.language import look_up
from dialer.phonetests import service as phonetests
from dialer.phonetests.model import Finding, PhoneTest, Stage, agents_at, judge, refuse
from dialer.phonetests.service import PhoneTests
from dialer.phonetests.words import FINDINGS, STAGES, TODO, cause, said, todo
from tests.campaign.days import at
from tests.campaign.surroundings import House, agent, house, ready

NOW = at(8)
TRUNKS = (TrunkConfig("t", "PJSIP/{number}@carrier"), TrunkConfig("l", "Local/{number}@from-internal/n"))
PHONES = PhoneRule(("PJSIP/{extension}", "Local/{extension}@from-internal/n"), TRUNKS)


def at_phone(extension: str, presence: Presence = Presence.SIGNED_OUT, number: str = "001") -> Agent:
    return Agent(number, extension=extension, presence=presence)


# -- rules -----------------------------------------------------------------------------------------


def test_a_phone_is_the_same_by_whatever_way() -> None:
    """The way to it does not hide whose it is; several phones at once are each known."""
    assert phones_in("PJSIP/8001") == phones_in("Local/8001@from-internal/n") == {"8001"}
    assert phones_in("PJSIP/8001&PJSIP/8002") == {"8001", "8002"}
    assert phones_in("odd") == {"odd"}
    agents = [at_phone("PJSIP/8002", number="002"), at_phone("PJSIP/8001"), at_phone("PJSIP/8003", number="003")]
    assert [each.number for each in agents_at("Local/8001@office/n&PJSIP/8002", agents)] == ["001", "002"]


@pytest.mark.parametrize("presence", sorted(Presence))
def test_a_phone_that_a_customer_may_come_onto_is_left_alone(presence: Presence) -> None:
    """Only who is paused or signed out can be tested: a ready agent may get a customer at any moment."""
    agents = [at_phone("PJSIP/8001", presence)]
    if presence in (Presence.PAUSED, Presence.SIGNED_OUT):
        assert refuse("PJSIP/8001", agents, PHONES) == agents
    else:
        with pytest.raises(Conflict, match=re.escape(f"agent 001 ({presence.replace('_', ' ')})")):
            refuse("Local/8001@from-internal/n", agents, PHONES)


@pytest.mark.parametrize("outside", ["PJSIP/13904700001@carrier", "Local/8221234@from-internal/n", "Local/s@evil"])
def test_nobody_outside_is_rung_for_a_test(outside: str) -> None:
    """Nor by the name of an agent whose phone an older record has like this."""
    for agents in ([], [at_phone(outside)]):
        with pytest.raises(Conflict, match="own phones only"):
            refuse(outside, agents, PHONES)
    assert refuse("Local/8001@from-internal/n", [], PHONES) == []


def hung_up(*, cause: int | None = None, sip: int | None = None) -> tuple[CallEvent, ...]:
    return (
        CallEvent("t", CallProgress.RESPONDED, NOW, reason=0),
        CallEvent("t", CallProgress.HUNG_UP, NOW, cause=cause, sip=sip),
    )


RINGING, ANSWERED = CallEvent("t", CallProgress.RINGING, NOW), CallEvent("t", CallProgress.ANSWERED, NOW)
TIMED_OUT = CallEvent("t", CallProgress.RESPONDED, NOW, reason=3)


@pytest.mark.parametrize(
    ("events", "phone", "finding"),
    [
        ((RINGING, ANSWERED, CallEvent("t", CallProgress.CONNECTED, NOW)), PhoneState.FREE, Finding.WORKS),
        ((ANSWERED,), PhoneState.FREE, Finding.SILENT),
        ((CallEvent("t", CallProgress.UNSENT, NOW),), PhoneState.FREE, Finding.STOPPED),
        ((CallEvent("t", CallProgress.REFUSED, NOW),), PhoneState.FREE, Finding.REFUSED),
        ((RINGING, TIMED_OUT), PhoneState.FREE, Finding.NO_ANSWER),
        ((RINGING, *hung_up(sip=480)), PhoneState.FREE, Finding.NO_ANSWER),
        ((RINGING, *hung_up(cause=19)), PhoneState.FREE, Finding.NO_ANSWER),
        (hung_up(sip=486), PhoneState.FREE, Finding.BUSY),
        ((CallEvent("t", CallProgress.DIALLED, NOW, status="BUSY"),), PhoneState.FREE, Finding.BUSY),
        ((CallEvent("t", CallProgress.RESPONDED, NOW, reason=5),), PhoneState.FREE, Finding.BUSY),
        (hung_up(cause=17), PhoneState.FREE, Finding.BUSY),
        (hung_up(sip=603), PhoneState.FREE, Finding.DECLINED),
        (hung_up(cause=21), PhoneState.FREE, Finding.DECLINED),
        ((CallEvent("t", CallProgress.RESPONDED, NOW, reason=0),), PhoneState.UNKNOWN, Finding.UNKNOWN_EXTENSION),
        (hung_up(sip=404), PhoneState.FREE, Finding.UNKNOWN_EXTENSION),
        (hung_up(cause=1), PhoneState.UNSAID, Finding.UNKNOWN_EXTENSION),
        ((CallEvent("t", CallProgress.RESPONDED, NOW, reason=0),), PhoneState.AWAY, Finding.UNREACHABLE),
        ((CallEvent("t", CallProgress.RESPONDED, NOW, reason=0),), PhoneState.FREE, Finding.UNREACHABLE),
        (hung_up(sip=408), PhoneState.FREE, Finding.UNREACHABLE),
        (hung_up(cause=3), PhoneState.UNSAID, Finding.UNREACHABLE),
        ((TIMED_OUT,), PhoneState.FREE, Finding.UNREACHABLE),
        (hung_up(cause=58, sip=488), PhoneState.FREE, Finding.INCOMPATIBLE),
        (hung_up(cause=58), PhoneState.FREE, Finding.INCOMPATIBLE),
        (hung_up(cause=38, sip=500), PhoneState.FREE, Finding.FAILED),
        ((), PhoneState.FREE, Finding.LOST),
    ],
)
def test_what_came_of_it(events: tuple[CallEvent, ...], phone: PhoneState, finding: Finding) -> None:
    """The table, row by row."""
    evidence = Evidence()
    for event in events:
        gather(evidence, event)
    assert judge(evidence, phone) is finding


def test_every_stage_and_finding_has_words_in_both_languages() -> None:
    """And each finding says what to do."""
    assert (set(STAGES), set(FINDINGS), set(TODO)) == (set(Stage), set(Finding), set(Finding))
    assert all(look_up("zh", words) != words for words in (*STAGES.values(), *FINDINGS.values(), *TODO.values()))


def test_the_evidence_is_told_with_the_finding() -> None:
    """SIP code, cause and the PBX's words, and nothing while all is well."""
    young = PhoneTest("t", "PJSIP/8001", "990", NOW)
    assert (said(young, "en"), todo(young, "zh"), cause(young)) == ("placed", "", "")
    failed = PhoneTest(
        "t", "PJSIP/8001", "990", NOW, ended_at=NOW, finding=Finding.BUSY, cause=17, sip=486, text="SIP 486 Busy Here"
    )
    assert (said(failed, "zh"), cause(failed)) == ("话机占线", "SIP 486 · Q.850 17")
    assert todo(failed, "en").startswith("Try again")
    refused = PhoneTest("t", "x", "990", NOW, ended_at=NOW, finding=Finding.REFUSED, text="Permission denied")
    assert cause(refused) == "Permission denied"


# -- under way -------------------------------------------------------------------------------------


@dataclass
class Phones:
    """Writes down whom it is asked to ring."""

    state: PhoneState = PhoneState.FREE
    fails: bool = False
    rung: list[tuple[str, str, float]] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    tell: PbxSink = print
    meanwhile: Callable[[], object] = lambda: None

    def hear_tests(self, sink: PbxSink) -> None:
        self.tell = sink

    async def phone(self, extension: str) -> PhoneState:
        self.meanwhile()
        return self.state

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        if self.fails:
            raise LinkDown
        self.rung.append((test, extension, timeout_s))

    async def hang_up(self, attempt: str) -> None:
        if self.fails:
            raise LinkDown
        self.hung_up.append(attempt)


@dataclass
class Bench:
    """Test calls in a house."""

    house: House
    phones: Phones
    tests: PhoneTests
    heard: list[PhoneTest] = field(default_factory=list)

    def tell(
        self, test: PhoneTest, *signs: CallProgress, cause: int | None = None, reason: int | None = None
    ) -> PhoneTest:
        for sign in signs:
            self.phones.tell(CallEvent(test.id, sign, NOW, cause=cause, reason=reason))
        return self.tests.test(test.id)

    async def over(self, test: PhoneTest) -> PhoneTest:
        await self.house.until(lambda: self.tests.test(test.id).finding)
        return self.tests.test(test.id)


@asynccontextmanager
async def bench(*, settle_s: float = 20.0, limit_s: float = 20.0, ring_s: float = 20.0) -> AsyncIterator[Bench]:
    async with house() as h:
        phones = Phones()
        made = Bench(
            h, phones, PhoneTests(h.engine, phones, h.clock, ring_s=ring_s, settle_s=settle_s, limit_s=limit_s)
        )
        made.tests.on_change(made.heard.append)
        await h.ask(agent("001"), agent("002"))
        yield made


async def test_a_test_call_from_ringing_to_the_end() -> None:
    """Each step is told as it happens, with its time; what the PBX says twice is told once."""
    async with bench() as b:
        test = await b.tests.begin("PJSIP/001", "990")
        assert (b.phones.rung, test.agent, test.stage) == ([(test.id, "PJSIP/001", 20.0)], "001", Stage.PLACED)
        assert b.tell(test, CallProgress.RINGING, CallProgress.RINGING).stage is Stage.RINGING
        assert b.tell(test, CallProgress.ANSWERED).stage is Stage.ANSWERED
        b.tell(test, CallProgress.RESPONDED, reason=4)
        b.tell(test, CallProgress.CONNECTED)
        over = b.tell(test, CallProgress.HUNG_UP, cause=16)
        assert (over.stage, over.finding, over.cause) == (Stage.ENDED, Finding.WORKS, 16)
        assert [each.stage for each in b.heard] == [*(Stage.PLACED, Stage.RINGING, Stage.ANSWERED), Stage.ANSWERED,
                                                    Stage.ENDED]  # fmt: skip
        assert b.tell(test, CallProgress.HUNG_UP) == over
        assert b.tests.recent() == [over]
        assert not b.house.engine.state.attempts


async def test_no_phone_is_tested_twice_at_once() -> None:
    """The same phone by another way, and more than three phones, must wait."""
    async with bench() as b:
        first = await b.tests.begin("PJSIP/7001", "990")
        with pytest.raises(Conflict, match="already"):
            await b.tests.begin("Local/7001@from-internal/n", "990")
        for extension in ("PJSIP/7002", "PJSIP/7003"):
            await b.tests.begin(extension, "990")
        with pytest.raises(Conflict, match="3 test calls"):
            await b.tests.begin("PJSIP/7004", "990")
        b.tell(first, CallProgress.REFUSED)
        await b.tests.begin("PJSIP/7004", "990")


async def test_a_phone_in_use_is_not_rung() -> None:
    """The PBX knows of calls that are none of ours; an agent may begin to work while it is asked."""
    async with bench() as b:
        b.phones.state = PhoneState.BUSY
        with pytest.raises(Conflict, match="in use"):
            await b.tests.begin("PJSIP/7001", "990")
        b.phones.state = PhoneState.FREE
        b.phones.meanwhile = lambda: setattr(b.house.engine.state.agents["001"], "presence", Presence.READY)
        with pytest.raises(Conflict, match="agent 001"):
            await b.tests.begin("PJSIP/001", "990")
        assert b.phones.rung == []


async def test_without_a_link_there_is_no_test() -> None:
    """Nothing is left behind of one that did not leave."""
    async with bench() as b:
        b.phones.fails = True
        with pytest.raises(LinkDown):
            await b.tests.begin("PJSIP/7001", "990")
        assert b.tests.recent() == []
        with pytest.raises(NotFound):
            b.tests.test("test-000000000000")


async def test_an_agent_who_begins_to_work_gets_the_phone_back() -> None:
    """The test call is hung up; other agents' doings and a pause change nothing."""
    async with bench() as b:
        test = await b.tests.begin("Local/001@from-internal/n", "990")
        await b.house.ask(ready("002"))
        await b.house.ask(agent("001"))
        assert b.phones.hung_up == []
        await b.house.ask(ready("001"))
        await b.house.until(lambda: b.phones.hung_up == [test.id])
        over = b.tell(test, CallProgress.RESPONDED, CallProgress.HUNG_UP)
        assert over.finding is Finding.STOPPED
        await b.house.ask(SetPresence(by="t", agent="001", presence=Presence.PAUSED), ready("001"))
        assert b.phones.hung_up == [test.id]


async def test_a_phone_that_cannot_be_given_back_is_no_disaster() -> None:
    """Without a link nobody calls a customer either."""
    async with bench() as b:
        await b.tests.begin("PJSIP/001", "990")
        b.phones.fails = True
        await b.house.ask(ready("001"))
        await b.house.until(lambda: not b.tests._stopping)
        assert b.phones.hung_up == []


async def test_it_can_be_stopped_by_hand() -> None:
    """Before it is picked up that is its finding; afterwards it worked; one that is over stays what it was."""
    async with bench() as b:
        test = await b.tests.begin("PJSIP/7001", "990")
        b.tell(test, CallProgress.ANSWERED, CallProgress.CONNECTED)
        await b.tests.stop(test.id)
        over = b.tell(test, CallProgress.HUNG_UP)
        assert over.finding is Finding.WORKS
        assert await b.tests.stop(test.id) == over
        assert b.phones.hung_up == [test.id]


async def test_signs_of_other_calls_and_a_new_link_mean_nothing() -> None:
    """A lost link ends every test; what comes afterwards is not heard any more."""
    async with bench() as b:
        test = await b.tests.begin("PJSIP/7001", "990")
        b.phones.tell(CallEvent("test-ffffffffffff", CallProgress.ANSWERED, NOW))
        b.phones.tell(LinkRestored(NOW, ()))
        assert b.tests.test(test.id).stage is Stage.PLACED
        b.phones.tell(LinkLost(NOW))
        assert b.tell(test, CallProgress.ANSWERED).finding is Finding.LOST


async def test_one_sign_of_the_end_waits_for_the_other_but_not_for_ever() -> None:
    """PBX.md: a phone that is not there has an OriginateResponse and no Hangup."""
    async with bench(settle_s=0.01) as b:
        test = await b.tests.begin("PJSIP/7001", "990")
        b.tell(test, CallProgress.RESPONDED, CallProgress.RESPONDED, reason=0)
        assert (await b.over(test)).finding is Finding.UNREACHABLE
    async with bench() as b:
        test = await b.tests.begin("PJSIP/7001", "990")
        b.tell(test, CallProgress.HUNG_UP, cause=21)
        assert b.tests.test(test.id).finding is None
        assert b.tell(test, CallProgress.RESPONDED, reason=0).finding is Finding.DECLINED


async def test_a_test_of_which_nothing_is_heard_is_lost_in_the_end() -> None:
    """The PBX has accepted it and says nothing more."""
    async with bench(ring_s=0.01, limit_s=0.01) as b:
        assert (await b.over(await b.tests.begin("PJSIP/7001", "990"))).finding is Finding.LOST


async def test_old_ones_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last fifty are kept."""
    monkeypatch.setattr(phonetests, "KEPT", 2)
    async with bench() as b:
        for n in range(3):
            b.tell(await b.tests.begin(f"PJSIP/700{n}", "990"), CallProgress.REFUSED)
        await asyncio.sleep(0)
        assert [each.extension for each in b.tests.recent()] == ["PJSIP/7002", "PJSIP/7001"]
