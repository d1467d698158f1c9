"""Accounts of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.campaign.staff import Role, Staff
from dialer.errors import Conflict, NotFound
from dialer.store.database import Database
from dialer.store.tables import staff


class SqlStaffBook:
    """:class:`~dialer.campaign.ports.StaffBook` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def staff(self, number: str) -> Staff | None:
        """One account, disabled or not."""
        async with self._database.read() as connection:
            return await _one(connection, number)

    async def everybody(self) -> list[Staff]:
        """By staff number."""
        async with self._database.read() as connection:
            return [_made(row) for row in await connection.execute(select(staff).order_by(staff.c.number))]

    async def add(self, new: Staff) -> None:
        """Raises ``Conflict`` when the number is taken."""

        async def add(connection: AsyncConnection) -> None:
            if await _one(connection, new.number) is not None:
                raise Conflict(f"there is an account '{new.number}' already")
            await connection.execute(insert(staff).values(**asdict(new)))

        await self._database.write(add)

    async def change(self, number: str, edit: Callable[[Staff], Staff]) -> Staff:
        """Replace an account by what ``edit`` makes of it. Raises ``NotFound``, and what ``edit`` raises."""

        async def change(connection: AsyncConnection) -> Staff:
            found = await _one(connection, number)
            if found is None:
                raise NotFound(f"there is no account '{number}'")
            changed = edit(found)
            await connection.execute(update(staff).where(staff.c.number == number).values(**asdict(changed)))
            return changed

        return await self._database.write(change)


async def _one(connection: AsyncConnection, number: str) -> Staff | None:
    row = (await connection.execute(select(staff).where(staff.c.number == number))).first()
    return None if row is None else _made(row)


def _made(row: Row[tuple[object, ...]]) -> Staff:
    values = dict(row._mapping)
    return Staff(**{**values, "role": Role(values["role"])})
