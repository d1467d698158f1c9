"""Accounts of people."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select, update

from dialer.errors import Conflict, NotFound
from dialer.people.grants import Giver, Grant, NotForYou, Right, may_see, rights_given
from dialer.people.staff import LastAdministrator, Role, Staff
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.schema.people import grants, staff


class SqlStaffStore(InDatabase):
    """:class:`~dialer.people.staff.StaffStore` in a database."""

    async def staff(self, number: str) -> Staff | None:
        """One account, disabled or not."""
        return await self._database.read(_one(number))

    async def everybody(self) -> list[Staff]:
        """By staff number."""
        return await self._database.read(rows.all_of(Staff, select(staff).order_by(staff.c.number)))

    async def add(self, new: Staff, by: Giver | None = None) -> None:
        """With the rights that it gives. Raises ``Conflict`` when the number is taken."""

        def add(connection: Connection) -> None:
            if _one(new.number)(connection) is not None:
                raise Conflict(f"there is an account '{new.number}' already")
            _write_down(connection, by, None, new)
            connection.execute(insert(staff), rows.values(new))

        await self._database.write(add)

    async def change(
        self, number: str, edit: Callable[[Staff], Staff], by: Giver | None = None, *, force: bool = False
    ) -> Staff:
        """Replace an account by what ``edit`` makes of it, with the rights that it gives.

        Raises ``NotFound``, ``LastAdministrator`` unless ``force``, and what ``edit`` raises.
        """

        def change(connection: Connection) -> Staff:
            found = _one(number)(connection)
            if found is None:
                raise NotFound(f"there is no account '{number}'")
            changed = edit(found)
            if found.administers and not changed.administers and not force and not _administers(connection, number):
                raise LastAdministrator
            _write_down(connection, by, found, changed)
            connection.execute(update(staff).where(staff.c.number == number), rows.values(changed))
            return changed

        return await self._database.write(change)

    async def unseen(self) -> list[Grant]:
        """Rights that were given and that nobody else has seen, oldest first."""
        return await self._database.read(_UNSEEN)

    async def see(self, grant: int, who: Giver) -> None:
        """Somebody has seen it. Raises ``NotFound`` and ``NotForYou``."""

        def see(connection: Connection) -> None:
            unseen = _UNSEEN(connection)
            if not any(each.id == grant for each in unseen):
                raise NotFound(f"there is no right {grant} that is still to be seen")
            if not who.local and (who.staff is None or not may_see(who.staff, unseen)):
                raise NotForYou
            connection.execute(update(grants).where(grants.c.id == grant).values(seen_by=who.name, seen_at=who.at))

        await self._database.write(see)


_UNSEEN = rows.all_of(Grant, select(grants).where(grants.c.seen_at.is_(None)).order_by(grants.c.id))


def write_down(connection: Connection, by: Giver, right: Right, target: str, detail: str = "") -> None:
    """Write down that a right was given."""
    values = {"at": by.at, "by": by.name, "by_staff": by.staff, "right": right, "target": target, "detail": detail}
    connection.execute(insert(grants), values)


def _write_down(connection: Connection, by: Giver | None, before: Staff | None, after: Staff) -> None:
    """What a change gives. The first administrator is the machine's own to make: nobody else is there to see it."""
    if by is None or by.staff == after.number or (by.local and not _administers(connection)):
        return
    for right in rights_given(before, after):
        write_down(connection, by, right, after.number)


def _administers(connection: Connection, but: str = "") -> bool:
    """Whether anybody can administer, ``but`` for this one."""
    others = select(staff.c.number).where(
        staff.c.role == Role.ADMINISTRATOR, staff.c.disabled.is_(False), staff.c.number != but
    )
    return connection.execute(others.limit(1)).first() is not None


def _one(number: str) -> Callable[[Connection], Staff | None]:
    return rows.first_of(Staff, select(staff).where(staff.c.number == number))
