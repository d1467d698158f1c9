"""Letting go of clients that take nothing: neither aiohttp nor the system ever gives up on one that is only slow."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

_AT_ONCE = struct.pack("ii", 1, 0)
_LOOKS = 4
"""How often it is looked in the time that a client has."""
_FOR_ALL = 10
"""Times that time is what a client has to take everything that waits for it, or much, and not only drop by drop."""
_MUCH = 1 << 20
_ACKED_AT = 120
"""Where Linux has tcpi_bytes_acked in its struct tcp_info."""


@dataclass(slots=True)
class _Waiting:
    """What waits for a client: bytes, what it has taken in all, since when it takes nothing, and since when of what."""

    size: int
    taken: int | None
    since: float
    began: float
    began_with: int


class Patience:
    """Remembers since when each connection has had something waiting that its client does not take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[asyncio.Transport, _Waiting] = {}

    def look(self, transports: Iterable[asyncio.Transport], now: float) -> list[asyncio.Transport]:
        """The connections to be cut: nothing was taken for so long, or in ten times as long neither all nor much.

        How much waits does not tell: of a long file there is always more, however fast the client is.
        """
        seen: dict[asyncio.Transport, _Waiting] = {}
        late = []
        for transport in transports:
            size = transport.get_write_buffer_size()
            if not size:
                continue
            taken = _taken(transport)
            it = self._waiting.get(transport) or _Waiting(size, taken, now, now, taken or 0)
            if size < it.size if taken is None or it.taken is None else taken > it.taken:
                it.since = now
            if taken is not None and taken - it.began_with >= _MUCH:
                it.began, it.began_with = now, taken
            it.size, it.taken = size, taken
            seen[transport] = it
            if now - it.since >= self._seconds or now - it.began >= _FOR_ALL * self._seconds:
                late.append(transport)
        self._waiting = seen
        return late


def _taken(transport: asyncio.Transport) -> int | None:
    """How many bytes the client's system has acknowledged since it connected; None where nobody can say."""
    sock = transport.get_extra_info("socket")
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED_AT + 8)
    except (AttributeError, OSError):  # no socket, none of TCP, or one that is closed
        return None
    return int(struct.unpack_from("Q", info, _ACKED_AT)[0]) if len(info) >= _ACKED_AT + 8 else None


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
                with suppress(OSError):  # closed meanwhile
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            transport.abort()
