"""The day's figures, summed up by the database: a report of 20,000 visits reads no more rows than it shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from dialer.campaign.model.evidence import Side
from dialer.campaign.model.query import Page, VisitScope
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.lookup import VisitDetail
from dialer.reports.sums import GIVEN_UP, Lack, Sums
from dialer.store.database import InDatabase
from dialer.store.expressions import seconds_between, ten_minutes_of
from dialer.store.records.calls import LIST_ORDER, details_of
from dialer.store.records.scope import dealt_to
from dialer.store.schema.day import UNSAID, attempts, visits
from dialer.store.schema.records import orders

Key = TypeVar("Key", str, datetime)


def _how_many(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.cast(holds, sa.Integer)), 0)


_CONNECTED = attempts.c.connected_at.is_not(None)
_TALKED_UNTIL = sa.func.coalesce(attempts.c.transferred_at, attempts.c.ended_at)
_FIRST = attempts.c.seq == 1
_CALLS: tuple[sa.ColumnElement[Any], ...] = (
    sa.func.count().label("calls"),
    _how_many(sa.or_(attempts.c.answered_at.is_not(None), _CONNECTED)).label("answered"),
    _how_many(_CONNECTED).label("conversations"),
    _how_many(UNSAID).label("open_results"),
    _how_many(_FIRST).label("first_calls"),
    _how_many(sa.and_(_FIRST, _CONNECTED)).label("first_reached"),
    sa.func.sum(seconds_between(attempts.c.connected_at, _TALKED_UNTIL))
    .filter(attempts.c.connected_at < _TALKED_UNTIL)
    .label("talk_s"),
    _how_many(sa.and_(_CONNECTED, sa.func.coalesce(attempts.c.hung_up_by, "") == Side.AGENT)).label("agent_hung_up"),
    sa.func.min(attempts.c.placed_at).label("begin"),
    sa.func.max(attempts.c.ended_at).label("end"),
)
_TALKED_TO = (
    sa.select(attempts.c.agent)
    .where(attempts.c.visit == visits.c.id, _CONNECTED)
    .order_by(attempts.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_ITS_ORDERS = (
    sa.select(sa.func.count())
    .select_from(orders)
    .join(attempts, attempts.c.id == orders.c.attempt)
    .where(attempts.c.visit == visits.c.id)
)

_HAND_ORDER = sa.func.coalesce(sa.type_coerce(visits.c.hand, sa.JSON)["order"].as_string(), "")
_HAS_A_CALL = sa.exists().where(orders.c.number == _HAND_ORDER, orders.c.attempt.is_not(None))
_BY_HAND = sa.cast(sa.and_(_HAND_ORDER != "", ~_HAS_A_CALL), sa.Integer)
"""1 for a visit that was done by hand with an order, unless the order was found to be of a call, and counts there."""


class SqlReportStore(InDatabase):
    """:class:`~dialer.reports.sums.ReportStore` in a database."""

    async def sums(self, day: date, scope: VisitScope | None = None) -> Sums:
        """Everything together."""
        everything = sa.type_coerce("", sa.String)
        return (await self._read(day, scope, everything, everything)).get("", Sums())

    async def by_agent(self, day: date, scope: VisitScope | None = None) -> dict[str, Sums]:
        """By staff number; "" is nobody's."""
        return await self._read(day, scope, attempts.c.agent, sa.func.coalesce(_TALKED_TO, visits.c.agent, ""))

    async def by_time(self, day: date, scope: VisitScope | None = None) -> dict[datetime, Sums]:
        """Calls by the ten minutes in which they were placed; no visits."""
        return await self._read(day, scope, ten_minutes_of(attempts.c.placed_at))

    async def _read(
        self,
        day: date,
        scope: VisitScope | None,
        calls_by: sa.ColumnElement[Key],
        visits_by: sa.ColumnElement[Key] | None = None,
    ) -> dict[Key, Sums]:
        """Sums of calls, and of visits where there is a key for them, in the order of the keys."""

        def read(connection: sa.Connection) -> dict[Key, Sums]:
            found: dict[Key, Sums] = {}
            if visits_by is not None:
                _add_visits(connection, found, visits_by, day, scope)
            _add_calls(connection, found, calls_by, day, scope)
            return dict(sorted(found.items()))

        return await self._database.read(read)

    async def lacking(self, lack: Lack, day: date, page: Page, scope: VisitScope | None = None) -> list[VisitDetail]:
        """Visits that lack something, in list order, with attempts, without call evidence and history."""
        lacking = _lacking(sa.select(visits.c.id), lack, day, scope).order_by(*LIST_ORDER)
        wanted = lacking.limit(page.limit).offset(page.offset)
        return await self._database.read(lambda connection: details_of(connection, wanted))

    async def count_lacking(self, lack: Lack, day: date, scope: VisitScope | None = None) -> int:
        """How many there are."""
        counted = _lacking(sa.select(sa.func.count()).select_from(visits), lack, day, scope)
        return await self._database.read(lambda connection: connection.execute(counted).scalar_one())


def _add_visits(
    connection: sa.Connection, found: dict[Key, Sums], key: sa.ColumnElement[Key], day: date, scope: VisitScope | None
) -> None:
    rows = (
        sa.select(
            key.label("key"),
            visits.c.state,
            visits.c.result,
            (_ITS_ORDERS.scalar_subquery() + _BY_HAND).label("orders"),
        )
        .where(visits.c.day == day, *_of(scope))
        .subquery()
    )
    groups = (rows.c.key, rows.c.state, rows.c.result)
    for name, state, result, count, taken in connection.execute(
        sa.select(*groups, sa.func.count(), sa.func.sum(rows.c.orders)).group_by(*groups)
    ):
        sums = found.setdefault(name, Sums())
        sums.visits += count
        sums.states[VisitState(state)] += count
        if result is not None:
            sums.results[Result(result)] += count
        sums.orders += taken


def _add_calls(
    connection: sa.Connection, found: dict[Key, Sums], key: sa.ColumnElement[Key], day: date, scope: VisitScope | None
) -> None:
    query = sa.select(key.label("key"), *_CALLS).where(attempts.c.day == day).group_by("key")
    if scope is not None:
        query = query.join(visits, visits.c.id == attempts.c.visit).where(*_of(scope))
    for row in connection.execute(query):
        sums = found.setdefault(row.key, Sums())
        sums.calls, sums.answered, sums.conversations = row.calls, row.answered, row.conversations
        sums.first_calls, sums.first_reached = row.first_calls, row.first_reached
        sums.open_results = row.open_results
        sums.talk = timedelta(seconds=round(row.talk_s or 0.0, 3))
        sums.agent_hung_up = row.agent_hung_up
        sums.begin, sums.end = row.begin, row.end


def _lacking(query: sa.Select[Any], lack: Lack, day: date, scope: VisitScope | None) -> sa.Select[Any]:
    query = query.where(visits.c.day == day, *_of(scope))
    if lack == "unreached":
        return query.where(visits.c.state.in_(GIVEN_UP))
    ordered = sa.or_(visits.c.state == VisitState.WITHDRAWN, sa.func.coalesce(visits.c.result, "") == Result.ORDERED)
    return query.where(~ordered, ~_ITS_ORDERS.with_only_columns(orders.c.number).exists())


def _of(scope: VisitScope | None) -> list[sa.ColumnElement[bool]]:
    return [] if scope is None else [dealt_to(scope, visits.c.team, visits.c.agent)]
