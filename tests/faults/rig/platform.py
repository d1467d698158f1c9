"""An info platform over real HTTP that can be slow, talk nonsense, redirect, take without acknowledging, and die."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from enum import StrEnum
from urllib.parse import unquote

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # noqa: S105 - of a platform that is gone in an hour


class Mood(StrEnum):
    """How the platform answers."""

    WELL = "well"
    SLOW = "slow"  # longer than anybody waits
    GARBAGE = "garbage"  # not HTTP
    REDIRECTS = "redirects"
    SILENT = "silent"  # 200, but not the acknowledgement that was asked for
    BROKEN = "broken"  # 500


_ANSWERS = {
    Mood.WELL: ("200 OK", '{"ok": true}', ""),
    Mood.REDIRECTS: ("302 Found", "", "Location: http://127.0.0.1:9/elsewhere\r\n"),
    Mood.SILENT: ("200 OK", "<html>thank you</html>", ""),
    Mood.BROKEN: ("500 Internal Server Error", "{}", ""),
}


class Platform:
    """Takes notices at :attr:`url`; ``acknowledged`` counts for each id how often it said yes."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.acknowledged: dict[str, int] = {}
        self.requests = 0
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def url(self) -> str:
        """Where notices go, also while it is dead."""
        return f"http://127.0.0.1:{self._port}/notices"

    async def start(self) -> None:
        """Come up, always on the same port."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """As by kill -9: every connection is reset, new ones are refused. What it has acknowledged it remembers."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in self._open.values():
            writer.transport.abort()
        for task in list(self._open):
            task.cancel()
        if self._open:
            await asyncio.wait(set(self._open), timeout=2)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while await self._answer(reader, writer):
                    pass
        except asyncio.CancelledError:
            if self._server is not None:  # not by our own death
                raise
        finally:
            del self._open[task]
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        await reader.readexactly(int(fields.get("content-length", "0")))
        self.requests += 1
        mood = self.mood
        if mood is Mood.SLOW:
            await asyncio.sleep(60)
            return False
        if mood is Mood.GARBAGE:
            writer.write(b"\x00\xff\r\nSIP/2.0 200 Gar\xfcbage\r\n\r\n" * 3)
            await writer.drain()
            return False
        status, body, extra = _ANSWERS[mood]
        if mood is Mood.WELL:
            name = unquote(_header(head, "webhook-id"))
            self.acknowledged[name] = self.acknowledged.get(name, 0) + 1
        writer.write(f"HTTP/1.1 {status}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        return True


def _header(head: str, name: str) -> str:
    """A header's value as it was written; its name in any case."""
    for line in head.split("\r\n")[1:]:
        found, _, value = line.partition(": ")
        if found.lower() == name:
            return value
    return ""


@contextlib.asynccontextmanager
async def a_platform() -> AsyncIterator[Platform]:
    """One that is well."""
    platform = Platform()
    await platform.start()
    try:
        yield platform
    finally:
        await platform.die()
