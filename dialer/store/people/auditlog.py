"""What people and systems did; append-only."""

from __future__ import annotations

from sqlalchemy import insert, select

from dialer.people.audit_log import AuditEntry, AuditQuery
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.prepared import Prepared
from dialer.store.schema.people import audit_log

_APPEND = Prepared(insert(audit_log), rows.FIELDS[AuditEntry])


class SqlAuditLog(InDatabase):
    """:class:`~dialer.people.audit_log.AuditLog` in a database."""

    async def append(self, entry: AuditEntry) -> None:
        """Write it down for good."""
        await self._database.write(lambda connection: _APPEND.run(connection, [entry]))

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
        return await self._database.read(rows.all_of(AuditEntry, found))
