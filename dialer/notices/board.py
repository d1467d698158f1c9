"""The built-in info platform: what is on its board, which departments and account managers read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dialer.campaign.model.query import Page, VisitScope
from dialer.clock import Clock
from dialer.errors import DeliveryFailed, StoreError
from dialer.notices.outbox import Notice, mapping


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


class BoardSender:
    """Delivers to the built-in board. A notice that is already there has been delivered: that is no failure."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    async def deliver(self, notice: Notice) -> None:
        """Store the notice. Raises ``DeliveryFailed`` when the store cannot be used."""
        try:
            await self._board.post(board_notice(notice.id, notice.kind.value, notice.body, self._clock.now()))
        except StoreError as error:
            raise DeliveryFailed(f"the board could not store the notice: {error}") from error


def board_notice(notice: str, kind: str, body: Mapping[str, Any], at: datetime) -> BoardNotice:
    """A notice as the board keeps it, addressed to the department and account manager that its body names."""
    data = mapping(body.get("data"))
    customer = mapping(data.get("customer"))
    return BoardNotice(
        id=notice,
        kind=kind,
        received_at=at,
        department=str(customer.get("department") or data.get("department") or ""),
        account_manager=str(customer.get("account_manager") or ""),
        body=body,
    )
