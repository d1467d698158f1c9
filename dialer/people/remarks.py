"""What an agent writes down while talking, and what they have done today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Remark:
    """The remarks of one call, as they were typed last: a draft from the first letter on, kept for good.

    ``by`` is the staff number of who typed last, ``at`` when (UTC).
    """

    attempt: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """An agent's day in numbers: calls, conversations, those that ended in an order, those without a result yet."""

    calls: int = 0
    conversations: int = 0
    ordered: int = 0
    open_results: int = 0


class RemarkStore(Protocol):
    """What agents write down while they talk, and their day in numbers."""

    async def remarks(self, calls: Sequence[str]) -> dict[str, Remark]:
        """Call -> its remarks, of those that have any."""

    async def save(self, remark: Remark) -> Remark | None:
        """Write down the remarks of a call; those that they replace. Raises ``NotFound``."""

    async def tally(self, agent: str, day: date) -> Tally:
        """What the agent has done on ``day``."""
