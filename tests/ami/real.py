"""The adapter at the private office PBX, through a line that can break at any moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from dialer.ami.config import AmiConfig
from dialer.ami.pbx import AsteriskPbx
from dialer.ami.phones import do_not_disturb
from dialer.campaign.messages import LinkRestored, PbxMessage
from dialer.campaign.ports import Pbx
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.phonetests.ports import PhoneTester
from tests.contracts.pbx_contract import OFFICE, Outcome
from tests.kit.line import Line

ENDINGS = {
    Outcome.ANSWERS: "00",
    Outcome.LISTENS: "79",
    Outcome.HANGS_UP: "78",
    Outcome.RINGS_OUT: "60",
    Outcome.SILENCE: "76",
    Outcome.BUSY: "61",
    Outcome.BUSY_EVERYWHERE: "62",
    Outcome.UNAVAILABLE: "63",
    Outcome.SWITCHED_OFF: "64",
    Outcome.TIMED_OUT: "65",
    Outcome.UNALLOCATED: "66",
    Outcome.NOWHERE: "67",
    Outcome.FORBIDDEN: "68",
    Outcome.DECLINED: "69",
    Outcome.GONE: "70",
    Outcome.INCOMPLETE: "71",
    Outcome.TERMINATED: "72",
    Outcome.SERVER_ERROR: "73",
    Outcome.BAD_GATEWAY: "74",
    Outcome.CONGESTED: "75",
}


@dataclass
class RealBench:
    """See :class:`tests.contracts.pbx_contract.PbxBench`."""

    rig: Rig
    trunk: str
    line: Line
    pbx: Pbx
    tester: PhoneTester
    messages: list[PbxMessage] = field(default_factory=list)
    heard: list[PbxMessage] = field(default_factory=list)
    unknown_phone: str = "PJSIP/8999"
    agent_phone: str = ""
    dead_phone: str = ""
    declining_phone: str = ""
    forwarding_phone: str = ""
    transferring_phone: str = ""
    consulting_phone: str = ""
    twice_phone: str = ""
    returned_phone: str = ""
    talk_s: float = 0.0

    def number_for(self, outcome: Outcome) -> str:
        return "139047000" + ENDINGS[outcome]

    def dial_string(self, outcome: Outcome) -> str:
        if outcome is Outcome.NO_TRUNK:
            return "PJSIP/13904700000@nowhere"
        return self.rig.trunk_templates[self.trunk].format(number=self.number_for(outcome))

    async def until(self, condition: Callable[[], object], timeout: float = 30.0) -> None:
        deadline = asyncio.get_running_loop().time() + timeout
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, f"waited {timeout} s in vain: {self.messages}"
            await asyncio.sleep(0.01)

    async def rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def shut_phone(self, shut: bool) -> None:
        device, state = do_not_disturb(self.agent_phone), "BUSY" if shut else "NOT_INUSE"
        async with self.rig.office.control() as ami:
            await ami.action("Setvar", Variable=f"DEVICE_STATE({device})", Value=state)

    async def cut_link(self) -> None:
        self.line.cut()

    async def restore_link(self) -> None:
        await self.line.mend()


def real_config(rig: Rig, port: int, **changes: float | str) -> AmiConfig:
    values: dict[str, float | str] = {
        "username": rig.ami.username,
        "secret": rig.ami.secret,
        "port": port,
        "reconnect_first_s": 0.05,
        "reconnect_max_s": 0.2,
        "ping_interval_s": 0.5,
        "ping_timeout_s": 2.0,
    }
    return AmiConfig(**(values | changes))


@contextlib.asynccontextmanager
async def real_bench(
    rig: Rig, trunk: str = "direct", *, without: str = "", **changes: float | str
) -> AsyncIterator[RealBench]:
    """The adapter, logged in, its calls hung up at the end; ``without`` a header that this Asterisk is not to have."""
    line = Line(rig.ami.port, without=without)
    await line.mend()
    messages: list[PbxMessage] = []
    pbx = AsteriskPbx(real_config(rig, line.port, **changes), messages.append, SystemClock(), OFFICE)
    bench = RealBench(rig, trunk, line, pbx, pbx, messages)
    bench.agent_phone, bench.dead_phone = rig.extensions[0], rig.dead_extension
    bench.declining_phone = rig.declining_extension
    bench.forwarding_phone = rig.forwarding_extension
    bench.transferring_phone, bench.consulting_phone = rig.transferring_extension, rig.consulting_extension
    bench.twice_phone, bench.returned_phone = rig.twice_extension, rig.returned_extension
    bench.talk_s = rig.speed.talk_s
    pbx.hear_tests(bench.heard.append)
    await pbx.start()
    try:
        await bench.until(lambda: any(isinstance(each, LinkRestored) for each in messages))
        messages.clear()
        yield bench
    finally:
        await line.mend()
        await pbx.stop()
        await line.close()
        async with rig.office.control() as ami:
            for row in await ami.listed("CoreShowChannels"):
                await ami.action("Hangup", Channel=row["Channel"])
        await rig.office.idle()
