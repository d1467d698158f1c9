"""Notices for the built-in info platform, whose board departments and account managers read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialer.clock import Clock
from dialer.errors import DeliveryFailed, StoreError
from dialer.notices.board_store import Board, BoardNotice
from dialer.notices.outbox import Notice


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
    data = body.get("data")
    data = data if isinstance(data, Mapping) else {}
    customer = data.get("customer")
    customer = customer if isinstance(customer, Mapping) else {}
    return BoardNotice(
        id=notice,
        kind=kind,
        received_at=at,
        department=str(customer.get("department") or data.get("department") or ""),
        account_manager=str(customer.get("account_manager") or ""),
        body=body,
    )
