"""Remarks of agents, and their day in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, insert, select, update

from dialer.campaign.model.visit import Result
from dialer.errors import NotFound
from dialer.people.remarks import Remark, Tally
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.schema.day import TALKED, UNSAID, attempts
from dialer.store.schema.records import remarks


class SqlRemarkStore(InDatabase):
    """:class:`~dialer.people.remarks.RemarkStore` in a database."""

    async def remarks(self, calls: Sequence[str]) -> dict[str, Remark]:
        """Call -> its remarks, of those that have any."""
        found = await self._database.read(rows.all_of(Remark, select(remarks).where(remarks.c.attempt.in_(calls))))
        return {remark.attempt: remark for remark in found}

    async def save(self, remark: Remark) -> Remark | None:
        """Write down the remarks of a call; those that they replace. Raises ``NotFound`` when there is no such call."""

        def save(connection: Connection) -> Remark | None:
            this = remarks.c.attempt == remark.attempt
            before = rows.first_of(Remark, select(remarks).where(this))(connection)
            if before is not None:
                connection.execute(update(remarks).where(this), rows.values(remark))
                return before
            known = select(attempts.c.id).where(attempts.c.id == remark.attempt)
            if connection.execute(known).first() is None:
                raise NotFound(f"there is no call {remark.attempt}")
            connection.execute(insert(remarks), rows.values(remark))
            return None

        return await self._database.write(save)

    async def tally(self, agent: str, day: date) -> Tally:
        """An agent's day in numbers."""
        a = attempts.c
        talked = func.count().filter(TALKED)
        ordered = func.count().filter(a.result == str(Result.ORDERED))
        unsaid = func.count().filter(UNSAID)
        query = select(func.count(), talked, ordered, unsaid).where(a.agent == agent, a.day == day)
        return await self._database.read(lambda connection: Tally(*connection.execute(query).one()))
