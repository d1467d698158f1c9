"""A `dialer run` of its own process, for commands to talk to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from dialer.demo.launcher import Launched
from tests.kit import waiting


def until(condition: Callable[[], object], what: str, timeout_s: float = 120.0) -> None:
    """Wait for a condition, which may run commands. Raises ``TimeoutError`` after the deadline."""
    asyncio.run(waiting.until(lambda: asyncio.to_thread(condition), what, timeout_s))


@contextlib.contextmanager
def service(config: Path) -> Iterator[None]:
    """The service, up inside; ended as systemd ends it."""
    dialer = Launched(config)
    asyncio.run(dialer.start())
    try:
        yield
    finally:
        asyncio.run(dialer.stop())
