"""Figures of days, summed up by the database: a report of 20,000 visits reads no more rows than it shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa

from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.lookup import VisitDetail
from dialer.reports.sums import GIVEN_UP, Group, Selection, Standing, Sums, Tries
from dialer.store.database import InDatabase
from dialer.store.expressions import seconds_between, ten_minutes_of, thousandths_of
from dialer.store.records.calls import LIST_ORDER, details_of
from dialer.store.records.scope import dealt_to, within
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
_ITS = attempts.alias("its")
_TALKED_TO = (
    sa.select(_ITS.c.agent)
    .where(_ITS.c.visit == visits.c.id, _ITS.c.connected_at.is_not(None))
    .order_by(_ITS.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_AGENT = sa.func.coalesce(_TALKED_TO, visits.c.agent, "")
_TEAM = sa.func.coalesce(visits.c.team, "")
_KEYS: Mapping[Group, tuple[sa.ColumnElement[str], sa.ColumnElement[str]]] = {
    "agent": (_AGENT, attempts.c.agent),
    "team": (_TEAM, _TEAM),
    "department": (visits.c.department, visits.c.department),
    "manager": (visits.c.account_manager, visits.c.account_manager),
    "day": (sa.cast(visits.c.day, sa.String), sa.cast(attempts.c.day, sa.String)),
}
"""Of visits and of calls."""

_OF_ITS_CALLS = orders.join(attempts, attempts.c.id == orders.c.attempt).join(visits, visits.c.id == attempts.c.visit)
_HAND_ORDER = sa.func.coalesce(sa.type_coerce(visits.c.hand, sa.JSON)["order"].as_string(), "")
_BY_HAND = visits.outerjoin(orders, orders.c.number == _HAND_ORDER)
_IS_BY_HAND = sa.and_(visits.c.hand.is_not(None), _HAND_ORDER != "", orders.c.attempt.is_(None))
"""A visit was done by hand with an order, unless the order was found to be of a call, and counts there."""
_ORDERED = sa.or_(
    sa.func.coalesce(visits.c.result, "") == Result.ORDERED,
    sa.select(orders.c.number).join(_ITS, _ITS.c.id == orders.c.attempt).where(_ITS.c.visit == visits.c.id).exists(),
)


class SqlReportStore(InDatabase):
    """:class:`~dialer.reports.sums.ReportStore` in a database."""

    async def sums(self, of: Selection) -> Sums:
        """Everything together."""
        everything = sa.type_coerce("", sa.String)
        return (await self._read(of, everything, everything)).get("", Sums())

    async def grouped(self, by: Group, of: Selection) -> dict[str, Sums]:
        """By what tells them apart, in its order; "" is nobody's."""
        return await self._read(of, *reversed(_KEYS[by]))

    async def by_time(self, of: Selection) -> dict[datetime, Sums]:
        """Calls by the ten minutes in which they were placed; no visits."""
        return await self._read(of, ten_minutes_of(attempts.c.placed_at))

    async def _read(
        self, of: Selection, calls_by: sa.ColumnElement[Key], visits_by: sa.ColumnElement[Key] | None = None
    ) -> dict[Key, Sums]:
        """Sums of calls, and of visits where there is a key for them, in the order of the keys."""

        def read(connection: sa.Connection) -> dict[Key, Sums]:
            found: dict[Key, Sums] = {}
            if visits_by is not None:
                _add_visits(connection, found, visits_by, of)
                _add_orders(connection, found, visits_by, of)
            _add_calls(connection, found, calls_by, of)
            return dict(sorted(found.items()))

        return await self._database.read(read)

    async def tries(self, of: Selection) -> list[Tries]:
        """Calls by their number and by the ten minutes in which they were placed."""
        reached = attempts.c.disposition == Disposition.CONNECTED
        groups = (attempts.c.seq, ten_minutes_of(attempts.c.placed_at).label("at"))
        query = _of_calls(sa.select(*groups, sa.func.count(), _how_many(reached)), of)
        query = query.where(sa.or_(reached, attempts.c.counts)).group_by(*groups)
        return await self._database.read(lambda connection: [Tries(*row) for row in connection.execute(query)])

    async def details(self, of: Selection, page: Page) -> list[VisitDetail]:
        """Visits in list order, with attempts, without call evidence and history."""
        chosen = sa.select(visits.c.id).where(*_chosen(of)).order_by(*LIST_ORDER)
        wanted = chosen.limit(page.limit).offset(page.offset)
        return await self._database.read(lambda connection: details_of(connection, wanted))

    async def count(self, of: Selection) -> int:
        """How many there are."""
        counted = sa.select(sa.func.count()).select_from(visits).where(*_chosen(of))
        return await self._database.read(lambda connection: connection.execute(counted).scalar_one())


def _add_visits(connection: sa.Connection, found: dict[Key, Sums], key: sa.ColumnElement[Key], of: Selection) -> None:
    rows = sa.select(key.label("key"), visits.c.state, visits.c.result).where(*_chosen(of)).subquery()
    groups = (rows.c.key, rows.c.state, rows.c.result)
    for name, state, result, count in connection.execute(sa.select(*groups, sa.func.count()).group_by(*groups)):
        sums = found.setdefault(name, Sums())
        sums.visits += count
        sums.states[VisitState(state)] += count
        if result is not None:
            sums.results[Result(result)] += count


def _add_orders(connection: sa.Connection, found: dict[Key, Sums], key: sa.ColumnElement[Key], of: Selection) -> None:
    """Those of the visits' calls, and those of visits that were done by hand."""
    for source, holds in ((_OF_ITS_CALLS, sa.true()), (_BY_HAND, _IS_BY_HAND)):
        rows = sa.select(key.label("key"), orders.c.quantity, orders.c.amount).select_from(source)
        each = rows.where(holds, *_chosen(of)).subquery()
        figures = (sa.func.sum(thousandths_of(each.c.quantity)), sa.func.sum(thousandths_of(each.c.amount)))
        query = sa.select(each.c.key, sa.func.count(), *figures).group_by(each.c.key)
        for name, count, quantity, amount in connection.execute(query):
            sums = found.setdefault(name, Sums())
            sums.orders += count
            sums.quantity += Decimal(quantity or 0) / 1000
            sums.amount += Decimal(amount or 0) / 1000


def _add_calls(connection: sa.Connection, found: dict[Key, Sums], key: sa.ColumnElement[Key], of: Selection) -> None:
    query = _of_calls(sa.select(key.label("key"), *_CALLS), of).group_by("key")
    for row in connection.execute(query):
        sums = found.setdefault(row.key, Sums())
        sums.calls, sums.answered, sums.conversations = row.calls, row.answered, row.conversations
        sums.first_calls, sums.first_reached = row.first_calls, row.first_reached
        sums.open_results = row.open_results
        sums.talk = timedelta(seconds=round(row.talk_s or 0.0, 3))
        sums.agent_hung_up = row.agent_hung_up
        sums.begin, sums.end = row.begin, row.end


def _of_calls(query: sa.Select[Any], of: Selection) -> sa.Select[Any]:
    """Calls for the visits that are chosen."""
    joined = query.select_from(attempts.join(visits, visits.c.id == attempts.c.visit))
    _, *others = _chosen(of)
    return joined.where(within(attempts.c.day, of.first, of.last), *others)


def _chosen(of: Selection) -> list[sa.ColumnElement[bool]]:
    """What a visit must fulfil; first of all its days."""
    wanted = [within(visits.c.day, of.first, of.last)]
    if of.scope is not None:
        wanted.append(dealt_to(of.scope, visits.c.team, visits.c.agent))
    for column, value in (
        (_AGENT, of.agent),
        (_TEAM, of.team),
        (visits.c.department, of.department),
        (visits.c.account_manager, of.manager),
    ):
        if value is not None:
            wanted.append(column == value)
    if of.standing is not None:
        wanted.append(_STANDINGS[of.standing])
    return wanted


_STANDINGS: Mapping[Standing, sa.ColumnElement[bool]] = {
    "reached": visits.c.state == VisitState.REACHED,
    "unreached": visits.c.state.in_(GIVEN_UP),
    "ordered": _ORDERED,
    "no-order": sa.and_(visits.c.state != VisitState.WITHDRAWN, ~_ORDERED),
}
