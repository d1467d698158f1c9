"""The built-in info platform: departments and account managers read their notices here and acknowledge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.campaign.ports import Board, Clock
from dialer.campaign.records import BoardNotice, Notice, Page
from dialer.errors import BadInput, DeliveryFailed, StoreError
from dialer.notices.wording import Wording

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """A notice with its words."""

    notice: BoardNotice
    title: str
    sentence: str


class BoardService:
    """What readers of the board can do."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    async def listing(
        self,
        wording: Wording,
        department: str | None = None,
        account_manager: str | None = None,
        page: Page | None = None,
        *,
        open_only: bool = False,
    ) -> list[BoardEntry]:
        """Notices for a department, an account manager, both or everybody, newest first."""
        page = page or Page()
        if not 1 <= page.limit <= MAX_PAGE or page.offset < 0:
            raise BadInput(f"limit must be 1 to {MAX_PAGE} and offset 0 or more")
        found = await self._board.listing(department or None, account_manager or None, open_only, page)
        return [worded(notice, wording) for notice in found]

    async def acknowledge(self, notice: str, by: str) -> BoardNotice:
        """Mark as read by ``by``. Raises ``NotFound``."""
        if not by.strip():
            raise BadInput("say who acknowledges the notice")
        return await self._board.acknowledge(notice, by.strip(), self._clock.now())


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


def worded(notice: BoardNotice, wording: Wording) -> BoardEntry:
    """The notice with its words."""
    return BoardEntry(notice, wording.title(notice.kind), wording.sentence(notice.kind, notice.body))
