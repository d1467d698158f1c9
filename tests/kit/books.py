"""The books of a day, looked at from outside, and what breaks an invariant in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from dialer.audit.cdr import CdrCall, read_cdr
from dialer.audit.compare import AuditRule, audit
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.lookup import CallQuery, VisitDetail
from dialer.demo.rig.rig import Rig
from dialer.notices.outbox import Notice
from dialer.settings import Settings
from dialer.store.database import Database
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.outbox import SqlOutbox

EVERYTHING = Page(limit=10_000)
_NOTICED = {VisitState.UNREACHED: "unreached", VisitState.INVALID_NUMBER: "invalid_number"}


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    """A database to look into, whether its dialer runs or not."""
    database = await Database.open(path, owner=False)
    try:
        yield database
    finally:
        await database.close()


@dataclass(slots=True)
class Books:
    """The books of a day."""

    details: list[VisitDetail]
    attempts: list[Attempt]
    recordings: dict[str, RecordingState]
    outbox: list[Notice]
    board: list[str]

    @classmethod
    async def of(cls, database: Database, day: date) -> Self:
        """What they say of ``day``, and of the calls of the last hour."""
        call_store, now = SqlCallStore(database), datetime.now(UTC)
        calls = await call_store.calls(CallQuery(page=EVERYTHING))
        return cls(
            details=await call_store.details(day, EVERYTHING),
            attempts=await call_store.attempts_between(now - timedelta(hours=1), now + timedelta(hours=1)),
            recordings={c.attempt.id: c.recording.state for c in calls if c.recording},
            outbox=await SqlOutbox(database).notices(None, EVERYTHING),
            board=[n.id for n in await SqlBoard(database).listing(None, None, False, EVERYTHING)],
        )

    @property
    def settled(self) -> bool:
        """Nothing is left to be done."""
        return (
            not any(s.visit.open for s in self.details)
            and all(a.ended_at is not None for a in self.attempts)
            and all(a.id in self.recordings for a in self.conversations)
            and all(n.state == "delivered" for n in self.outbox)
        )

    @property
    def conversations(self) -> list[Attempt]:
        """Attempts in which customer and agent talked."""
        return [a for a in self.attempts if a.disposition is Disposition.CONNECTED]

    def wrong(self, limit: int = 5) -> list[str]:
        """What breaks an invariant, as far as the books alone can tell. ``limit``: of counted attempts."""
        found: list[str] = []
        notices = Counter((n.kind, n.body["data"].get("visit")) for n in self.outbox)
        for detail in self.details:
            kind = _NOTICED.get(detail.visit.state)
            if kind and sum(n for (k, v), n in notices.items() if k == kind and v == detail.visit.id) != 1:
                found.append(f"{detail.visit.customer} is {detail.visit.state} without exactly one notice")
            if sum(a.counts for a in detail.attempts) > limit:
                found.append(f"{detail.visit.customer} has more than {limit} counted attempts")
        if sorted(self.board) != sorted(n.id for n in self.outbox):
            found.append("the board does not have exactly the notices of the outbox")
        missing = [a.id for a in self.conversations if self.recordings.get(a.id) is RecordingState.MISSING]
        return found + [f"the recording of {a} is missing" for a in missing]


def carrier_calls(rig: Rig, *numbers: str) -> list[CdrCall]:
    """The carrier's own records of the calls to these numbers, oldest first."""
    return sorted((c for c in read_cdr(rig.carrier_cdr) if c.dst in numbers), key=lambda c: c.start)


def audited(rig: Rig, settings: Settings, attempts: list[Attempt], *numbers: str) -> list[str]:
    """What differs between our books and the carrier's own records, also of ``numbers`` that nobody may have called.

    On a busy machine an Originate is a while on its way to the carrier, and an end on its way back.
    """
    rule = settings.campaign().rule
    calls = carrier_calls(rig, *numbers, *(a.number for a in attempts))
    return [
        str(finding)
        for finding in audit(
            attempts, calls, AuditRule(gap=rule.gap, limit=rule.limit, tolerance_s=15, end_tolerance_s=15)
        ).findings
    ]
