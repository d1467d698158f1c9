"""The counterpart of figure 9 as a process: an answer is passed on to the next of the open pages, and that is all."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys

from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.client import BareClient

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
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(AmiAccess(sys.argv[1], int(sys.argv[2]), sys.argv[3], os.environ["BARE_SECRET"])))
