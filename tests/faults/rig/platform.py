"""An info platform that can be slow, talk nonsense, redirect, take without acknowledging, and die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from urllib.parse import unquote

from aiohttp import web

from tests.notices.platform import Platform, answer


class Mood(StrEnum):
    """How the platform answers."""

    WELL = "well"
    SLOW = "slow"  # longer than anybody waits
    GARBAGE = "garbage"  # not HTTP
    REDIRECTS = "redirects"
    SILENT = "silent"  # 200, but not the acknowledgement that was asked for
    BROKEN = "broken"  # 500


_ANSWERS = {
    Mood.WELL: answer(200, '{"ok": true}'),
    Mood.REDIRECTS: answer(302, Location="http://127.0.0.1:9/elsewhere"),
    Mood.SILENT: answer(200, "<html>thank you</html>"),
    Mood.BROKEN: answer(500, "{}"),
}


class MoodyPlatform(Platform):
    """``acknowledged`` counts for each id how often it said yes."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = Mood.WELL
        self.acknowledged: dict[str, int] = {}
        self.otherwise = self._answer

    async def die(self) -> None:
        """As by kill -9: every connection is reset, new ones are refused. What it has acknowledged it remembers."""
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.mood is Mood.SLOW:
            await asyncio.sleep(60)
        elif self.mood is Mood.GARBAGE:
            assert request.transport is not None
            request.transport.write(b"\x00\xff\r\nSIP/2.0 200 Gar\xfcbage\r\n\r\n" * 3)
            request.transport.close()
        elif self.mood is Mood.WELL:
            name = unquote(request.headers["webhook-id"])
            self.acknowledged[name] = self.acknowledged.get(name, 0) + 1
        return await _ANSWERS.get(self.mood, _ANSWERS[Mood.BROKEN])(request)


@asynccontextmanager
async def a_platform() -> AsyncIterator[MoodyPlatform]:
    """One that is well."""
    platform = MoodyPlatform()
    await platform.start()
    try:
        yield platform
    finally:
        await platform.die()
