"""Waiting for what happens elsewhere, where nobody sends an event."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def until(
    condition: Callable[[], Awaitable[object]] | Callable[[], object],
    what: str = "what was waited for",
    timeout_s: float = 90.0,
    every_s: float = 0.02,
) -> None:
    """Wait until ``condition`` holds, which may be a coroutine function. Raises ``TimeoutError`` that says ``what``."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                holds = condition()
                if await holds if inspect.isawaitable(holds) else holds:
                    return
                await asyncio.sleep(every_s)
    except TimeoutError:
        raise TimeoutError(f"{what}: not within {timeout_s:g} s") from None
