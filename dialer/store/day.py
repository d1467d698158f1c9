"""The engine's durable copy of its state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, and_, func, or_, select

from dialer.campaign.changes import AlarmChange, CalendarChange, Changes
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt, Conversation
from dialer.campaign.model.customer import digest
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Visit
from dialer.campaign.ports import Base, DaySnapshot
from dialer.store import commit, rows
from dialer.store.database import InDatabase
from dialer.store.expressions import insert_new
from dialer.store.schema.day import LIVE, UNFINISHED, agents, alarms, attempts, calendar, flags, visits

_ROWS_AT_ONCE = 1000


def _visits(found: CursorResult[Any]) -> list[Visit]:
    """The visits in rows of ``VISIT_COLUMNS``. What most of them have in common is kept once, not once for each."""
    once: dict[Any, Any] = {}
    visits_found = []
    for part in found.partitions():
        for row in part:
            visit = Visit(*cast("tuple[Any, ...]", row))
            visit.day = once.setdefault(visit.day, visit.day)
            visit.list_name = once.setdefault(visit.list_name, visit.list_name)
            visit.agent = once.setdefault(visit.agent, visit.agent)
            visit.team = once.setdefault(visit.team, visit.team)
            visit.last = once.setdefault(visit.last, visit.last)
            visits_found.append(visit)
    return visits_found


class SqlDayStore(InDatabase):
    """:class:`~dialer.campaign.ports.DayStore` in a database."""

    async def base(self) -> Base:
        """Agents, open alarms, flags and counters."""
        installation = self._database.installation
        open_alarms = select(alarms).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.raised_at, alarms.c.key)
        unfinished = select(visits.c.day).where(UNFINISHED).distinct().order_by(visits.c.day)

        def read(connection: Connection) -> Base:
            last = connection.execute(select(func.max(visits.c.id))).scalar()
            return Base(
                installation=installation,
                next_visit=(last or 0) + 1,
                agents=rows.all_of(Agent, select(agents).order_by(agents.c.number))(connection),
                alarms=rows.all_of(AlarmChange, open_alarms)(connection),
                flags={row.name: row.value for row in connection.execute(select(flags))},
                open_days=list(connection.execute(unfinished).scalars()),
            )

        return await self._database.read(read)

    async def flag(self, name: str) -> str:
        """What a flag says; "" when there is none."""
        found = select(flags.c.value).where(flags.c.name == name)
        return await self._database.read(lambda connection: str(connection.execute(found).scalar() or ""))

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        """``day`` and whatever has not ended: see the port. Visits of another day with a live call come too."""
        unfinished = select(attempts.c.visit).where(LIVE)
        of_day = (
            select(*rows.VISIT_COLUMNS)
            .where(or_(visits.c.day == day, visits.c.id.in_(unfinished)))
            .order_by(visits.c.id)
        )
        # Neither sorted nor grouped by the database, which would then walk through years of calls in that order.
        live = select(*rows.ATTEMPT_COLUMNS).where(LIVE)
        told, ended_at = attempts.c.gap_from, attempts.c.ended_at  # older versions wrote down no more than ended_at
        ends = select(attempts.c.number, func.coalesce(told, ended_at)).where(
            or_(told >= ends_since, and_(told.is_(None), ended_at >= ends_since))
        )
        talks = select(*(attempts.c[name] for name in ("id", *Conversation._fields))).where(
            attempts.c.day == day, attempts.c.disposition == Disposition.CONNECTED
        )
        counts = select(attempts.c.number, attempts.c.visit).where(attempts.c.day == day, attempts.c.counts)
        departments = (
            select(visits.c.department)
            .where(visits.c.day == day, visits.c.department != "")
            .distinct()
            .order_by(visits.c.department)
        )
        edited = select(calendar.c.working, calendar.c.name).where(
            calendar.c.day == day, calendar.c.working.is_not(None)
        )

        def read(connection: Connection) -> DaySnapshot:
            found = connection.execute(edited).first()
            unended = rows.all_of(Attempt, live)(connection)
            ended: dict[str, list[datetime]] = {}
            for number, ended_at in connection.execute(ends):
                ended.setdefault(number, []).append(ended_at)
            counted: dict[str, dict[int, int]] = {}
            for (number, visit), times in Counter(map(tuple, connection.execute(counts))).items():
                counted.setdefault(number, {})[visit] = times
            return DaySnapshot(
                visits=_visits(connection.execute(of_day, execution_options={"yield_per": _ROWS_AT_ONCE})),
                attempts=sorted(unended, key=lambda attempt: (attempt.placed_at, attempt.id)),
                ends={number: tuple(sorted(times)) for number, times in ended.items()},
                departments=list(connection.execute(departments).scalars()),
                conversations={name: Conversation(*of) for name, *of in connection.execute(talks)},
                counted=counted,
                calendar=(found.working, found.name) if found else None,
            )

        return await self._database.read(read, first=True)

    async def commit(self, changes: Changes) -> None:
        """Write ``changes`` in one transaction, durably: see the port for what it raises."""
        if changes:
            installation = self._database.installation
            await self._database.write(lambda connection: commit.write(connection, changes, installation))

    async def shops(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """The customers' shops by visit id; ids that are not there are left out."""
        customers = rows.customers(visit_ids)
        return await self._database.read(
            lambda connection: {visit: customer.shop_name for visit, customer in customers(connection).items()},
            first=True,
        )

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """A digest of the stored customer data by visit id; ids that are not there are left out."""
        customers = rows.customers(visit_ids)
        return await self._database.read(
            lambda connection: {visit: digest(customer) for visit, customer in customers(connection).items()},
            first=True,
        )

    async def seed_calendar(self, days: Sequence[CalendarChange]) -> int:
        """Add days that the calendar does not have; answers how many were new.

        What a person edited stays as it is, also a day that was made an ordinary one.
        """
        seeds = [{**rows.values(day), "source": "seed"} for day in days]

        def seed(connection: Connection) -> int:
            return connection.execute(insert_new(connection.dialect, calendar), seeds).rowcount

        return await self._database.write(seed) if seeds else 0
