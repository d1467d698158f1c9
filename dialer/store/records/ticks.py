"""What leaders have ticked off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, delete, select

from dialer.errors import NotFound
from dialer.people.ticks import Matter, Tick
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.expressions import upsert
from dialer.store.schema.day import visits
from dialer.store.schema.records import ticks


class SqlTickStore(InDatabase):
    """:class:`~dialer.people.ticks.TickStore` in a database."""

    async def ticks(self, day: date) -> Mapping[tuple[int, Matter], Tick]:
        """Those of the day's visits."""
        query = select(ticks).join(visits, visits.c.id == ticks.c.visit).where(visits.c.day == day)
        return {(tick.visit, tick.matter): tick for tick in await self._database.read(rows.all_of(Tick, query))}

    async def tick(self, tick: Tick) -> None:
        """Tick a matter off, in place of an earlier tick. Raises ``NotFound`` when there is no such visit."""

        def save(connection: Connection) -> None:
            if connection.execute(select(visits.c.id).where(visits.c.id == tick.visit)).first() is None:
                raise NotFound(f"there is no visit {tick.visit}")
            connection.execute(upsert(connection.dialect, ticks), rows.values(tick))

        await self._database.write(save)

    async def untick(self, visit: int, matter: Matter) -> None:
        """Take a tick back. Raises ``NotFound`` when there is none."""

        def remove(connection: Connection) -> None:
            its = (ticks.c.visit == visit, ticks.c.matter == matter)
            if not connection.execute(delete(ticks).where(*its)).rowcount:
                raise NotFound(f"nothing of visit {visit} is ticked off as {matter}")

        await self._database.write(remove)
