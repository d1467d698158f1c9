"""A client that leaves ends its work: what nobody waits for holds no reader of the database and no core.

The server cancels a handler whose connection is gone. Reading may stop anywhere; what changes something goes on to its
end, as if the answer had been lost on the way.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

T = TypeVar("T")

_READING = (hdrs.METH_GET, hdrs.METH_HEAD)


def finish_changes(app: web.Application, wait_s: float) -> None:
    """Let requests that change something come to their end, whether their clients stay or not.

    When the server stops they have ``wait_s`` for it.
    """
    under_way: set[asyncio.Task[web.StreamResponse]] = set()

    @web.middleware
    async def to_the_end(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method in _READING:
            return await handler(request)

        async def change() -> web.StreamResponse:
            return await handler(request)

        task = asyncio.create_task(change(), name="web-change")
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return await asyncio.shield(task)

    async def wait(_app: web.Application) -> None:
        if under_way:
            await asyncio.wait(under_way, timeout=wait_s)

    app.middlewares.insert(0, to_the_end)
    app.on_cleanup.append(wait)


async def aside(work: Callable[[Callable[[], bool]], T]) -> T:
    """Run blocking ``work`` in a thread; its argument says whether nobody waits for it any more."""
    left = threading.Event()
    try:
        return await asyncio.to_thread(work, left.is_set)
    finally:
        left.set()
