"""The counterpart of figure 2 as a process: an HTTP request comes in, an Originate goes out, and that is all."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time

from dialer.ami.pbxconfig import connect_context, handler_variable
from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.client import BareClient, originate
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
                variables = (f"DIALER_AGENT={PHONE.format(number=8000 + who)}", "DIALER_AGENT_TIMEOUT=20")
                channel = RINGS_BRIEFLY.format(number=number(n))
                call = f"bare-web-{n}-{time.time_ns():x}"
                client.send(originate(call, channel, connect_context(), handler_variable(), variables))
            writer.write(_ANSWER)

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(AmiAccess(sys.argv[1], int(sys.argv[2]), sys.argv[3], os.environ["BARE_SECRET"])))
