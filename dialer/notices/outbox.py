"""Notices on their way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.query import Page, VisitScope

Body = Mapping[str, Any]
"""The body of a notice as the store composes it: ``{"type", "timestamp", "data"}``."""


def mapping(value: object) -> Body:
    """A part of a body; empty when a foreign body has something else there."""
    return value if isinstance(value, Mapping) else {}


class NoticeState(StrEnum):
    """How far a notice is."""

    PENDING = "pending"
    DELIVERED = "delivered"  # the platform acknowledged
    DEAD = "dead"  # given up; can be resent by a person


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in the outbox. ``id`` goes out as the webhook id and never changes.

    ``body`` is what is sent, as plain JSON values.
    """

    id: str
    kind: NoticeKind
    created_at: datetime
    body: Body
    state: NoticeState = NoticeState.PENDING
    tries: int = 0
    next_try_at: datetime | None = None
    last_error: str = ""
    delivered_at: datetime | None = None


class Outbox(Protocol):
    """Notices on their way out. Rows are put in by :meth:`DayStore.commit`."""

    async def due(self, now: datetime, limit: int) -> list[Notice]:
        """Pending notices whose next try has come, oldest first; a clock that was set back holds none up."""

    async def next_try(self) -> datetime | None:
        """When the next pending notice is due."""

    async def mark_delivered(self, notice: str, at: datetime) -> None: ...

    async def mark_failed(self, notice: str, at: datetime, error: str, next_try_at: datetime | None) -> None:
        """One more try failed; ``next_try_at`` None makes it a dead letter."""

    async def resend(self, notice: str, at: datetime) -> None:
        """Make a dead or delivered notice pending again. Raises ``NotFound``."""

    async def notices(self, state: NoticeState | None, page: Page, scope: VisitScope | None = None) -> list[Notice]:
        """Newest first; with ``scope`` only those about such visits."""
