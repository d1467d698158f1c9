"""The adapter at the private office PBX, through a relay that can break the line at any moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from dialer.ami.config import AmiConfig
from dialer.ami.pbx import AsteriskPbx
from dialer.campaign.messages import LinkRestored, PbxMessage
from dialer.campaign.ports import Pbx, PhoneTester
from dialer.clock import SystemClock
from dialer.rehearsal.rig.rig import Rig
from tests.contracts.pbx_contract import OFFICE, Outcome

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


class Relay:
    """A TCP relay to the manager interface. ``cut`` ends all connections; while it is cut, new ones are refused.

    When ``cut_behind`` is set, the line breaks once, right behind the first chunk from the dialer that has these bytes.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self.cut_behind: bytes = b""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        if server is not None:
            await server.wait_closed()

    async def close(self) -> None:
        await self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError):
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers |= {writer, up_writer}
            try:
                await asyncio.gather(self._up(reader, up_writer), self._pump(up_reader, writer))
            finally:
                for each in (writer, up_writer):
                    each.close()
                    self._writers.discard(each)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
                if self.cut_behind and self.cut_behind in data:
                    self.cut_behind = b""
                    # In good order towards the PBX, so that what was written does arrive there.
                    writer.close()
                    break
        for each in list(self._writers):
            if each is not writer:
                each.transport.abort()
        writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


@dataclass
class RealBench:
    """See :class:`tests.contracts.pbx_contract.PbxBench`."""

    rig: Rig
    trunk: str
    relay: Relay
    pbx: Pbx
    tester: PhoneTester
    messages: list[PbxMessage] = field(default_factory=list)
    heard: list[PbxMessage] = field(default_factory=list)
    unknown_phone: str = "PJSIP/8999"
    agent_phone: str = ""
    dead_phone: str = ""
    declining_phone: str = ""
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

    async def cut_link(self) -> None:
        await self.relay.cut()

    async def restore_link(self) -> None:
        await self.relay.open()


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
async def real_bench(rig: Rig, trunk: str = "direct", **changes: float | str) -> AsyncIterator[RealBench]:
    """The adapter, logged in, its calls hung up at the end."""
    relay = Relay(rig.ami.port)
    await relay.open()
    messages: list[PbxMessage] = []
    pbx = AsteriskPbx(real_config(rig, relay.port, **changes), messages.append, SystemClock(), OFFICE)
    bench = RealBench(rig, trunk, relay, pbx, pbx, messages)
    bench.agent_phone, bench.dead_phone = rig.extensions[0], rig.dead_extension
    bench.declining_phone = rig.declining_extension
    bench.talk_s = rig.speed.talk_s
    pbx.hear_tests(bench.heard.append)
    await pbx.start()
    try:
        await bench.until(lambda: any(isinstance(each, LinkRestored) for each in messages))
        messages.clear()
        yield bench
    finally:
        await relay.open()
        await pbx.stop()
        await relay.close()
        async with rig.office.control() as ami:
            for row in await ami.listed("CoreShowChannels"):
                await ami.action("Hangup", Channel=row["Channel"])
        await rig.office.idle()
