"""The simulated PBX keeps the contract of :mod:`tests.contracts.pbx_contract`, as the real one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from dialer.ami.lease import Owner
from dialer.campaign.changes import Place
from dialer.campaign.messages import LinkRestored, PbxMessage, Stranger
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import Pbx
from dialer.clock import SystemClock
from dialer.phonetests.ports import PhoneTester
from tests.contracts.endless_contract import LONGEST_S, EndlessContract
from tests.contracts.following_contract import FollowingContract
from tests.contracts.lease_contract import LeaseContract, books
from tests.contracts.pbx_contract import OFFICE, Caller, Outcome, PbxContract, caller
from tests.contracts.phone_contract import PhoneContract
from tests.contracts.transfer_contract import TransferContract
from tests.kit.waiting import until
from tests.virtual.fates import Fate, Turn
from tests.virtual.simulated import SimulatedPbx
from tests.virtual.simulated_port import SimulatedPort

__all__ = ["books", "caller"]

TURNS: dict[Outcome, Turn] = {
    Outcome.ANSWERS: Turn(Fate.ANSWERS, ring_s=0.3, talk_s=0.5),
    Outcome.LISTENS: Turn(Fate.ANSWERS, ring_s=0.1, talk_s=9.0),
    Outcome.HANGS_UP: Turn(Fate.DROPS, ring_s=0.1),
    Outcome.RINGS_OUT: Turn(Fate.RINGS_OUT),
    Outcome.SILENCE: Turn(Fate.SILENT),
    Outcome.BUSY: Turn(Fate.BUSY, ring_s=0.05),
    Outcome.BUSY_EVERYWHERE: Turn(Fate.BUSY_EVERYWHERE, ring_s=0.05),
    Outcome.UNAVAILABLE: Turn(Fate.ABSENT, ring_s=0.3),
    Outcome.SWITCHED_OFF: Turn(Fate.ANNOUNCED, ring_s=0.3),
    Outcome.TIMED_OUT: Turn(Fate.TIMED_OUT, ring_s=0.3),
    Outcome.UNALLOCATED: Turn(Fate.UNALLOCATED, ring_s=0.05),
    Outcome.NOWHERE: Turn(Fate.NOWHERE, ring_s=0.05),
    Outcome.FORBIDDEN: Turn(Fate.FORBIDDEN, ring_s=0.05),
    Outcome.DECLINED: Turn(Fate.DECLINES, ring_s=0.3),
    Outcome.GONE: Turn(Fate.GONE, ring_s=0.05),
    Outcome.INCOMPLETE: Turn(Fate.INCOMPLETE, ring_s=0.05),
    Outcome.SERVER_ERROR: Turn(Fate.SERVER_ERROR, ring_s=0.05),
    Outcome.BAD_GATEWAY: Turn(Fate.BAD_GATEWAY, ring_s=0.05),
    Outcome.CONGESTED: Turn(Fate.CONGESTED, ring_s=0.05),
    Outcome.TERMINATED: Turn(Fate.TERMINATED, ring_s=0.05),
    Outcome.NO_TRUNK: Turn(Fate.NO_TRUNK),
}


def world(channel: str, _nth: int) -> Turn:
    """The dialled name says what happens."""
    name = channel.partition("/")[2]
    return Turn(Fate.REDIRECTED, ring_s=0.1) if name == "redirected" else TURNS[Outcome[name]]


@dataclass
class SimulatedBench:
    """See :class:`tests.contracts.pbx_contract.PbxBench`; time is real."""

    port: SimulatedPort
    tester: PhoneTester
    messages: list[PbxMessage] = field(default_factory=list)
    heard: list[PbxMessage] = field(default_factory=list)
    agent_phone: str = "PJSIP/001"
    unknown_phone: str = "PJSIP/nobody"
    dead_phone: str = "PJSIP/dead"
    declining_phone: str = "PJSIP/declines"
    redirected: str = "SIM/redirected"
    forwarding_phone: str = "PJSIP/declines"
    transferring_phone: str = "PJSIP/transfers"
    consulting_phone: str = "PJSIP/transfers"
    twice_phone: str = "PJSIP/twice"
    returned_phone: str = "PJSIP/returned"
    talk_s: float = TURNS[Outcome.ANSWERS].talk_s

    @property
    def pbx(self) -> Pbx:
        return self.port

    def number_for(self, outcome: Outcome) -> str:
        return outcome.name

    def dial_string(self, outcome: Outcome) -> str:
        return f"SIM/{outcome.name}"

    async def until(self, condition: Callable[[], object], timeout: float = 30.0) -> None:
        deadline = asyncio.get_running_loop().time() + timeout
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, f"waited {timeout} s in vain: {self.messages}"
            await asyncio.sleep(0.005)

    async def rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def shut_phone(self, shut: bool) -> None:
        state = PhoneState.DO_NOT_DISTURB if shut else PhoneState.FREE
        with self.port.fault() as simulated:
            simulated.phones.put(self.agent_phone, state, SystemClock().now())

    async def cut_link(self) -> None:
        self.port.cut()

    async def restore_link(self) -> None:
        self.port.restore()


@pytest.fixture
async def pbx_bench() -> AsyncIterator[SimulatedBench]:
    """A simulated PBX that is linked."""
    clock = SystemClock()
    simulated = SimulatedPbx(world, clock.now(), seed=1, name=OFFICE)
    simulated.announcement_s = 0.2
    simulated.phones.tones_s = 0.3
    simulated.phones.unknown.add("PJSIP/nobody")
    simulated.dead_phones.add("PJSIP/dead")
    simulated.declining_phones.add("PJSIP/declines")
    simulated.transferring = {
        "PJSIP/transfers": ("8001",), "PJSIP/twice": ("8096", "8001"), "PJSIP/returned": ("8099", ""),
    }  # fmt: skip
    simulated.transfer_after_s = 0.2
    messages: list[PbxMessage] = []
    port = SimulatedPort(simulated, messages.append, clock)
    bench = SimulatedBench(port, port, messages)
    port.hear_tests(bench.heard.append)
    await port.start()
    await bench.until(lambda: any(isinstance(each, LinkRestored) for each in messages))
    messages.clear()
    yield bench
    await port.stop()


@pytest.fixture
def phone_bench(pbx_bench: SimulatedBench) -> SimulatedBench:
    """The same, for its phones."""
    return pbx_bench


class TestSimulated(PbxContract, TransferContract):
    """The simulated PBX on real time."""


class TestEndless(EndlessContract):
    """Calls that nobody hangs up."""

    @pytest.fixture(autouse=True)
    def brief(self, pbx_bench: SimulatedBench) -> None:
        """A PBX that lets no call last."""
        pbx_bench.port.simulated.longest_s = LONGEST_S


class TestFollowing(FollowingContract):
    """Phones that come and go."""


class TestPhones(PhoneContract):
    """The office's phones."""


class SimulatedLeases:
    """See :class:`tests.contracts.lease_contract.LeaseBench`."""

    def __init__(self) -> None:
        self.simulated = SimulatedPbx(world, SystemClock().now(), seed=1, name=OFFICE)
        self.ports: list[SimulatedPort] = []

    @asynccontextmanager
    async def dialer(self, owner: Owner) -> AsyncIterator[SimulatedBench]:
        """A port of its own at the one PBX."""
        messages: list[PbxMessage] = []
        port = SimulatedPort(self.simulated, messages.append, SystemClock(), owner, self.ports)
        await port.start()
        try:
            await until(lambda: any(isinstance(each, LinkRestored) for each in messages))
            yield SimulatedBench(port, port, messages)
        finally:
            await port.stop()

    async def restart(self) -> None:
        """It crashes and is back."""
        now = SystemClock().now()
        self.simulated.crash(now)
        self.simulated.restore(now)
        for port in self.ports:
            port.tell()


@pytest.fixture
def lease_bench() -> SimulatedLeases:
    """A simulated PBX for several."""
    return SimulatedLeases()


class TestLease(LeaseContract):
    """Dialers with copies of the same records."""


async def test_after_it_is_stopped_nothing_is_said(pbx_bench: SimulatedBench) -> None:
    """Pbx.stop: "Close the link for good. Calls on the PBX go on"; it may be stopped twice."""
    await pbx_bench.port.stop()
    with pbx_bench.port.fault() as simulated:
        simulated.crash(SystemClock().now())
    await pbx_bench.rest(0.05)
    assert pbx_bench.messages == []
    await pbx_bench.port.stop()


async def test_a_call_that_the_pbx_makes_by_itself_is_told_and_can_be_ended(pbx_bench: SimulatedBench) -> None:
    """The carrier redirects ours (302), the PBX follows: who answers is a stranger, also in a survey."""
    bench, calls = pbx_bench, Caller(pbx_bench)  # type: ignore[arg-type]  # the port that it has stays the same
    await bench.pbx.originate(Place("ct-302-1-x", bench.redirected, bench.agent_phone, 10, 5))
    assert await calls.end("ct-302-1-x") is Disposition.UNREACHABLE
    await bench.until(lambda: any(isinstance(each, Stranger) for each in bench.messages))
    (stranger,) = (each for each in bench.messages if isinstance(each, Stranger))
    assert (await calls.survey()).strangers == (stranger.channel,)
    await bench.pbx.hang_up(stranger.channel)
    await bench.until(lambda: any(isinstance(each, Stranger) and not each.up for each in bench.messages))
    assert (await calls.survey()).strangers == ()
