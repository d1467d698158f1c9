"""An info platform over real HTTP that answers as a test tells it to, and remembers what it was sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    text: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: str = SECRET) -> object:
        """The JSON, after the reference library has checked the signature."""
        return Webhook(secret).verify(self.text, self.headers)


class Platform:
    """``answers`` are used up one by one; ``otherwise`` is the answer when there are none left."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: deque[Answer] = deque()
        self.otherwise: Answer = answer(200, '{"ok": true}')
        self.released = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)  # where it was before, if it was
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.port = port
        self.url = f"http://{host}:{port}/notices"

    async def stop(self) -> None:
        self.released.set()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def connections(self) -> list[web.RequestHandler]:
        """Those that are open."""
        return self._runner.server.connections if self._runner and self._runner.server else []

    @property
    def ids(self) -> list[str]:
        """The ids of the requests in the order in which they came."""
        return [request.id for request in self.received]

    async def hang(self, _request: web.Request) -> web.StreamResponse:
        """Take the request and say nothing until the test lets go."""
        await self.released.wait()
        return web.Response(text='{"ok": true}')

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.received.append(Received(request.path, dict(request.headers), await request.text()))
        chosen = self.answers.popleft() if self.answers else self.otherwise
        return await chosen(request)


def answer(status: int, text: str = "", **headers: str) -> Answer:
    """An answer that is always the same; ``Retry_After`` in ``headers`` becomes ``Retry-After``."""

    async def give(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return give


async def endless(request: web.Request) -> web.StreamResponse:
    """An answer of 500 that never ends."""
    response = web.StreamResponse(status=500)
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65536)
    except (ConnectionError, asyncio.CancelledError):
        return response


async def cut_off(request: web.Request) -> web.StreamResponse:
    """A connection that breaks before the answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
