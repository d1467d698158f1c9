"""Sign-ins of people, and the tries that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from dialer.people.sessions import Session
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.schema.people import sessions, sign_in_tries

_KEPT = timedelta(days=30)


class SqlSessionStore(InDatabase):
    """:class:`~dialer.people.sessions.SessionStore` in a database."""

    async def open(self, session: Session) -> None:
        """A new session; those not seen for a month are forgotten."""

        def save(connection: Connection) -> None:
            connection.execute(delete(sessions).where(sessions.c.last_seen < session.created_at - _KEPT))
            connection.execute(insert(sessions), rows.values(session))

        await self._database.write(save)

    async def session(self, digest: str) -> Session | None:
        """The session with this digest, whether it is still good or not."""
        return await self._database.read(rows.first_of(Session, select(sessions).where(sessions.c.digest == digest)))

    async def seen(self, digest: str, at: datetime) -> None:
        """The person was there."""
        statement = update(sessions).where(sessions.c.digest == digest).values(last_seen=at)
        await self._database.write(lambda connection: connection.execute(statement))

    async def revoke(self, digests: Sequence[str], at: datetime) -> None:
        """Make sessions worthless; the time of those revoked before stays."""
        statement = update(sessions).where(sessions.c.digest == bindparam("which"), sessions.c.revoked_at.is_(None))
        which = [{"which": digest, "revoked_at": at} for digest in digests]
        if which:
            await self._database.write(lambda connection: connection.execute(statement, which))

    async def sessions(self, staff: str | None, since: datetime) -> list[Session]:
        """Sessions seen since then, newest first."""
        query = select(sessions).where(sessions.c.last_seen >= since).order_by(sessions.c.last_seen.desc())
        if staff is not None:
            query = query.where(sessions.c.staff == staff)
        return await self._database.read(rows.all_of(Session, query))

    async def begin_try(self, most: Mapping[str, int], at: datetime, since: datetime) -> dict[str, list[datetime]]:
        """Note a try under each key unless one is full; the earlier ones since then. Older ones are forgotten."""
        tries = sign_in_tries.c

        def note(connection: Connection) -> dict[str, list[datetime]]:
            connection.execute(delete(sign_in_tries).where(tries.at < since))
            query = select(tries.key, tries.at).where(tries.key.in_(most), tries.at >= since).order_by(tries.at)
            found: dict[str, list[datetime]] = {key: [] for key in most}
            for key, when in connection.execute(query):
                found[key].append(when)
            if all(len(found[key]) < limit for key, limit in most.items()):
                connection.execute(insert(sign_in_tries), [{"key": key, "at": at} for key in most])
            return found

        return await self._database.write(note)

    async def tries(self, since: datetime) -> dict[str, list[datetime]]:
        """Key -> the times of its tries since then, oldest first."""
        tries = sign_in_tries.c
        query = select(tries.key, tries.at).where(tries.at >= since).order_by(tries.at)

        def look(connection: Connection) -> dict[str, list[datetime]]:
            found: dict[str, list[datetime]] = {}
            for key, when in connection.execute(query):
                found.setdefault(key, []).append(when)
            return found

        return await self._database.read(look)

    async def forget_tries(self, keys: Sequence[str], at: datetime | None = None) -> None:
        """Forget the tries under these keys, or only those of one time."""
        statement = delete(sign_in_tries).where(sign_in_tries.c.key.in_(keys))
        if at is not None:
            statement = statement.where(sign_in_tries.c.at == at)
        await self._database.write(lambda connection: connection.execute(statement))
