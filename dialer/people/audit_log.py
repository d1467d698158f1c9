"""What people and systems did; append-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from dialer.campaign.model.query import Page


class AuditLog(Protocol):
    """What people and systems did; append-only."""

    async def append(self, entry: AuditEntry) -> None: ...

    async def search(self, query: AuditQuery) -> list[AuditEntry]:
        """Newest first."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Somebody did something. ``role`` is the person's, "token" of a system, "cli" of the command line."""

    at: datetime
    who: str
    role: str
    what: str
    target: str
    address: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What to look for; everything that is given must hold. ``who`` and ``target`` match anywhere in the text."""

    who: str = ""
    what: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: Page = field(default_factory=Page)
