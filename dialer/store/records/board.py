"""The built-in info platform's own storage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from dialer.campaign.model.query import Page, VisitScope
from dialer.errors import NotFound
from dialer.notices.board import BoardNotice
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.expressions import insert_new
from dialer.store.records.scope import told_of
from dialer.store.schema.records import OPEN_ON_BOARD, board


class SqlBoard(InDatabase):
    """:class:`~dialer.notices.board.Board` in a database."""

    async def post(self, notice: BoardNotice) -> bool:
        """Store it; False when this id is already there (delivered again)."""

        def store(connection: Connection) -> bool:
            values = {**rows.values(notice), "body": dict(notice.body)}
            return connection.execute(insert_new(connection.dialect, board), values).rowcount == 1

        return await self._database.write(store)

    async def listing(
        self, department: str | None, account_manager: str | None, open_only: bool, page: Page,
        scope: VisitScope | None = None,
    ) -> list[BoardNotice]:  # fmt: skip
        """Newest first; what is given must fit, ``open_only`` leaves out what was acknowledged."""
        query = select(board)
        if department is not None:
            query = query.where(board.c.department == department)
        if account_manager is not None:
            query = query.where(board.c.account_manager == account_manager)
        if open_only:
            query = query.where(OPEN_ON_BOARD)
        if scope is not None:
            query = query.where(told_of(board.c.body, scope))
        query = query.order_by(board.c.received_at.desc(), board.c.id.desc()).limit(page.limit).offset(page.offset)
        return await self._database.read(rows.all_of(BoardNotice, query))

    async def waiting(self, scope: VisitScope | None = None) -> list[tuple[str, str, int]]:
        """(department, account manager, how many of their notices were not acknowledged)."""
        owner = (board.c.department, board.c.account_manager)
        query = select(*owner, func.count()).where(OPEN_ON_BOARD).group_by(*owner)
        if scope is not None:
            query = query.where(told_of(board.c.body, scope))
        return await self._database.read(lambda connection: list(connection.execute(query)))

    async def acknowledge(self, notice: str, by: str, at: datetime) -> BoardNotice:
        """Mark as read; who read it first stays on record. Raises ``NotFound``."""

        def mark(connection: Connection) -> BoardNotice:
            statement = update(board).where(board.c.id == notice, OPEN_ON_BOARD)
            connection.execute(statement.values(acknowledged_at=at, acknowledged_by=by))
            found = rows.first_of(BoardNotice, select(board).where(board.c.id == notice))(connection)
            if found is None:
                raise NotFound(f"there is no notice {notice} on the board")
            return found

        return await self._database.write(mark)
