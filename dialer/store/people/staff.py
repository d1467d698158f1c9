"""Accounts of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import Connection, Row, insert, select, update

from dialer.campaign.staff import Role, Staff
from dialer.errors import Conflict, NotFound
from dialer.store.database import Database
from dialer.store.schema.people import staff


class SqlStaffBook:
    """:class:`~dialer.campaign.ports.StaffBook` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def staff(self, number: str) -> Staff | None:
        """One account, disabled or not."""
        return await self._database.read(lambda connection: _one(connection, number))

    async def everybody(self) -> list[Staff]:
        """By staff number."""
        query = select(staff).order_by(staff.c.number)
        return await self._database.read(lambda connection: [_made(row) for row in connection.execute(query)])

    async def add(self, new: Staff) -> None:
        """Raises ``Conflict`` when the number is taken."""

        def add(connection: Connection) -> None:
            if _one(connection, new.number) is not None:
                raise Conflict(f"there is an account '{new.number}' already")
            connection.execute(insert(staff).values(**asdict(new)))

        await self._database.write(add)

    async def change(self, number: str, edit: Callable[[Staff], Staff]) -> Staff:
        """Replace an account by what ``edit`` makes of it. Raises ``NotFound``, and what ``edit`` raises."""

        def change(connection: Connection) -> Staff:
            found = _one(connection, number)
            if found is None:
                raise NotFound(f"there is no account '{number}'")
            changed = edit(found)
            connection.execute(update(staff).where(staff.c.number == number).values(**asdict(changed)))
            return changed

        return await self._database.write(change)


def _one(connection: Connection, number: str) -> Staff | None:
    row = connection.execute(select(staff).where(staff.c.number == number)).first()
    return None if row is None else _made(row)


def _made(row: Row[tuple[object, ...]]) -> Staff:
    values = dict(row._mapping)
    return Staff(**{**values, "role": Role(values["role"])})
