"""The API without a service: for one command of this machine, in its own process and without a PBX."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from threading import Thread
from typing import Any, TypeVar

from dialer.app.http import services
from dialer.app.parts import offline
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import PbxSink
from dialer.errors import LinkDown
from dialer.settings import Settings
from dialer.web.kit.access.tokens import Caller
from dialer.web.private import PrivateServer

T = TypeVar("T")
Connect = Callable[[], socket.socket]
"""Opens one more connection to the API."""


@contextmanager
def served(settings: Settings, by: str) -> Iterator[Connect]:
    """Own the database, and answer what ``by`` asks over the connections that are opened.

    The loop runs in a thread, since the commands wait for each answer. Raises ``StoreError``; ``StoreOwned`` while a
    service or another command has the database.
    """
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="offline")
    thread.start()

    def do(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    stack = AsyncExitStack()
    try:
        server = do(stack.enter_async_context(_server(settings, by)))
        yield lambda: do(server.connect())
    finally:
        try:
            do(stack.aclose())
            do(loop.shutdown_default_executor())
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


@asynccontextmanager
async def _server(settings: Settings, by: str) -> AsyncIterator[PrivateServer]:
    async with offline(settings) as parts:
        server = PrivateServer(services(parts, _NoPhones()), Caller(by, "", kind="cli"))
        await server.start()
        try:
            yield server
        finally:
            await server.stop()


class _NoPhones:
    """Test calls without a PBX: there are none."""

    def hear_tests(self, sink: PbxSink) -> None:
        """There will be none."""

    async def phone(self, extension: str) -> PhoneState:
        """There is nobody to ask. Raises ``LinkDown``."""
        raise LinkDown(f"{extension} cannot be rung: only a running service has a link to the PBX")

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        """Never asked: what is known of a phone is asked first."""

    async def hang_up(self, attempt: str) -> None:
        """No phone is ringing."""
