"""An agent's page on a computer of its own, as the service hears it: what a page asks for and when, without drawing it.

As ``static/live.js`` and ``static/agent.js`` do: one stream of events; after each of the agent's own the fragment
``/pages/agent/now`` is fetched, 10 ms later, one fetch at a time and at least 40 ms apart; that and the strip above the
page once a minute besides. A page that is refused anything, or loses its stream, is no page: the measurement ends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from dialer.errors import DialerError

_SOON_S, _LEAST_S, _EVERY_S = 0.010, 0.040, 60.0
_NOW, _STRIP = "/pages/agent/now", "/pages/strip"


@asynccontextmanager
async def faraway(url: str, number: str, password: str) -> AsyncIterator[None]:
    """The page, open while inside. Raises ``DialerError`` when the sign-in is refused."""
    cookies, timeout = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(total=None, sock_connect=20)
    async with aiohttp.ClientSession(url, cookie_jar=cookies, timeout=timeout) as session:
        async with session.post("/sign-in", data={"number": number, "password": password}) as answer:
            await answer.read()
            if answer.status != 200 or not answer.url.path.endswith("/agent"):
                raise DialerError(f"{number} cannot sign in: {answer.status} at {answer.url.path}")
        due = asyncio.Event()
        tasks = [
            asyncio.create_task(work)
            for work in (_listen(session, number, due), _fetch_when_due(session, due), _fetch_by_the_clock(session))
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()  # one that has ended by itself has an error to tell
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task


async def _listen(session: aiohttp.ClientSession, number: str, due: asyncio.Event) -> None:
    name = ""
    async with session.get("/api/v1/events") as stream:
        _accepted(stream)
        async for raw in stream.content:
            field, _, value = raw.decode().rstrip().partition(": ")
            if field == "event":
                name = value
            elif field == "data" and _mine(name, value, number):
                due.set()
    raise DialerError(f"the stream of {number} has ended")


def _mine(name: str, data: str, number: str) -> bool:
    match name:
        case "visit" | "order":
            return True
        case "agent":
            return bool(json.loads(data)["number"] == number)
        case "attempt":
            return bool(json.loads(data)["agent"] == number)
    return False


async def _fetch_when_due(session: aiohttp.ClientSession, due: asyncio.Event) -> None:
    while True:
        await due.wait()
        await asyncio.sleep(_SOON_S)
        due.clear()
        await _fetch(session, _NOW)
        await asyncio.sleep(_LEAST_S)


async def _fetch_by_the_clock(session: aiohttp.ClientSession) -> None:
    while True:
        await asyncio.sleep(_EVERY_S)
        await _fetch(session, _NOW)
        await _fetch(session, _STRIP)


async def _fetch(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path, headers={"Dialer-Fragment": "1"}) as answer:
        _accepted(answer)
        await answer.read()


def _accepted(answer: aiohttp.ClientResponse) -> None:
    if answer.status != 200:
        raise DialerError(f"{answer.url.path} is answered by {answer.status}")
