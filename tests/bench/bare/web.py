"""The counterpart of figure 2 as a process: an HTTP request comes in, an Originate goes out, and that is all."""

from __future__ import annotations

import asyncio
import itertools

from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.client import BareClient, originate
from tests.bench.bare.process import given, listen
from tests.bench.ground import PHONE, RINGS_BRIEFLY, number

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


async def serve(access: AmiAccess) -> None:
    """Listen; the port is printed."""
    client = await BareClient.connected(access)
    numbers = itertools.count(1)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if b"ready" in body:
                who = int(head.partition(b"/agents/")[2].partition(b"/")[0])
                n = next(numbers)
                channel, phone = RINGS_BRIEFLY.format(number=number(n)), PHONE.format(number=8000 + who)
                client.send(originate(f"bare-web-{n}", channel, agent=phone)[1])
            writer.write(_ANSWER)

    await listen(one)


if __name__ == "__main__":
    asyncio.run(serve(given()[0]))
