"""A `dialer run` of its own process, for commands to talk to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dialer.demo.launcher import Launched


def until(condition: Callable[[], object], what: str, timeout: float = 120.0) -> None:
    """Wait for a condition. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout} s in vain for {what}"
        time.sleep(0.02)


@contextlib.contextmanager
def service(config: Path) -> Iterator[None]:
    """The service, up inside; ended as systemd ends it."""
    dialer = Launched(config)
    asyncio.run(dialer.start())
    try:
        yield
    finally:
        asyncio.run(dialer.stop())
