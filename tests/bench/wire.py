"""A stretch of wire between the dialer and the PBX: passes everything on, and notes when an Originate comes by."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dialer.demo.rig.rig import AmiAccess

_ORIGINATE = b"Action: Originate\r\n"


@dataclass(slots=True)
class Wire:
    """``on_originate`` gets the agent's dial string and ``time.time()`` of each Originate, before it is passed on."""

    port: int = 0
    on_originate: Callable[[str, float], None] = lambda _agent, _at: None
    _open: set[asyncio.Transport] = field(default_factory=set)


class _Side(asyncio.Protocol):
    """One side of one connection."""

    def __init__(self, wire: Wire, *, from_dialer: bool) -> None:
        self.wire = wire
        self.from_dialer = from_dialer
        self.transport: asyncio.Transport | None = None
        self.other: _Side | None = None
        self._early = b""
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.wire._open.add(transport)
        transport.write(self._early)

    def send(self, data: bytes) -> None:
        """Pass data on, now or when the connection is there."""
        if self.transport is None:
            self._early += data
        else:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self.from_dialer:
            self._look(data)
        assert self.other is not None
        self.other.send(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        if self.transport is not None:
            self.wire._open.discard(self.transport)
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()

    def _look(self, data: bytes) -> None:
        at = time.time()
        *actions, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for action in actions:
            if action.startswith(_ORIGINATE):
                agent = action.partition(b"DIALER_AGENT=")[2].partition(b"\r\n")[0]
                self.wire.on_originate(agent.decode(), at)


@asynccontextmanager
async def wire_to(ami: AmiAccess) -> AsyncIterator[Wire]:
    """A wire to that PBX, with a port of its own."""
    loop = asyncio.get_running_loop()
    wire = Wire()
    dials: set[asyncio.Task[object]] = set()

    def accept() -> _Side:
        near, far = _Side(wire, from_dialer=True), _Side(wire, from_dialer=False)
        near.other, far.other = far, near
        dial = loop.create_task(loop.create_connection(lambda: far, ami.host, ami.port), name="wire")
        dials.add(dial)
        dial.add_done_callback(dials.discard)
        return near

    server = await loop.create_server(accept, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for transport in list(wire._open):
            transport.abort()
