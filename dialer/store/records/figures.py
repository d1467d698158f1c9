"""Numbers and the calendar: what health, metrics and administrators look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Table, func, select

from dialer.campaign.changes import CalendarChange
from dialer.campaign.model.recording import RecordingState
from dialer.notices.outbox import NoticeState
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.schema.day import calendar
from dialer.store.schema.records import notices, recordings


class SqlFigures(InDatabase):
    """Look-ups that nobody decides on."""

    async def calendar(self, year: int) -> list[CalendarChange]:
        """The days of ``year`` that the calendar table has, by date; those made ordinary by a person are left out."""
        query = (
            select(calendar.c.day, calendar.c.working, calendar.c.name)
            .where(calendar.c.day.between(date(year, 1, 1), date(year, 12, 31)), calendar.c.working.is_not(None))
            .order_by(calendar.c.day)
        )
        return await self._database.read(rows.all_of(CalendarChange, query))

    async def notices(self) -> Mapping[NoticeState, int]:
        """Notices in the outbox by state."""
        return {NoticeState(state): count for state, count in await self._by_state(notices)}

    async def recordings(self) -> Mapping[RecordingState, int]:
        """Recordings in the records by state."""
        return {RecordingState(state): count for state, count in await self._by_state(recordings)}

    async def _by_state(self, table: Table) -> list[tuple[str, int]]:
        query = select(table.c.state, func.count()).group_by(table.c.state)
        return await self._database.read(lambda connection: list(connection.execute(query)))
