"""What listeners wrote about recordings."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from dialer.errors import NotFound
from dialer.people.marks import Mark
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.schema.records import marks, recordings


class SqlMarkStore(InDatabase):
    """:class:`~dialer.people.marks.MarkStore` in a database."""

    async def marks(self, attempt: str) -> list[Mark]:
        """Notes on the whole recording first, then by position."""
        query = select(marks).where(marks.c.attempt == attempt)
        found = await self._database.read(rows.all_of(Mark, query))
        return sorted(found, key=lambda mark: (-1.0 if mark.position_s is None else mark.position_s, mark.id))

    async def add_mark(self, mark: Mark) -> Mark:
        """Store it; as it now stands, with its id. Raises ``NotFound`` when there is no recording of the attempt."""

        def add(connection: Connection) -> Mark:
            there = select(recordings.c.attempt).where(recordings.c.attempt == mark.attempt)
            if connection.execute(there).first() is None:
                raise NotFound(f"there is no recording of {mark.attempt}")
            values = {**rows.values(mark), "id": None}
            return replace(mark, id=connection.execute(insert(marks).returning(marks.c.id), values).scalar_one())

        return await self._database.write(add)

    async def remove_mark(self, attempt: str, mark: int, by: str) -> None:
        """Remove one's own. Raises ``NotFound`` when there is no such mark of theirs."""

        def remove(connection: Connection) -> None:
            statement = delete(marks).where(marks.c.id == mark, marks.c.attempt == attempt, marks.c.by == by)
            if not connection.execute(statement).rowcount:
                raise NotFound(f"there is no mark {mark} of {by} on {attempt}")

        await self._database.write(remove)
