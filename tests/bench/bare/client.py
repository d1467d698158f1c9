"""The bare counterpart: one asyncio connection to the manager interface, no books, no rules, nothing checked twice.

It places the calls that the dialer would place (with ``journal`` also the PBX's own work for the dialer: the hangup
handler that writes the journal) and keeps a fixed number of them in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.ami.pbxconfig import connect_context, handler_variable
from dialer.demo.rig.rig import AmiAccess

_END = b"\r\n\r\n"


@dataclass(slots=True)
class BareClient(asyncio.Protocol):
    """Logs in when connected; ``heard`` gets every message as bytes."""

    access: AmiAccess
    heard: Callable[[bytes], None] = lambda _: None
    transport: asyncio.Transport | None = None
    _rest: bytes = b""
    _in: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def connected(cls, access: AmiAccess) -> BareClient:
        """A client that has logged in. Raises ``TimeoutError`` and ``OSError``."""
        client = cls(access)
        await asyncio.get_running_loop().create_connection(lambda: client, access.host, access.port)
        client.send(f"Action: Login\r\nUsername: {access.username}\r\nSecret: {access.secret}\r\n\r\n")
        async with asyncio.timeout(10):
            await client._in.wait()
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        *messages, self._rest = (self._rest + data).split(_END)
        for message in messages:
            if not self._in.is_set() and b"Authentication accepted" in message:
                self._in.set()
            self.heard(message)

    def send(self, actions: str) -> None:
        """Put actions on the wire."""
        assert self.transport is not None
        self.transport.write(actions.encode())

    def close(self) -> None:
        """End the connection."""
        if self.transport is not None:
            self.transport.close()


def originate(
    name: str, channel: str, *, agent: str = "Local/8001@bench-phone/n", prefix: str = "dialer", journal: bool = True
) -> tuple[str, str]:
    """One call's id, which begins with ``name``, and its Originate, as the dialer words it for this agent's phone.

    ``journal``: with the PBX's own work for the dialer.
    """
    call = f"{name}-{time.time_ns():x}"
    lines = ["Action: Originate", f"ActionID: {call}", f"ChannelId: {call}", f"Channel: {channel}"]
    lines += [f"Context: {connect_context(prefix)}", "Exten: s", "Priority: 1", "Timeout: 45000", "Async: true"]
    lines += [f"Variable: DIALER_AGENT={agent}", "Variable: DIALER_AGENT_TIMEOUT=20"]
    lines += [f"Variable: {handler_variable(prefix)}"] if journal else []
    return call, "\r\n".join(lines) + "\r\n\r\n"


@dataclass(slots=True)
class Round:
    """Places calls with at most ``in_flight`` at once. One is over when it was responded to and has hung up."""

    client: BareClient
    actions: list[tuple[str, str]]  # (call, Originate)
    in_flight: int
    _next: int = 0
    _signs: dict[str, int] = field(default_factory=dict)
    _over: int = 0
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, timeout_s: float = 120) -> float:
        """Seconds from the first Originate to the last end. Raises ``TimeoutError``."""
        self.client.heard = self._heard
        began = time.perf_counter()
        for _ in range(min(self.in_flight, len(self.actions))):
            self._place()
        async with asyncio.timeout(timeout_s):
            await self._done.wait()
        return time.perf_counter() - began

    def _place(self) -> None:
        if self._next < len(self.actions):
            call, action = self.actions[self._next]
            self._next += 1
            self._signs[call] = 0
            self.client.send(action)

    def _heard(self, message: bytes) -> None:
        if message.startswith(b"Event: Hangup\r\n"):
            key = b"\r\nUniqueid: "
        elif message.startswith(b"Event: OriginateResponse\r\n"):
            key = b"\r\nActionID: "
        else:
            return
        begin = message.find(key) + len(key)
        end = message.find(b"\r\n", begin)
        call = message[begin : end if end >= 0 else None].decode()
        if call not in self._signs:
            return
        self._signs[call] += 1
        if self._signs[call] == 2:
            del self._signs[call]
            self._over += 1
            self._place()
            if self._over == len(self.actions):
                self._done.set()
