"""Sound over RTP (RFC 3550) as A-law in packets of 20 ms."""

from __future__ import annotations

import asyncio
import secrets
import struct
import time
from typing import cast

from tests.kit.sip import tones

_PACKET_S = 0.02
_SAMPLES = 160
_PACKETS = 50
"""A second."""
_LATE_S = 1.5
_ALAW = 8


class Voice(asyncio.DatagramProtocol):
    """One side's sound in one call. ``speak`` begins; ``restart`` goes on as another media server would.

    The nth second since ``speak`` has the tone ``tones.hertz(side, n)``. ``received`` counts the packets that came.
    """

    def __init__(self, side: tones.Side) -> None:
        self.side = side
        self.peer: tuple[str, int] | None = None
        self.received = 0
        self.sent = 0
        """Packets of 20 ms since ``speak``."""
        self.late: set[int] = set()
        """Seconds that took half as long again, since the machine had other work: no PBX has them whole."""
        self._sequence = secrets.randbelow(20_000) + 25_000
        self._timestamp = secrets.randbelow(1 << 30)
        self._ssrc = secrets.randbits(31)
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._mute = False

    @classmethod
    async def open(cls, side: tones.Side) -> Voice:
        """A voice with a port of its own."""
        _, voice = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(side), local_addr=("127.0.0.1", 0)
        )
        return voice

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 - asyncio's signature
        """Count what comes."""
        self.received += 1

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    @property
    def seconds(self) -> int:
        """Whole seconds that were spoken."""
        return int(self.sent * _PACKET_S)

    def speak(self) -> None:
        """Begin to send, until ``close``."""
        if self._task is None:
            self._task = asyncio.create_task(self._send(), name=f"voice of the {self.side}")

    def restart(self, *, sequence: int = 0, new_ssrc: bool = False) -> None:
        """Go on with sequence numbers that much higher or lower, and as another source if wanted."""
        self._sequence += sequence
        if new_ssrc:
            self._ssrc, self._timestamp = secrets.randbits(31), secrets.randbelow(1 << 30)

    def hush(self, quiet: bool) -> None:
        """Send nothing for a while (on hold), or go on; the seconds are counted all the same."""
        self._mute = quiet

    def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()

    async def _send(self) -> None:
        assert self._transport is not None
        begun = time.monotonic()
        while True:
            if self.peer is not None and not self._mute:
                head = struct.pack(
                    "!BBHII", 0x80, _ALAW, self._sequence & 0xFFFF, self._timestamp & 0xFFFFFFFF, self._ssrc
                )
                self._transport.sendto(head + tones.packet(tones.hertz(self.side, self.seconds)), self.peer)
            self._sequence += 1
            self._timestamp += _SAMPLES
            self.sent += 1
            if self.sent % _PACKETS == 0:
                if time.monotonic() - begun > _LATE_S:
                    self.late.add(self.sent // _PACKETS - 1)
                begun = time.monotonic()
            # A late sender does not catch up: of packets that come at once the PBX would drop some.
            await asyncio.sleep(_PACKET_S)
