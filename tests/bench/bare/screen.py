"""The counterpart of figure 9 as a process: an answer is passed on to the next of the open pages, and that is all."""

from __future__ import annotations

import asyncio
import itertools

from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.client import BareClient
from tests.bench.bare.process import given, listen

_ANSWERED = b"\r\nUserEvent: DialerAnswered"
_STAMP = b"\r\nTimestamp: "
_ID = b"\r\nAttempt: "
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


async def serve(access: AmiAccess) -> None:
    """Listen; the port is printed."""
    streams: list[asyncio.StreamWriter] = []
    turn = itertools.count()

    def heard(message: bytes) -> None:
        if _ANSWERED in message and streams:
            at, call = (message.partition(key)[2].partition(b"\r\n")[0] for key in (_STAMP, _ID))
            streams[next(turn) % len(streams)].write(b"data: %s %s\n\n" % (at, call))

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            if head.startswith(b"GET /events "):
                writer.write(_STREAM)
                streams.append(writer)
            else:
                writer.write(_PAGE)

    client = await BareClient.connected(access)
    client.heard = heard
    await listen(one)


if __name__ == "__main__":
    asyncio.run(serve(given()[0]))
