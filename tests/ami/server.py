"""A manager interface that plays what a test wants: real sockets, made-up bytes, cuts at any place."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dialer.ami.config import AmiConfig
from dialer.ami.pbx import AsteriskPbx
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, PbxMessage

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
BOOTED = {"Event": "FullyBooted", "Privilege": "system,all", "Uptime": "5", "Status": "Fully Booted"}
ATTEMPT = "t1-7-1-abc"
T0 = 1795294363.670982
"""Epoch seconds of the made-up events, as Asterisk writes them into ``Timestamp``."""

Headers = dict[str, str]
Answerer = Callable[["Connection", Headers], Awaitable[None] | None]


def wire(*messages: Headers) -> bytes:
    """Messages as Asterisk sends them."""
    return "".join("".join(f"{k}: {v}\r\n" for k, v in each.items()) + "\r\n" for each in messages).encode()


@dataclass
class Connection:
    """One client at the scripted PBX."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    got: list[Headers] = field(default_factory=list)

    def send(self, *messages: Headers) -> None:
        self.writer.write(wire(*messages))

    def answer(self, action: Headers, **headers: str) -> None:
        self.send({"Response": "Success", "ActionID": action["ActionID"], **headers})

    def refuse(self, action: Headers, message: str) -> None:
        self.answer(action, Response="Error", Message=message)

    def list(self, action: Headers, event: str, rows: Iterable[Headers] = ()) -> None:
        """An answer that is a list of events, as CoreShowChannels and DBGetTree give."""
        actor = {"ActionID": action["ActionID"]}
        self.answer(action, EventList="start", Message="Result will follow")
        self.send(*({"Event": event, **actor, **row} for row in rows))
        self.send({"Event": f"{event.removesuffix('Response')}sComplete", **actor, "EventList": "Complete"})

    def cut(self) -> None:
        self.writer.transport.abort()


class ScriptedPbx:
    """Listens on a port of its own. ``answers`` by action name replace what it does by itself; None: stay silent."""

    def __init__(self) -> None:
        self.answers: dict[str, Answerer | None] = {}
        self.channels: list[Headers] = []
        self.journal: dict[str, str] = {}
        self.connections: list[Connection] = []
        self.actions: list[Headers] = []
        self.raw = b""
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for connection in self.connections:
                connection.cut()
            await self._server.wait_closed()
            self._server = None

    @property
    def last(self) -> Connection:
        return self.connections[-1]

    def named(self, name: str) -> list[Headers]:
        """The actions of this name that have come in, over all connections."""
        return [action for action in self.actions if action["Action"] == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        self.connections.append(connection)
        writer.write(GREETING)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                self.raw += raw
                lines = raw.decode().rstrip("\r\n").split("\r\n")
                action: Headers = {}
                for line in lines:
                    name, _, value = line.partition(": ")
                    action[name] = f"{action[name]}\n{value}" if name in action else value
                connection.got.append(action)
                self.actions.append(action)
                await self._answer(connection, action)
        writer.close()

    async def _answer(self, to: Connection, action: Headers) -> None:
        name = action["Action"]
        if name in self.answers:
            answerer = self.answers[name]
            if answerer is not None:
                waiting = answerer(to, action)
                if waiting is not None:
                    await waiting
            return
        match name:
            case "Login":
                to.answer(action, Message="Authentication accepted")
                to.send(BOOTED)
            case "CoreShowChannels":
                to.list(action, "CoreShowChannel", self.channels)
            case "DBGetTree" if not self.journal:
                to.refuse(action, "Database entry not found")
            case "DBGetTree":
                rows = ({"Key": f"/dialer/{key}", "Val": value} for key, value in self.journal.items())
                to.list(action, "DBGetTreeResponse", rows)
            case "CoreStatus":
                to.answer(action, CoreStartupDate="2026-11-21", CoreStartupTime="20:51:00")
            case "Getvar":
                to.answer(action, Variable=action["Variable"], Value="+0800")
            case "Ping":
                to.answer(action, Ping="Pong")
            case "Originate":
                to.answer(action, Message="Originate successfully queued")
            case _:
                to.answer(action)


class FixedClock:
    """Always the same moment, an hour after the made-up events."""

    at = datetime.fromtimestamp(T0 + 3600, UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Bench:
    """An :class:`AsteriskPbx` at a scripted PBX, and what it told."""

    pbx: AsteriskPbx
    server: ScriptedPbx
    messages: list[PbxMessage]

    async def until(self, condition: Callable[[], object], timeout: float = 20.0) -> None:
        """Wait for ``condition``; fail with what has come so far."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, f"waited in vain; so far: {self.messages}"
            await asyncio.sleep(0.005)

    async def up(self, times: int = 1) -> None:
        await self.until(lambda: self.told(LinkRestored) >= times and self.pbx.status.state == "up")

    def told(self, kind: type[PbxMessage]) -> int:
        return sum(isinstance(each, kind) for each in self.messages)

    def events(self) -> list[CallEvent]:
        return [each for each in self.messages if isinstance(each, CallEvent)]

    def progress(self) -> list[CallProgress]:
        return [each.progress for each in self.events()]

    def losses(self) -> list[LinkLost]:
        return [each for each in self.messages if isinstance(each, LinkLost)]

    def looks(self) -> list[LinkRestored]:
        return [each for each in self.messages if isinstance(each, LinkRestored)]


def config_for(server: ScriptedPbx, **changes: float) -> AmiConfig:
    """Impatient, so that tests are quick."""
    waits: dict[str, float] = {
        "reconnect_first_s": 0.02,
        "refused_first_s": 0.02,
        "reconnect_max_s": 0.2,
        "boot_wait_s": 0.2,
        "ping_interval_s": 0.1,
        "ping_timeout_s": 0.2,
        "login_timeout_s": 0.3,
        "answer_timeout_s": 0.3,
        "trunk_leg_wait_s": 0.1,
    }
    return AmiConfig(secret="s3cret-s3cret", port=server.port, **(waits | changes))


@contextlib.asynccontextmanager
async def bench(start: bool = True, **changes: float) -> AsyncIterator[Bench]:
    """A started link to a scripted PBX, up unless ``start`` is False."""
    server = ScriptedPbx()
    await server.listen()
    messages: list[PbxMessage] = []
    pbx = AsteriskPbx(config_for(server, **changes), messages.append, FixedClock())
    made = Bench(pbx, server, messages)
    try:
        if start:
            await pbx.start()
            await made.up()
        yield made
    finally:
        await pbx.stop()
        await server.close()


def order(attempt: str = ATTEMPT, **changes: str | float) -> Place:
    """A call to a customer."""
    fields: dict[str, str | float] = {
        "attempt": attempt,
        "channel": "PJSIP/13904700001@trunk",
        "agent": "PJSIP/8001",
        "timeout_s": 30.0,
        "agent_timeout_s": 15.0,
        "caller_id": '"订单部" <62880000>',
    }
    return Place(**(fields | changes))  # type: ignore[arg-type]  # fields by name, or a stand-in
