"""Notices on their way out. Rows are put in by ``commit``; see ``bodies`` for what they say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Update, and_, func, or_, select, update

from dialer.campaign.model.notice import GRACE
from dialer.campaign.model.query import Page, VisitScope
from dialer.errors import NotFound
from dialer.notices.outbox import Notice, NoticeState
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.records.scope import told_of
from dialer.store.schema.records import PENDING, notices

_TRIED = update(notices).values(tries=notices.c.tries + 1)


class SqlOutbox(InDatabase):
    """:class:`~dialer.notices.outbox.Outbox` in a database."""

    async def due(self, now: datetime, limit: int) -> list[Notice]:
        """Pending notices whose next try has come, oldest first.

        One that was not tried yet waits for its grace at most; what waits longer, or was tried after ``now``, waits by
        a clock that has been set back since.
        """
        set_back = or_(notices.c.tried_at > now, and_(notices.c.tries == 0, notices.c.next_try_at > now + GRACE))
        query = select(notices).where(PENDING, or_(notices.c.next_try_at <= now, set_back))
        oldest = query.order_by(notices.c.created_at, notices.c.id).limit(limit)
        return await self._database.read(rows.all_of(Notice, oldest))

    async def next_try(self) -> datetime | None:
        """When the next pending notice is due."""
        query = select(func.min(notices.c.next_try_at)).where(PENDING)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def mark_delivered(self, notice: str, at: datetime) -> None:
        """The platform acknowledged it; said twice it stays as it was. Raises ``NotFound``."""
        undelivered = _TRIED.where(notices.c.state != NoticeState.DELIVERED)
        done = {"state": NoticeState.DELIVERED, "next_try_at": None, "last_error": "", "delivered_at": at}
        await self._mark(notice, undelivered.values(tried_at=at, **done))

    async def mark_failed(self, notice: str, at: datetime, error: str, next_try_at: datetime | None) -> None:
        """One more try failed; ``next_try_at`` None makes it a dead letter. Raises ``NotFound``.

        A notice that was delivered meanwhile stays delivered.
        """
        state = NoticeState.DEAD if next_try_at is None else NoticeState.PENDING
        again = {"state": state, "next_try_at": next_try_at, "last_error": error}
        await self._mark(notice, _TRIED.where(PENDING).values(tried_at=at, **again))

    async def resend(self, notice: str, at: datetime) -> None:
        """Make a dead or delivered notice pending again, with its tries counted anew. Raises ``NotFound``."""
        again = {"state": NoticeState.PENDING, "tries": 0, "next_try_at": at, "delivered_at": None}
        await self._mark(notice, update(notices).values(again))

    async def notices(self, state: NoticeState | None, page: Page, scope: VisitScope | None = None) -> list[Notice]:
        """Newest first; with ``scope`` only those about such visits."""
        query = (
            select(notices)
            .where(*([notices.c.state == state] if state is not None else []))
            .where(*([told_of(notices.c.body, scope)] if scope is not None else []))
            .order_by(notices.c.created_at.desc(), notices.c.id.desc())
            .limit(page.limit)
            .offset(page.offset)
        )
        return await self._database.read(rows.all_of(Notice, query))

    async def _mark(self, notice: str, statement: Update) -> None:
        def mark(connection: Connection) -> None:
            if not connection.execute(statement.where(notices.c.id == notice)).rowcount:
                known = connection.execute(select(notices.c.id).where(notices.c.id == notice))
                if known.first() is None:
                    raise NotFound(f"there is no notice {notice}")

        await self._database.write(mark)
