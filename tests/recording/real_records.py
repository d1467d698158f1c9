"""The SQLite store, filled with conversations."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialer.campaign.changes import Changes
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Visit, VisitState
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.recordings import SqlRecordingStore


@dataclass
class RealRecords:
    """The ports that the recording room needs, over one database."""

    days: SqlDayStore
    calls: SqlCallStore
    recordings: SqlRecordingStore
    orders: SqlOrderStore

    async def add(self, attempt: Attempt) -> None:
        """Commit a visit and its attempt, placed and then as it is given."""
        placed = replace(
            attempt, state=AttemptState.PLACED, answered_at=None, connected_at=None, ended_at=None, disposition=None
        )
        visit = Visit(attempt.visit, attempt.day, "list", attempt.customer, attempt.number, 1, agent=attempt.agent)
        calling = replace(visit, state=VisitState.CALLING, attempt=attempt.id, attempts=1)
        await self.days.commit(
            Changes(added=[(visit, Customer(attempt.customer, shop_name="惠民店"))], visits=[calling], placed=[placed])
        )
        if attempt.state is AttemptState.ENDED:
            reached = replace(calling, state=VisitState.REACHED, attempt=None, ended_at=attempt.ended_at)
            await self.days.commit(Changes(visits=[reached], attempts=[attempt]))
        else:
            await self.days.commit(Changes(attempts=[attempt]))


def real_records(database: Database) -> RealRecords:
    """All of them."""
    return RealRecords(
        SqlDayStore(database), SqlCallStore(database), SqlRecordingStore(database), SqlOrderStore(database)
    )
