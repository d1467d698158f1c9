"""Where recordings and orders are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording


class RecordingStore(Protocol):
    """The index of recordings."""

    async def recording(self, attempt: str) -> Recording | None: ...

    async def save_recording(self, recording: Recording) -> None:
        """Insert or replace the row of this attempt. A hold is never changed by this."""

    async def hold(self, attempt: str, hold: bool, reason: str) -> None:
        """Protect a recording from retention, or release it. Raises ``NotFound``."""

    async def connected_without_recording(self, ended_before: datetime, limit: int) -> list[Attempt]:
        """Ended connected attempts that have no recording row yet."""

    async def expired(self, ended_before: datetime, limit: int) -> list[Recording]:
        """Recordings with a file, of calls that ended before, that are not on hold."""

    async def log_access(self, attempt: str, who: str, what: str, at: datetime, address: str) -> None:
        """Note who listened to or downloaded what; append-only."""

    async def accesses(self, attempt: str | None, page: Page) -> list[tuple[datetime, str, str, str, str]]:
        """(at, who, what, attempt, address), newest first."""


class OrderStore(Protocol):
    """Orders and the calls in which they were taken."""

    async def order(self, number: str) -> Order | None: ...

    async def save_order(self, order: Order) -> None:
        """Insert or replace by number."""

    async def orders_of(self, attempt: str) -> list[Order]: ...

    async def open_orders(self, page: Page) -> list[Order]:
        """Orders that no call is known for, newest first."""

    async def conversations(self, customer: str, since: datetime, until: datetime) -> list[Attempt]:
        """Connected attempts of the customer that overlap [since, until], by time."""
