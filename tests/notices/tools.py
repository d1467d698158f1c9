"""A clock set by hand, waiting on conditions, made-up notices, and a sender that does what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from dialer.campaign.changes import Changes, NoticeDue, NoticeKind
from dialer.campaign.model.query import Page
from dialer.errors import StoreUnavailable
from dialer.notices.config import RelayPolicy
from dialer.notices.outbox import Notice, NoticeState
from dialer.notices.relay import Relay, Sender
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.outbox import SqlOutbox
from tests.contracts.made_up import NOW


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOW + timedelta(seconds=1)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Trouble(SqlOutbox):
    """A real outbox that fails as told, and counts how often it is asked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.reads_fail = 0
        self.mark_error: Exception | None = None
        self.only: str | None = None
        self.asked = 0
        self.looked = 0
        self.marking = asyncio.Event()
        self.go_on: asyncio.Event | None = None

    async def due(self, now: datetime, limit: int) -> list[Notice]:
        self.asked += 1
        if self.reads_fail:
            self.reads_fail -= 1
            raise StoreUnavailable("the database is locked")
        return await super().due(now, limit)

    async def next_try(self) -> datetime | None:
        self.looked += 1
        return await super().next_try()

    async def mark_delivered(self, notice: str, at: datetime) -> None:
        self.marking.set()
        if self.go_on is not None:
            await self.go_on.wait()
        if self.mark_error is not None and self.only in (None, notice):
            raise self.mark_error
        await super().mark_delivered(notice, at)


class Told:
    """An alarm sink: what is open now, and how often each key was raised."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.raised: list[str] = []

    def __call__(self, key: str, text: str) -> None:
        if text:
            self.open[key] = text
            self.raised.append(key)
        else:
            self.open.pop(key, None)


class ListSender:
    """Remembers whom it was given, after doing what the test wants."""

    def __init__(self, before: Callable[[Notice], Awaitable[None]] | None = None) -> None:
        self.got: list[str] = []
        self.before = before

    async def deliver(self, notice: Notice) -> None:
        if self.before is not None:
            await self.before(notice)
        self.got.append(notice.id)


def notice(kind: NoticeKind = NoticeKind.ALARM, body: Mapping[str, Any] | None = None, key: str = "1") -> Notice:
    """A notice that is in no outbox."""
    made = {"type": "alarm.raised", "timestamp": "2026-11-23T00:00:00Z", "data": {"text": "线路中断"}}
    return Notice(id=f"abc123-{key}", kind=kind, created_at=NOW, body=made if body is None else body)


async def add(day: SqlDayStore, *keys: str, at: datetime = NOW) -> None:
    """Put alarms into the outbox, as the engine does."""
    due = [NoticeDue(key, NoticeKind.ALARM, at + timedelta(microseconds=n), text=key) for n, key in enumerate(keys)]
    await day.commit(Changes(notices=due))


async def states(outbox: SqlOutbox) -> dict[str, NoticeState]:
    """State by key."""
    return {row.id.split("-", 1)[1]: row.state for row in await outbox.notices(None, Page())}


@asynccontextmanager
async def relaying(
    outbox: SqlOutbox, sender: Sender, clock: HandClock, policy: RelayPolicy | None = None, told: Told | None = None
) -> AsyncIterator[Relay]:
    """A relay that runs while the block does."""
    relay = Relay(outbox, sender, clock, policy or RelayPolicy(), told or Told())
    task = asyncio.create_task(relay.run())
    try:
        yield relay
        assert not task.done(), "the relay died"
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
