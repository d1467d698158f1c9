"""Clients that send or take as little as they can: others are answered all the while, and the slow one is dropped.

Slow bodies, a head that stops and streams that fall behind are in tests/web/kit/test_errors.py and test_events.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dialer.campaign.messages import SetAlarm
from dialer.web.kit.config import WebConfig
from tests.web.system import System, open_system

PATIENCE = WebConfig(idle_s=0.5, write_s=0.5, heartbeat_s=0.1, event_backlog=200)
LONG = "x" * 2000
_ESTABLISHED = 1
"""A TCP connection that both sides take for open."""


@asynccontextmanager
async def stuck(port: int, request: str) -> AsyncIterator[socket.socket]:
    """A client that asks for something and takes nothing, with as little room for it as the system grants."""
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", port))
        await loop.sock_sendall(client, request.encode())
        yield client


async def gone(client: socket.socket) -> int:
    """Take everything until the other side ends it; how much that was."""
    loop, taken = asyncio.get_running_loop(), 0
    with contextlib.suppress(ConnectionError):
        while data := await loop.sock_recv(client, 1 << 16):
            taken += len(data)
    return taken


def is_open(client: socket.socket) -> bool:
    """Whether the service still holds its side, as the system sees it: a client that takes nothing sees no end."""
    try:
        mine, theirs = client.getsockname()[1], client.getpeername()[1]
    except OSError:  # cut off
        return False
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        if local.endswith(f":{theirs:04X}") and remote.endswith(f":{mine:04X}"):
            return int(state, 16) == _ESTABLISHED
    return False


async def dropped(client: socket.socket) -> None:
    """Wait until the other side has let go, without taking anything."""
    async with asyncio.timeout(90):
        while is_open(client):  # noqa: ASYNC110 - the system has no event for it
            await asyncio.sleep(0.02)


async def answered(system: System) -> None:
    """Somebody else gets an answer."""
    async with asyncio.timeout(60):
        assert (await system.ask("GET", "/health/live", token=None))["status"] == "alive"


async def test_a_stream_that_nobody_reads(folder: Path) -> None:
    """A screen that takes no event is let go; what waits for it is bounded, and others hear everything."""
    async with open_system(folder, conf=PATIENCE) as system:
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {system.tokens['read']}\r\n\r\n"
        async with stuck(system.port, head) as client:
            async with asyncio.timeout(135):
                for number in itertools.count():  # how much the system takes for a client differs
                    system.engine.post(SetAlarm(by="test", key=f"a{number}", text=LONG))
                    if number % 100 == 0:
                        await answered(system)
                        if not is_open(client):
                            break
            assert await gone(client) < 5_000_000  # what the system had taken already
        await answered(system)


async def test_an_answer_that_nobody_takes(folder: Path) -> None:
    """Whoever asks for long answers and takes nothing of them is dropped, also without a token."""
    async with open_system(folder, conf=PATIENCE) as system, contextlib.AsyncExitStack() as clients:
        ask = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 40
        stuck_ones = [await clients.enter_async_context(stuck(system.port, ask)) for _ in range(20)]
        await answered(system)
        for client in stuck_ones:
            await dropped(client)
        await answered(system)


async def test_many_heads_that_never_end(folder: Path) -> None:
    """Two hundred connections that send a byte now and then: others are answered, and each is closed in time."""
    async with open_system(folder, conf=PATIENCE) as system:
        opened = [await asyncio.open_connection("127.0.0.1", system.port) for _ in range(200)]

        async def drip(writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                writer.write(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                while not writer.transport.is_closing():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.1)

        dripping = [asyncio.create_task(drip(writer)) for _, writer in opened]
        await answered(system)
        async with asyncio.timeout(90):
            for reader, _ in opened:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        for _, writer in opened:
            writer.transport.abort()
        await asyncio.gather(*dripping)
        await answered(system)
