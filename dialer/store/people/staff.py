"""Accounts of people."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select, update

from dialer.errors import Conflict, NotFound
from dialer.people.staff import Staff
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.schema.people import staff


class SqlStaffStore(InDatabase):
    """:class:`~dialer.people.staff.StaffStore` in a database."""

    async def staff(self, number: str) -> Staff | None:
        """One account, disabled or not."""
        return await self._database.read(_one(number))

    async def everybody(self) -> list[Staff]:
        """By staff number."""
        return await self._database.read(rows.all_of(Staff, select(staff).order_by(staff.c.number)))

    async def add(self, new: Staff) -> None:
        """Raises ``Conflict`` when the number is taken."""

        def add(connection: Connection) -> None:
            if _one(new.number)(connection) is not None:
                raise Conflict(f"there is an account '{new.number}' already")
            connection.execute(insert(staff), rows.values(new))

        await self._database.write(add)

    async def change(self, number: str, edit: Callable[[Staff], Staff]) -> Staff:
        """Replace an account by what ``edit`` makes of it. Raises ``NotFound``, and what ``edit`` raises."""

        def change(connection: Connection) -> Staff:
            found = _one(number)(connection)
            if found is None:
                raise NotFound(f"there is no account '{number}'")
            changed = edit(found)
            connection.execute(update(staff).where(staff.c.number == number), rows.values(changed))
            return changed

        return await self._database.write(change)


def _one(number: str) -> Callable[[Connection], Staff | None]:
    return rows.first_of(Staff, select(staff).where(staff.c.number == number))
