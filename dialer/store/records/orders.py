"""Orders and the calls in which they were taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.expressions import upsert
from dialer.store.schema.day import TALKED, attempts
from dialer.store.schema.records import OPEN, orders


class SqlOrderStore(InDatabase):
    """:class:`~dialer.recording.ports.OrderStore` in a database."""

    async def order(self, number: str) -> Order | None:
        """The order of this number."""
        return await self._database.read(rows.first_of(Order, select(orders).where(orders.c.number == number)))

    async def save_order(self, order: Order) -> None:
        """Insert or replace by number."""

        def save(connection: Connection) -> None:
            connection.execute(upsert(connection.dialect, orders), rows.values(order))

        await self._database.write(save)

    async def orders_of(self, attempt: str) -> list[Order]:
        """Orders taken in this call, by time."""
        query = select(orders).where(orders.c.attempt == attempt).order_by(orders.c.at, orders.c.number)
        return await self._database.read(rows.all_of(Order, query))

    async def open_orders(self, page: Page) -> list[Order]:
        """Orders that no call is known for, or that ask a question, newest first."""
        query = select(orders).where(OPEN).order_by(orders.c.at.desc(), orders.c.number.desc())
        return await self._database.read(rows.all_of(Order, query.limit(page.limit).offset(page.offset)))

    async def conversations(self, customer: str, since: datetime, until: datetime) -> list[Attempt]:
        """Connected attempts of the customer that overlap [since, until], by time."""
        query = (
            select(*rows.ATTEMPT_COLUMNS)
            .where(
                attempts.c.customer == customer,
                attempts.c.placed_at <= until,
                TALKED,
                (attempts.c.connected_at.is_(None)) | (attempts.c.connected_at <= until),
                (attempts.c.ended_at.is_(None)) | (attempts.c.ended_at >= since),
            )
            .order_by(attempts.c.placed_at, attempts.c.id)
        )
        return await self._database.read(rows.all_of(Attempt, query))
