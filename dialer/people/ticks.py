"""What needs a person's attention about a visit, and who has ticked it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Matter(StrEnum):
    """What it is about a visit."""

    PROMISE = "promise"  # the promised time has passed
    NUMBER = "number"  # its number is wrong
    SAID = "said"  # a complaint, or another shop answered
    NO_RESULT = "no_result"  # a conversation still has no result


@dataclass(frozen=True, slots=True)
class Tick:
    """Somebody has seen to a matter. It holds for what came up until ``at`` (UTC): the same, come up later, is open."""

    visit: int
    matter: Matter
    at: datetime
    by: str


class TickStore(Protocol):
    """Where ticks are kept."""

    async def ticks(self, day: date) -> Mapping[tuple[int, Matter], Tick]:
        """Those of the day's visits."""

    async def tick(self, tick: Tick) -> None:
        """Tick a matter off, in place of an earlier tick. Raises ``NotFound`` when there is no such visit."""

    async def untick(self, visit: int, matter: Matter) -> None:
        """Take a tick back. Raises ``NotFound`` when there is none."""
