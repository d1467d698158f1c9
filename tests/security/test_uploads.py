"""Uploads of a gigabyte are refused early: little of them is read, and none of it is kept.

Sizes just over the limits are in tests/web/kit/test_errors.py, the command line in test_workbooks.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from tests.web.system import System

GB = 1 << 30
PIECE = b"x" * (1 << 18)
MOST_READ = 256 << 20
"""Beyond the 32 MiB that a list may have, the server reads on for a second so that the client can read its answer."""


STATUS = Path("/proc/self/status")


def from_now_on() -> None:
    """Let the most that this process has used be what it uses now (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def memory(what: str) -> int:
    """What this process, with the server in it, uses now ("VmRSS") or has used at the most ("VmHWM"), in MiB."""
    kib = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{what}:"))
    return int(kib.split()[1]) >> 10


async def send(system: System, head: str, pieces: bytes = PIECE) -> tuple[bytes, int]:
    """Send a head and up to a gigabyte; what was answered, and how much was taken before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(f"{head}Host: x\r\nAuthorization: Bearer {system.tokens['all']}\r\n\r\n".encode())
    answered, sent = asyncio.create_task(reader.read(1 << 16)), 0
    with contextlib.suppress(ConnectionError):
        while sent < GB and not (answered.done() and writer.is_closing()):
            writer.write(pieces)
            await asyncio.wait_for(writer.drain(), 90)
            sent += len(pieces)
            if answered.done():
                break
    with contextlib.suppress(ConnectionError):
        answer = await asyncio.wait_for(answered, 90)
    writer.transport.abort()
    return answer, sent


CHUNK = b"%x\r\n%s\r\n" % (len(PIECE), PIECE)
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + PIECE + b"\r\n"
FORM = "Content-Type: multipart/form-data; boundary=x\r\n"


UPLOADS = (
    (f"POST /api/v1/visits HTTP/1.1\r\nContent-Length: {GB}\r\n", PIECE),
    ("POST /api/v1/visits HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", CHUNK),
    (f"POST /api/v1/visits HTTP/1.1\r\n{FORM}Content-Length: {GB}\r\n", b"--x\r\n" + b"A: b\r\n" * 40_000),
    (f"POST /api/v1/visits HTTP/1.1\r\n{FORM}Content-Length: {GB}\r\n", PART),
    (f"POST /api/v1/agents/import HTTP/1.1\r\nContent-Length: {GB}\r\n", PIECE),
    (f"POST /api/v1/campaign/pause HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {GB}\r\n", PIECE),
    (f"POST /sign-in HTTP/1.1\r\n{FORM}Content-Length: {GB}\r\n", PIECE),
    (
        f"POST /sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {GB}\r\n",
        b"a=" + PIECE,
    ),
)


@pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")  # aiohttp's own multipart reader uses it
async def test_a_gigabyte_is_refused(system: System) -> None:
    """As a body, in pieces, as a form: 4xx long before the end, the memory hardly grows, and others are answered."""
    for head, pieces in UPLOADS:
        from_now_on()
        before = memory("VmRSS")
        (answer, sent), alive = await asyncio.gather(
            send(system, head, pieces), system.ask("GET", "/health/live", token=None)
        )
        assert answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400", b"HTTP/1.1 422")), (head, answer[:200])
        assert b"xxxxxxxx" not in answer
        assert sent < MOST_READ, head
        assert alive["status"] == "alive"
        assert memory("VmHWM") - before < 200, head
