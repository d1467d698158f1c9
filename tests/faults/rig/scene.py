"""What the soak on the rig can break, and what every fault is made of."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dialer.demo.client import Client
from dialer.demo.rig.rig import Rig
from tests.faults.requests.beside import Beside
from tests.faults.rig.check import Audit
from tests.faults.rig.clock import Hand
from tests.faults.rig.people import People
from tests.faults.rig.platform import MoodyPlatform
from tests.kit.launcher import RunningDialer
from tests.kit.line import Line

WAIT_S = 30.0
"""The longest that anything may take that has to happen."""


class Skipped(Exception):
    """This machine does not let us make a fault; with its name and why."""


@dataclass(slots=True)
class Scene:
    """Everything that can be broken, and those who notice."""

    rig: Rig
    dialer: RunningDialer
    line: Line
    platform: MoodyPlatform
    client: Client
    people: People
    beside: Beside
    hand: Hand
    audit: Audit
    skipped: set[str] = field(default_factory=set)
    """Faults that this machine does not let us make, with why."""
    working: set[asyncio.Task[None]] = field(default_factory=set)
    """The department, which goes on until the soak ends."""
    over_at: float | None = None
    """``time.monotonic()`` of the end of the fault, where that is before its function returns."""

    def begin(self) -> None:
        """Another fault comes."""
        self.people.told.clear()
        self.over_at = None


def stopped(working: set[asyncio.Task[None]]) -> list[str]:
    """Who of those who never stop has stopped, with their error; each is told once."""
    over = sorted((task for task in working if task.done()), key=lambda task: task.get_name())
    working.difference_update(over)
    errors = [None if task.cancelled() else task.exception() for task in over]
    return [
        f"{task.get_name()} stopped: {''.join(traceback.format_exception(error))[-1500:] if error else 'for no reason'}"
        for task, error in zip(over, errors, strict=True)
    ]


Fault = Callable[[Scene, random.Random], Awaitable[None]]
"""Begins, lasts a while that luck decides, and ends before it returns. Raises ``Skipped`` when it cannot be made."""


async def last(luck: random.Random, least: float, most: float) -> None:
    """Let it last."""
    await asyncio.sleep(luck.uniform(least, most))
