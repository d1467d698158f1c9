"""Notices on the built-in board, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dialer.campaign.model.query import Page, VisitScope


@dataclass(frozen=True, slots=True)
class BoardNotice:
    """A notice on the built-in board, as the info platform's readers see it."""

    id: str
    kind: str
    received_at: datetime
    department: str
    account_manager: str
    body: Mapping[str, Any]
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


class Board(Protocol):
    """The built-in info platform's own storage."""

    async def post(self, notice: BoardNotice) -> bool:
        """Store it; False when this id is already there (delivered again)."""

    async def listing(
        self, department: str | None, account_manager: str | None, open_only: bool, page: Page,
        scope: VisitScope | None = None,
    ) -> list[BoardNotice]:  # fmt: skip
        """Newest first; with ``scope`` only those about such visits."""

    async def waiting(self, scope: VisitScope | None = None) -> list[tuple[str, str, int]]:
        """(department, account manager, how many of their notices were not acknowledged)."""

    async def acknowledge(self, notice: str, by: str, at: datetime) -> BoardNotice:
        """Mark as read. Raises ``NotFound``."""
