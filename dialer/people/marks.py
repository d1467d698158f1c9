"""What listeners wrote about recordings, and where it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mark:
    """What a listener wrote about a recording: at ``position_s`` seconds from its start, or (None) on all of it.

    ``id`` is 0 until it is stored.
    """

    attempt: str
    at: datetime
    by: str
    text: str
    position_s: float | None = None
    id: int = 0


class MarkStore(Protocol):
    """What listeners wrote about recordings."""

    async def marks(self, attempt: str) -> list[Mark]:
        """Notes on the whole recording first, then by position."""

    async def add_mark(self, mark: Mark) -> Mark:
        """Store it; as it now stands, with its id. Raises ``NotFound`` when there is no recording of the attempt."""

    async def remove_mark(self, attempt: str, mark: int, by: str) -> None:
        """Remove one's own. Raises ``NotFound`` when there is no such mark of theirs."""
