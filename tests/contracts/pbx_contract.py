"""What every PBX behind :class:`dialer.campaign.ports.Pbx` must do, whether it is real or simulated.

To run it, a test module defines a fixture ``pbx_bench`` that gives a :class:`PbxBench` whose link is up, imports
``caller`` from here, and has a class that inherits from :class:`PbxContract`. All waiting goes through the bench, so
that it may own a virtual clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Protocol

import pytest

from dialer.campaign.calls.events import gather
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, PbxMessage, PhoneTold
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import Pbx
from dialer.campaign.rules.disposition import classify
from dialer.errors import LinkDown


class Outcome(StrEnum):
    """What the called side does."""

    ANSWERS = "answers, talks, hangs up"
    LISTENS = "answers and stays until the agent hangs up"
    HANGS_UP = "answers and hangs up at once"
    RINGS_OUT = "rings until the caller gives up"
    SILENCE = "nothing but 100 Trying"
    BUSY = "486"
    BUSY_EVERYWHERE = "600"
    UNAVAILABLE = "rings, then 480"
    SWITCHED_OFF = "an announcement as early media, then 480"
    TIMED_OUT = "rings, then 408"
    UNALLOCATED = "404"
    NOWHERE = "604"
    FORBIDDEN = "403"
    DECLINED = "rings, then 603"
    GONE = "410"
    INCOMPLETE = "484"
    TERMINATED = "487"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    CONGESTED = "503"
    NO_TRUNK = "the trunk is not known to the PBX"


Out, D = Outcome, Disposition
EXPECTED: dict[Outcome, Disposition] = {
    Out.ANSWERS: D.CONNECTED,
    Out.LISTENS: D.CONNECTED,
    Out.RINGS_OUT: D.NO_ANSWER,
    Out.SILENCE: D.OUR_FAULT,
    Out.BUSY: D.BUSY,
    Out.BUSY_EVERYWHERE: D.BUSY,
    Out.UNAVAILABLE: D.NO_ANSWER,
    Out.SWITCHED_OFF: D.NO_ANSWER,
    Out.TIMED_OUT: D.NO_ANSWER,
    Out.UNALLOCATED: D.INVALID_NUMBER,
    Out.NOWHERE: D.INVALID_NUMBER,
    Out.FORBIDDEN: D.OUR_FAULT,
    Out.DECLINED: D.DECLINED,
    Out.GONE: D.INVALID_NUMBER,
    Out.INCOMPLETE: D.INVALID_NUMBER,
    Out.TERMINATED: D.OUR_FAULT,
    Out.SERVER_ERROR: D.CONGESTION,
    Out.BAD_GATEWAY: D.CONGESTION,
    Out.CONGESTED: D.CONGESTION,
    Out.NO_TRUNK: D.OUR_FAULT,
}
"""Every way that a call can end, with an agent who picks up."""

RING_S = 1.5


class PbxBench(Protocol):
    """A PBX with an outside world, as a test needs it."""

    pbx: Pbx
    messages: list[PbxMessage]
    agent_phone: str
    """Dial string of a phone that answers by itself and hangs up after some seconds."""
    dead_phone: str
    """Dial string of a phone that rings and is never answered."""
    declining_phone: str
    forwarding_phone: str
    """Answers 302 with another phone's number."""
    transferring_phone: str
    """Picks up and hands the customer on, a moment later, to 8001, who picks up too."""
    consulting_phone: str
    """The same after asking 8001."""
    twice_phone: str
    """The same to 8096, who hands the customer on to 8001."""
    returned_phone: str
    """Hands the customer on to 8099, who does not answer; from there the call comes back."""
    unknown_phone: str
    """A dial string that the PBX has nothing for."""
    talk_s: float
    """How long a customer who ANSWERS talks."""

    def number_for(self, outcome: Outcome) -> str:
        """A number whose customer does that."""
        ...

    def dial_string(self, outcome: Outcome) -> str:
        """Over the trunk of this bench, to ``number_for(outcome)``."""
        ...

    async def until(self, condition: Callable[[], object], timeout: float = 30.0) -> None:
        """Let time pass until ``condition`` holds; fail with the messages so far if it does not within seconds."""
        ...

    async def rest(self, seconds: float) -> None:
        """Let time pass."""
        ...

    async def shut_phone(self, shut: bool) -> None:
        """Set ``agent_phone`` to do not disturb at the PBX, as FreePBX does it for `*78`, or take that back."""
        ...

    async def cut_link(self) -> None:
        """Break the link and keep it broken; calls go on."""
        ...

    async def restore_link(self) -> None:
        """Let the link come back; returns at once."""
        ...


OFFICE = "office"
"""The name that the bench's PBX has to have."""

_serial = itertools.count(1)


class Caller:
    """Places calls at a bench and looks at what it told of them."""

    def __init__(self, bench: PbxBench) -> None:
        self.bench = bench

    async def place(
        self, outcome: Outcome, *, agent: str | None = None, timeout_s: float = RING_S, agent_timeout_s: float = 2
    ) -> str:
        """One call; the attempt's id. The phone numbers of other tests may be the same, the id never is."""
        attempt = f"ct-{next(_serial)}-1-{id(self):x}"
        channel = self.bench.dial_string(outcome)
        phone = agent or self.bench.agent_phone
        await self.bench.pbx.originate(Place(attempt, channel, phone, timeout_s, agent_timeout_s, "62880000"))
        return attempt

    def events(self, attempt: str) -> list[CallEvent]:
        """What was told of the attempt, ends from the PBX's own record included."""
        found: list[CallEvent] = []
        for message in self.bench.messages:
            heard = message.ends if isinstance(message, LinkRestored) else (message,)
            found.extend(each for each in heard if isinstance(each, CallEvent) and each.attempt == attempt)
        return found

    def progress(self, attempt: str) -> list[CallProgress]:
        return [each.progress for each in self.events(attempt)]

    def evidence(self, attempt: str) -> Evidence:
        """As the campaign gathers it."""
        evidence = Evidence()
        for each in self.events(attempt):
            gather(evidence, each)
        return evidence

    def over(self, attempt: str) -> bool:
        """As :attr:`Evidence.complete`, and for a call that never was, the response alone."""
        e = self.evidence(attempt)
        return e.refused or (e.hung_up and (e.answered or e.responded))

    async def told(self, attempt: str, sign: CallProgress) -> None:
        """Wait for a sign."""
        await self.bench.until(lambda: sign in self.progress(attempt))

    async def end(self, attempt: str, timeout: float = 45.0) -> Disposition:
        """Wait for the end and say how it came."""
        await self.bench.until(lambda: self.over(attempt), timeout)
        return classify(self.evidence(attempt)).disposition

    def phone(self, device: str) -> list[PhoneState]:
        """What was told of a phone."""
        return [each.state for each in self.bench.messages if isinstance(each, PhoneTold) and each.device == device]

    def looks(self) -> list[LinkRestored]:
        return [each for each in self.bench.messages if isinstance(each, LinkRestored)]

    def losses(self) -> int:
        return sum(isinstance(each, LinkLost) for each in self.bench.messages)

    async def cut(self) -> None:
        """Break the link and wait until that was told."""
        before = self.losses()
        await self.bench.cut_link()
        await self.bench.until(lambda: self.losses() > before)

    async def restore(self) -> LinkRestored:
        """Mend the link; the first look."""
        before = len(self.looks())
        await self.bench.restore_link()
        await self.bench.until(lambda: len(self.looks()) > before)
        return self.looks()[before]

    async def survey(self) -> LinkRestored:
        """The look that was asked for."""
        before = len(self.looks())
        await self.bench.pbx.survey()
        await self.bench.until(lambda: len(self.looks()) > before)
        return self.looks()[-1]


@pytest.fixture
def caller(pbx_bench: PbxBench) -> Iterator[Caller]:
    """For modules that import it, next to the contract. Whatever was told in a test names its PBX."""
    yield Caller(pbx_bench)
    assert pbxs_of(pbx_bench.messages) <= {OFFICE}


def pbxs_of(messages: Iterable[PbxMessage]) -> set[str]:
    """The PBXs that these messages name."""
    return {told.pbx for each in messages for told in (each, *(each.ends if isinstance(each, LinkRestored) else ()))}


class PbxContract:
    """The tests. Each starts with the link up."""

    @pytest.mark.parametrize("outcome", sorted(EXPECTED), ids=lambda outcome: outcome.name.lower())
    async def test_each_outcome_gets_its_disposition(self, caller: Caller, outcome: Outcome) -> None:
        """What the called side does is what the table says in the end."""
        attempt = await caller.place(outcome, timeout_s=RING_S if outcome in (Out.RINGS_OUT, Out.SILENCE) else 10)
        if outcome is Out.NO_TRUNK:
            await caller.told(attempt, CallProgress.REFUSED)
            assert classify(caller.evidence(attempt)).disposition is EXPECTED[outcome]
            assert CallProgress.HUNG_UP not in caller.progress(attempt)
        else:
            assert await caller.end(attempt) is EXPECTED[outcome], caller.events(attempt)

    async def test_a_connected_call_tells_its_story_in_order(self, caller: Caller) -> None:
        """Ringing, answer, the agent, the end: each once, with times that do not run backwards."""
        attempt = await caller.place(Out.ANSWERS)
        assert await caller.end(attempt) is D.CONNECTED
        signs = [sign for sign in caller.progress(attempt) if sign is not CallProgress.RESPONDED]
        assert [s for s in signs if s is not CallProgress.AGENT_RINGING] == [
            *(CallProgress.RINGING, CallProgress.ANSWERED, CallProgress.CONNECTED, CallProgress.HUNG_UP)
        ]
        times = [each.at for each in caller.events(attempt) if each.progress in signs]
        assert times == sorted(times)
        assert all(at.utcoffset() is not None for at in times)

    async def test_an_agent_who_does_not_pick_up_is_told(self, caller: Caller) -> None:
        """The customer is abandoned; the phone's status is in the text."""
        attempt = await caller.place(Out.LISTENS, agent=caller.bench.dead_phone, agent_timeout_s=1)
        assert await caller.end(attempt, 30) is D.ABANDONED
        missed = [each for each in caller.events(attempt) if each.progress is CallProgress.AGENT_MISSED]
        assert [each.text for each in missed] == ["NOANSWER"]

    async def test_an_agents_phone_that_declines_is_told(self, caller: Caller) -> None:
        """Its SIP code is not taken for the customer's."""
        attempt = await caller.place(Out.LISTENS, agent=caller.bench.declining_phone)
        assert await caller.end(attempt, 30) is D.ABANDONED
        assert [e.text for e in caller.events(attempt) if e.progress is CallProgress.AGENT_MISSED] == ["BUSY"]
        assert caller.evidence(attempt).sip in (None, 200)

    async def test_a_customer_who_hangs_up_first_is_no_fault_of_the_agent(self, caller: Caller) -> None:
        """The agent's phone still rings: abandoned, but nobody missed it."""
        attempt = await caller.place(Out.HANGS_UP, agent=caller.bench.dead_phone, agent_timeout_s=5)
        assert await caller.end(attempt) is D.ABANDONED
        assert CallProgress.AGENT_MISSED not in caller.progress(attempt)

    async def test_a_ringing_call_can_be_hung_up(self, caller: Caller) -> None:
        """It ends at once; with the knowledge that it was us it is cancelled."""
        attempt = await caller.place(Out.RINGS_OUT, timeout_s=30)
        await caller.told(attempt, CallProgress.RINGING)
        await caller.bench.pbx.hang_up(attempt)
        await caller.end(attempt, 5)
        evidence = caller.evidence(attempt)
        assert not evidence.answered
        evidence.cancelled = True
        assert classify(evidence).disposition is D.CANCELLED

    async def test_a_call_can_be_hung_up_the_moment_it_is_placed(self, caller: Caller) -> None:
        """Even before the PBX has made a channel of it."""
        for _ in range(5):
            attempt = await caller.place(Out.RINGS_OUT, timeout_s=30)
            await caller.bench.pbx.hang_up(attempt)
            await caller.end(attempt, 5)

    async def test_a_conversation_can_be_hung_up(self, caller: Caller) -> None:
        """It stays what it was: connected."""
        attempt = await caller.place(Out.LISTENS)
        await caller.told(attempt, CallProgress.CONNECTED)
        await caller.bench.pbx.hang_up(attempt)
        assert await caller.end(attempt, 5) is D.CONNECTED

    async def test_hanging_up_nothing_does_nothing(self, caller: Caller) -> None:
        """No error, no message, and the link lives."""
        await caller.bench.pbx.hang_up("ct-0-1-none")
        assert await caller.end(await caller.place(Out.BUSY)) is D.BUSY
        assert caller.losses() == 0
        assert caller.progress("ct-0-1-none") == []

    async def test_without_a_link_nothing_leaves(self, caller: Caller) -> None:
        """Each request says LinkDown, and nothing of it happens later."""
        await caller.cut()
        before = len(caller.bench.messages)
        with pytest.raises(LinkDown):
            await caller.place(Out.BUSY)
        with pytest.raises(LinkDown):
            await caller.bench.pbx.hang_up("ct-0-1-none")
        with pytest.raises(LinkDown):
            await caller.bench.pbx.survey()
        await caller.restore()
        await caller.bench.rest(0.5)
        assert not [each for each in caller.bench.messages[before:] if isinstance(each, CallEvent)]

    async def test_a_lost_link_is_told_once_and_its_return_too(self, caller: Caller) -> None:
        """One LinkLost, one look that is not final; the look that is asked for is final."""
        await caller.cut()
        await caller.bench.rest(0.3)
        first = await caller.restore()
        assert caller.losses() == 1
        assert not first.final
        assert first.started_at is not None
        assert first.started_at <= first.at
        final = await caller.survey()
        assert final.final
        assert final.at >= first.at

    async def test_calls_that_are_up_are_found_again(self, caller: Caller) -> None:
        """After a cut: one that rings, one that waits for its agent, one that talks; then their ends are told."""
        ringing = await caller.place(Out.RINGS_OUT, timeout_s=30)
        waiting = await caller.place(Out.LISTENS, agent=caller.bench.dead_phone, agent_timeout_s=30)
        talking = await caller.place(Out.LISTENS)
        await caller.told(ringing, CallProgress.RINGING)
        await caller.told(waiting, CallProgress.AGENT_RINGING)
        await caller.told(talking, CallProgress.CONNECTED)
        await caller.cut()
        await caller.restore()
        found = {call.attempt: call.progress for call in (await caller.survey()).calls}
        assert found == {ringing: CallProgress.RINGING, waiting: CallProgress.ANSWERED, talking: CallProgress.CONNECTED}
        for attempt in (ringing, waiting, talking):
            await caller.bench.pbx.hang_up(attempt)
            await caller.end(attempt)
        assert (await caller.survey()).calls == ()

    async def test_an_originate_that_was_just_accepted_is_not_taken_for_gone(self, caller: Caller) -> None:
        """A survey right behind an Originate never says that there is no such call."""
        for _ in range(5):
            attempt = await caller.place(Out.RINGS_OUT, timeout_s=30)
            look = await caller.survey()
            assert attempt in {call.attempt for call in look.calls}
            await caller.told(attempt, CallProgress.RINGING)
            await caller.bench.pbx.hang_up(attempt)
            await caller.end(attempt)

    @pytest.mark.parametrize(
        ("outcome", "disposition"),
        [
            (Out.ANSWERS, D.CONNECTED),
            (Out.UNAVAILABLE, D.NO_ANSWER),
            (Out.DECLINED, D.DECLINED),
            (Out.RINGS_OUT, D.NO_ANSWER),
        ],
        ids=["connected", "unavailable", "declined", "rings_out"],
    )
    async def test_ends_while_nobody_listened_are_told_afterwards(
        self, caller: Caller, outcome: Outcome, disposition: Disposition
    ) -> None:
        """The link is cut before the customer's phone has stopped ringing; the PBX kept the end on record."""
        attempt = await caller.place(outcome, timeout_s=RING_S)
        await caller.told(attempt, CallProgress.RINGING)
        rang = caller.events(attempt)[-1].at
        await caller.cut()
        assert not caller.over(attempt)
        await caller.bench.rest(RING_S + 1 + (caller.bench.talk_s if outcome is Out.ANSWERS else 0))
        look = await caller.restore()
        assert attempt not in {call.attempt for call in look.calls}
        assert attempt in {each.attempt for each in look.ends}
        assert await caller.end(attempt, 1) is disposition, caller.events(attempt)
        # By the clock of the PBX, whatever its zone.
        assert all(rang <= each.at <= look.at for each in look.ends if each.attempt == attempt), look.ends
