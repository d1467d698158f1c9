"""Letting go of clients that take nothing: neither aiohttp nor the system ever gives up on one that is only slow."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable

import structlog

log = structlog.get_logger(__name__)

_AT_ONCE = struct.pack("ii", 1, 0)
_LOOKS = 4
"""How often it is looked in the time that a client has."""
_FOR_ALL = 10
"""Times that time is what a client has to take everything that waits for it, if only drop by drop."""


class Patience:
    """Remembers since when each connection has had something waiting that its client does not take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[asyncio.Transport, tuple[int, float, float]] = {}  # bytes, since, since there are any

    def look(self, transports: Iterable[asyncio.Transport], now: float) -> list[asyncio.Transport]:
        """The connections to be cut: nothing was taken for so long, or not all for ten times as long."""
        seen: dict[asyncio.Transport, tuple[int, float, float]] = {}
        late = []
        for transport in transports:
            size = transport.get_write_buffer_size()
            if not size:
                continue
            before, since, began = self._waiting.get(transport, (size, now, now))
            if size < before:
                since = now
            seen[transport] = (size, since, began)
            if now - since >= self._seconds or now - began >= _FOR_ALL * self._seconds:
                late.append(transport)
        self._waiting = seen
        return late


async def cut_off_the_slow(connections: Callable[[], Iterable[object]], seconds: float) -> None:
    """Look after the connections (aiohttp's request handlers) for ever."""
    patience, loop = Patience(seconds), asyncio.get_running_loop()
    while True:
        await asyncio.sleep(seconds / _LOOKS)
        transports = [getattr(each, "transport", None) for each in connections()]
        for transport in patience.look([each for each in transports if each is not None], loop.time()):
            log.info("a client takes nothing; let go", action="web.client_slow")
            # Without this the system would go on offering what it still has to a client that does not take it.
            if (sock := transport.get_extra_info("socket")) is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            transport.abort()
