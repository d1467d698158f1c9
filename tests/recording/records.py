"""Books in memory for the recording room: calls and recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import Call, CallQuery, VisitDetail
from dialer.errors import NotFound, StoreUnavailable


@dataclass
class MemoryRecords:
    """CallStore and RecordingStore in one. ``saves`` counts rows written; ``down`` makes writes fail."""

    attempts: dict[str, Attempt] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    accesses_made: list[tuple[datetime, str, str, str, str]] = field(default_factory=list)
    saves: int = 0
    asked: int = 0
    down: bool = False

    def add(self, attempt: Attempt) -> Attempt:
        self.attempts[attempt.id] = attempt
        return attempt

    def _guard(self) -> None:
        if self.down:
            raise StoreUnavailable("The disk is full.")

    # -- CallStore --------------------------------------------------------------------------------

    async def detail(self, visit: int) -> VisitDetail:
        raise NotFound(f"no visit {visit}")

    async def visits_of(self, customer: str, day: date) -> list[int]:
        return [a.visit for a in self.attempts.values() if a.customer == customer and a.day == day]

    async def details(self, day: date, page: Page) -> list[VisitDetail]:
        return []

    async def customers(self, visits: Sequence[int]) -> dict[int, Customer]:
        found = {a.visit: a.customer for a in self.attempts.values() if a.visit in visits}
        return {visit: Customer(code, shop_name=f"店{code}") for visit, code in found.items()}

    async def names(self, since: date, until: date) -> list[Customer]:
        codes = {a.customer for a in self.attempts.values() if since <= a.day <= until}
        return [Customer(code, shop_name=f"店{code}") for code in sorted(codes)]

    async def attempt(self, attempt: str) -> Attempt:
        self.asked += 1
        if attempt not in self.attempts:
            raise NotFound(f"There is no call {attempt!r}.")
        return self.attempts[attempt]

    async def attempts_between(self, since: datetime, until: datetime) -> list[Attempt]:
        return [a for a in self.attempts.values() if since <= a.placed_at < until]

    async def calls(self, query: CallQuery) -> list[Call]:
        found = [
            Call(
                a,
                Customer(a.customer, shop_name=f"店{a.customer}"),
                self.recordings.get(a.id),
            )
            for a in sorted(self.attempts.values(), key=lambda a: (a.placed_at, a.id), reverse=True)
            if query.day in (None, a.day) and query.customer in (None, a.customer)
        ]
        if query.recorded is not None:
            playable = (RecordingState.KEPT, RecordingState.FAULTY)
            found = [c for c in found if (c.recording is not None and c.recording.state in playable) == query.recorded]
        return found[query.page.offset :][: query.page.limit]

    # -- RecordingStore ---------------------------------------------------------------------------

    async def recording(self, attempt: str) -> Recording | None:
        return self.recordings.get(attempt)

    async def save_recording(self, recording: Recording) -> None:
        self._guard()
        known = self.recordings.get(recording.attempt)
        if known is not None:
            recording = replace(recording, hold=known.hold, hold_reason=known.hold_reason)
        self.recordings[recording.attempt] = recording
        self.saves += 1

    async def hold(self, attempt: str, hold: bool, reason: str) -> None:
        if attempt not in self.recordings:
            raise NotFound(f"There is no recording of {attempt!r}.")
        self.recordings[attempt] = replace(self.recordings[attempt], hold=hold, hold_reason=reason)
        self.saves += 1

    async def connected_without_recording(self, ended_before: datetime, limit: int) -> list[Attempt]:
        return [
            a
            for a in self.attempts.values()
            if a.connected_at and a.ended_at and a.ended_at < ended_before and a.id not in self.recordings
        ][:limit]

    async def expired(self, ended_before: datetime, limit: int) -> list[Recording]:
        found = []
        for row in self.recordings.values():
            ended_at = self.attempts[row.attempt].ended_at
            playable = row.state in (RecordingState.KEPT, RecordingState.FAULTY)
            if playable and not row.hold and ended_at and ended_at < ended_before:
                found.append(row)
        return found[:limit]

    async def log_access(self, attempt: str, who: str, what: str, at: datetime, address: str) -> None:
        self._guard()
        self.accesses_made.append((at, who, what, attempt, address))

    async def accesses(self, attempt: str | None, page: Page) -> list[tuple[datetime, str, str, str, str]]:
        return [line for line in reversed(self.accesses_made) if attempt in (None, line[3])]
