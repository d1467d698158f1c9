"""What people and systems did; append-only."""

from __future__ import annotations

from sqlalchemy import insert, select

from dialer.campaign.staff import AuditEntry, AuditQuery
from dialer.store.database import Database
from dialer.store.tables import audit_log


class SqlAuditLog:
    """:class:`~dialer.campaign.ports.AuditLog` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        """Write it down for good."""
        row = {
            "at": entry.at,
            "who": entry.who,
            "role": entry.role,
            "what": entry.what,
            "target": entry.target,
            "address": entry.address,
            "details": dict(entry.details),
        }
        await self._database.write(lambda connection: connection.execute(insert(audit_log).values(**row)))

    async def search(self, query: AuditQuery) -> list[AuditEntry]:
        """What fits, newest first; ``who`` and ``target`` match anywhere, without regard to case."""
        log = audit_log.c
        found = select(audit_log).order_by(log.at.desc(), log.id.desc())
        if query.who:
            found = found.where(log.who.icontains(query.who, autoescape=True))
        if query.what:
            found = found.where(log.what == query.what)
        if query.target:
            found = found.where(log.target.icontains(query.target, autoescape=True))
        if query.since is not None:
            found = found.where(log.at >= query.since)
        if query.until is not None:
            found = found.where(log.at < query.until)
        found = found.limit(query.page.limit).offset(query.page.offset)
        async with self._database.read() as connection:
            return [
                AuditEntry(row.at, row.who, row.role, row.what, row.target, row.address, row.details)
                for row in await connection.execute(found)
            ]
