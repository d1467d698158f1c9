"""What every PBX behind :class:`dialer.phonetests.ports.PhoneTester` must do with a test call, real or simulated.

A test module defines the fixture ``phone_bench``, whose link is up, and a class that inherits :class:`PhoneContract`.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from dialer import callid
from dialer.campaign.calls.events import gather
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, PbxMessage, PhoneTold
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.phone import PhoneState
from dialer.errors import LinkDown
from dialer.phonetests.model import Finding, judge
from dialer.phonetests.ports import PhoneTester
from tests.contracts.pbx_contract import OFFICE, PbxBench, pbxs_of


class PhoneBench(PbxBench, Protocol):
    """A bench that can test phones, too. ``heard`` is what was told of test calls."""

    tester: PhoneTester
    heard: list[PbxMessage]


class Tester:
    """Rings phones at a bench."""

    __test__ = False

    def __init__(self, bench: PhoneBench) -> None:
        self.bench = bench

    async def ring(self, phone: str, timeout_s: float = 60) -> str:
        test = callid.for_test()
        await self.bench.tester.ring(test, phone, timeout_s)
        return test

    def events(self, test: str) -> list[CallEvent]:
        return [each for each in self.bench.heard if isinstance(each, CallEvent) and each.attempt == test]

    def progress(self, test: str) -> list[CallProgress]:
        return [each.progress for each in self.events(test)]

    def evidence(self, test: str) -> Evidence:
        evidence = Evidence()
        for each in self.events(test):
            gather(evidence, each)
        return evidence

    def is_over(self, test: str) -> bool:
        e = self.evidence(test)
        return e.hung_up and (e.answered or e.responded)

    async def told(self, test: str, sign: CallProgress) -> None:
        await self.bench.until(lambda: sign in self.progress(test), 20)

    async def end(self, test: str) -> Evidence:
        await self.bench.until(lambda: self.is_over(test), 30)
        return self.evidence(test)

    def untold(self) -> None:
        """Those who follow customers' calls have heard of none of it; what the testers heard names the PBX."""
        assert pbxs_of(self.bench.heard) <= {OFFICE}
        for each in self.bench.messages:
            told = (*each.calls, *each.ends) if isinstance(each, LinkRestored) else (each,)
            assert not [one for one in told if callid.is_test(getattr(one, "attempt", ""))]


class PhoneContract:
    """The tests. Each starts with the link up and nobody on a phone."""

    async def test_a_phone_that_works(self, phone_bench: PhoneBench) -> None:
        """It is free, is picked up, hears the tones to their end, and nobody else is told."""
        tester = Tester(phone_bench)
        assert await phone_bench.tester.phone(phone_bench.agent_phone) is PhoneState.FREE
        test = await tester.ring(phone_bench.agent_phone)
        evidence = await tester.end(test)
        assert judge(evidence, PhoneState.FREE) is Finding.WORKS
        signs = [sign for sign in tester.progress(test) if sign not in (CallProgress.RINGING, CallProgress.RESPONDED)]
        assert signs == [CallProgress.ANSWERED, CallProgress.CONNECTED, CallProgress.HUNG_UP]
        tester.untold()

    async def test_a_test_call_is_no_private_call(self, phone_bench: PhoneBench) -> None:
        """Who follows the phone hears nothing of it: the agent who begins to work need not wait for its end."""
        tester, phone = Tester(phone_bench), phone_bench.agent_phone
        await phone_bench.pbx.follow_phones([phone])
        await phone_bench.until(lambda: any(isinstance(each, PhoneTold) for each in phone_bench.messages))
        await tester.end(await tester.ring(phone))
        told = [each.state for each in phone_bench.messages if isinstance(each, PhoneTold)]
        assert set(told) == {PhoneState.FREE}
        tester.untold()

    async def test_a_phone_that_declines(self, phone_bench: PhoneBench) -> None:
        """As desk phones do, with 486; the code is told."""
        tester = Tester(phone_bench)
        evidence = await tester.end(await tester.ring(phone_bench.declining_phone))
        assert (judge(evidence, PhoneState.FREE), evidence.sip) == (Finding.BUSY, 486)
        tester.untold()

    async def test_a_phone_that_nobody_picks_up(self, phone_bench: PhoneBench) -> None:
        """It rings until the time is over."""
        tester = Tester(phone_bench)
        evidence = await tester.end(await tester.ring(phone_bench.dead_phone, 1.5))
        assert judge(evidence, PhoneState.FREE) is Finding.NO_ANSWER
        tester.untold()

    async def test_a_phone_that_does_not_exist(self, phone_bench: PhoneBench) -> None:
        """The PBX says so beforehand; the call comes to nothing, with one word."""
        tester = Tester(phone_bench)
        phone = await phone_bench.tester.phone(phone_bench.unknown_phone)
        assert phone is PhoneState.UNKNOWN
        test = await tester.ring(phone_bench.unknown_phone)
        await tester.told(test, CallProgress.RESPONDED)
        assert judge(tester.evidence(test), phone) is Finding.UNKNOWN_EXTENSION
        assert CallProgress.HUNG_UP not in tester.progress(test)

    async def test_it_can_be_stopped(self, phone_bench: PhoneBench) -> None:
        """While it rings, and the moment it was placed; what is not there is nobody's trouble."""
        tester = Tester(phone_bench)
        ringing = await tester.ring(phone_bench.dead_phone)
        await tester.told(ringing, CallProgress.RINGING)
        await phone_bench.tester.hang_up(ringing)
        assert not (await tester.end(ringing)).answered
        young = await tester.ring(phone_bench.dead_phone)
        await phone_bench.tester.hang_up(young)
        await tester.end(young)
        await phone_bench.tester.hang_up(callid.for_test())

    async def test_no_survey_takes_it_for_an_attempt(self, phone_bench: PhoneBench) -> None:
        """Neither while it is being placed or rings, nor after a lost link, nor among the ends on record."""
        tester = Tester(phone_bench)
        test = await tester.ring(phone_bench.dead_phone)
        await phone_bench.pbx.survey()
        await tester.told(test, CallProgress.RINGING)
        await phone_bench.pbx.survey()
        await phone_bench.cut_link()
        await phone_bench.until(lambda: any(isinstance(each, LinkLost) for each in phone_bench.heard), 20)
        before = len(phone_bench.messages)
        await phone_bench.restore_link()
        await phone_bench.until(lambda: len(phone_bench.messages) > before, 20)
        await phone_bench.pbx.survey()
        await phone_bench.tester.hang_up(test)
        await tester.told(test, CallProgress.HUNG_UP)
        await phone_bench.pbx.survey()
        await phone_bench.until(lambda: sum(isinstance(e, LinkRestored) for e in phone_bench.messages) >= 5, 20)
        tester.untold()

    async def test_without_a_link_no_phone_rings(self, phone_bench: PhoneBench) -> None:
        """Each request says LinkDown."""
        tester = Tester(phone_bench)
        await phone_bench.cut_link()
        await phone_bench.until(lambda: any(isinstance(each, LinkLost) for each in phone_bench.heard), 20)
        with pytest.raises(LinkDown):
            await tester.ring(phone_bench.agent_phone)
        with pytest.raises(LinkDown):
            await phone_bench.tester.phone(phone_bench.agent_phone)
        with pytest.raises(LinkDown):
            await phone_bench.tester.hang_up(callid.for_test())
