"""Looking things up: visits with all that is known of them, calls by anything that is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, cast, or_, select, type_coerce

from dialer.campaign.changes import Entry
from dialer.campaign.messages import CallEvent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.model.visit import Visit
from dialer.campaign.views.lookup import Call, CallQuery, VisitDetail
from dialer.errors import NotFound
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.records.scope import dealt_to, within
from dialer.store.schema.day import TALKED, UNSAID, attempts, call_events, history, visits
from dialer.store.schema.records import PLAYABLE, orders, recordings

_FEWEST_DIGITS = 4
"""Of a part of a phone number; fewer fit half of the customers."""

LIST_ORDER = (visits.c.day, visits.c.list_name, visits.c.order, visits.c.id)


class SqlCallStore(InDatabase):
    """:class:`~dialer.campaign.views.lookup.CallStore` in a database."""

    async def detail(self, visit: int) -> VisitDetail:
        """One visit with its timeline. Raises ``NotFound``."""

        def read(connection: Connection) -> VisitDetail:
            details = details_of(connection, select(visits.c.id).where(visits.c.id == visit))
            if not details:
                raise NotFound(f"there is no visit {visit}")
            made = select(attempts.c.id).where(attempts.c.visit == visit)
            signs = (
                select(*rows.labelled(call_events)).where(call_events.c.attempt.in_(made)).order_by(call_events.c.id)
            )
            lines = select(history).where(history.c.visit == visit).order_by(history.c.id)
            return replace(
                details[0],
                calls=tuple(rows.all_of(CallEvent, signs)(connection)),
                history=tuple(rows.all_of(Entry, lines)(connection)),
            )

        return await self._database.read(read)

    async def visits_of(self, customer: str, day: date) -> list[int]:
        """Ids of the customer's visits on ``day``."""
        query = select(visits.c.id).where(visits.c.customer == customer, visits.c.day == day).order_by(visits.c.id)
        return await self._database.read(lambda connection: list(connection.execute(query).scalars()))

    async def details(self, day: date, page: Page) -> list[VisitDetail]:
        """The day's visits in list order with attempts, without call evidence and history."""
        of_day = select(visits.c.id).where(visits.c.day == day).order_by(*LIST_ORDER)
        wanted = of_day.limit(page.limit).offset(page.offset)
        return await self._database.read(lambda connection: details_of(connection, wanted))

    async def customers(self, visit_ids: Sequence[int]) -> dict[int, Customer]:
        """The customers by visit id; ids that are not there are left out."""
        return await self._database.read(rows.customers(visit_ids))

    async def names(self, since: date, until: date) -> list[Customer]:
        """Who was on the lists of these days, the last included: codes, names, addresses, each wording of them once."""
        known = (visits.c.customer, visits.c.shop_name, visits.c.person, visits.c.address)
        query = select(*known).where(visits.c.day >= since, visits.c.day <= until).distinct()
        return await self._database.read(lambda connection: [Customer(*row) for row in connection.execute(query)])

    async def attempt(self, attempt: str) -> Attempt:
        """One attempt. Raises ``NotFound``."""
        query = select(*rows.ATTEMPT_COLUMNS).where(attempts.c.id == attempt)
        found = await self._database.read(rows.first_of(Attempt, query))
        if found is None:
            raise NotFound(f"there is no attempt {attempt}")
        return found

    async def attempts_between(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until), by time."""
        query = (
            select(*rows.ATTEMPT_COLUMNS)
            .where(attempts.c.placed_at >= since, attempts.c.placed_at < until)
            .order_by(attempts.c.placed_at, attempts.c.id)
        )
        return await self._database.read(rows.all_of(Attempt, query))

    async def calls(self, query: CallQuery) -> list[Call]:
        """Calls that fit ``query``, newest first unless it says otherwise."""
        # The rows of the page are found first, by indexes alone; only these are joined.
        by_time = (attempts.c.placed_at, attempts.c.id)
        newest = by_time if query.oldest_first else tuple(column.desc() for column in by_time)
        page = (
            select(attempts.c.id)
            .where(*_conditions(query))
            .order_by(*newest)
            .limit(query.page.limit)
            .offset(query.page.offset)
            .subquery("page")
        )
        found = (
            select(*rows.labelled(attempts, "a_"), *rows.labelled(visits, "v_"), *rows.labelled(recordings, "r_"))
            .select_from(page)
            .join(attempts, attempts.c.id == page.c.id)
            .join(visits, visits.c.id == attempts.c.visit)
            .outerjoin(recordings, recordings.c.attempt == attempts.c.id)
            .order_by(*newest)
        )
        linked = select(orders.c.attempt, orders.c.number).where(orders.c.attempt.in_(select(page.c.id)))

        def read(connection: Connection) -> list[Call]:
            numbers: dict[str, list[str]] = {}
            for attempt, number in connection.execute(linked.order_by(orders.c.at, orders.c.number)):
                numbers.setdefault(attempt, []).append(number)
            return [
                Call(
                    attempt=rows.record(Attempt, row, "a_"),
                    customer=rows.record(Customer, row, "v_"),
                    recording=rows.record(Recording, row, "r_") if row["r_attempt"] is not None else None,
                    orders=tuple(numbers.get(row["a_id"], ())),
                )
                for row in connection.execute(found).mappings()
            ]

        return await self._database.read(read)


def _conditions(query: CallQuery) -> Iterable[ColumnElement[bool]]:
    for name in ("customer", "number", "agent", "result"):
        if (value := getattr(query, name)) is not None:
            yield attempts.c[name] == value
    if query.day is not None:
        yield within(attempts.c.day, query.day, query.last_day or query.day)
    if query.scope is not None:
        its = dealt_to(query.scope, visits.c.team, visits.c.agent)
        yield select(visits.c.id).where(visits.c.id == attempts.c.visit, its).exists()
    if query.order is not None:
        yield attempts.c.id.in_(select(orders.c.attempt).where(orders.c.number == query.order))
    if query.since is not None:
        yield attempts.c.placed_at >= query.since
    if query.until is not None:
        yield attempts.c.placed_at < query.until
    if query.disposition is not None:
        yield type_coerce(attempts.c.disposition, String) == query.disposition  # a word unknown to us finds nothing
    if query.recorded is not None:
        yield _recording(PLAYABLE) if query.recorded else ~_recording(PLAYABLE)
    if query.text is not None:
        mentions = _mentions(query.text.strip())
        yield or_(mentions, attempts.c.customer.in_(query.customers)) if query.customers else mentions
    if query.unsaid:
        yield UNSAID
    if query.amiss:
        in_order = recordings.c.state.in_([RecordingState.KEPT, RecordingState.DELETED])
        nothing_said = cast(recordings.c.faults, String) == "[]"
        deleted = recordings.c.state == RecordingState.DELETED
        yield TALKED
        yield ~_recording(in_order, or_(deleted, nothing_said))
    of_recording = [
        *([recordings.c.duration_s >= query.shortest_s] if query.shortest_s is not None else []),
        *([recordings.c.duration_s <= query.longest_s] if query.longest_s is not None else []),
        *([recordings.c.hold == query.hold] if query.hold is not None else []),
    ]
    if of_recording:
        yield _recording(*of_recording)


def _recording(*holds: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(recordings.c.attempt).where(recordings.c.attempt == attempts.c.id, *holds).exists()


def _mentions(text: str) -> ColumnElement[bool]:
    """Whether a call has to do with what somebody typed. Each call's own rows are looked at, newest first."""
    digits = "".join(sign for sign in text if sign not in " -()+")
    of_visit = visits.c.id == attempts.c.visit
    known = (visits.c.shop_name, visits.c.person, visits.c.licence, visits.c.address)
    named = or_(*(column.icontains(text, autoescape=True) for column in known))
    ordered = select(orders.c.number).where(orders.c.attempt == attempts.c.id, orders.c.number == text)
    ways = [attempts.c.customer == text, ordered.exists(), select(visits.c.id).where(of_visit, named).exists()]
    if len(digits) >= _FEWEST_DIGITS and digits.isascii() and digits.isdigit():
        ways.append(attempts.c.number.contains(digits))
    return or_(*ways)


def details_of(connection: Connection, wanted: Select[Any]) -> list[VisitDetail]:
    """Details without evidence and history of the visits whose ids ``wanted`` selects."""
    chosen = wanted.subquery("page")
    is_wanted = attempts.c.visit.in_(select(chosen.c.id))
    calls = select(*rows.ATTEMPT_COLUMNS).where(is_wanted).order_by(attempts.c.visit, attempts.c.seq)
    made = rows.by_visit(connection, Attempt, calls)
    linked = select(orders, attempts.c.visit).join(attempts, attempts.c.id == orders.c.attempt).where(is_wanted)
    taken = rows.by_visit(connection, Order, linked.order_by(orders.c.at, orders.c.number))
    heard = select(recordings, attempts.c.visit).join(attempts, attempts.c.id == recordings.c.attempt).where(is_wanted)
    kept = rows.by_visit(connection, Recording, heard.order_by(attempts.c.seq))
    people = select(visits).join(chosen, chosen.c.id == visits.c.id).order_by(*LIST_ORDER)
    return [
        VisitDetail(
            visit=rows.record(Visit, row),
            customer=rows.record(Customer, row),
            attempts=tuple(made[row["id"]]),
            orders=tuple(taken[row["id"]]),
            recordings=tuple(kept[row["id"]]),
        )
        for row in connection.execute(people).mappings()
    ]
