"""Writing :class:`~dialer.campaign.changes.Changes`: one transaction, in an order in which every guard holds.

The guards are in the database (unique indexes, checks, triggers: see ``tables`` and ``migrations``)
and in the conditions of the updates here. Calls that ended are written before calls that are
placed, because an agent, a number and a customer have one live call at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, insert, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.campaign.attempt import Attempt, AttemptState
from dialer.campaign.changes import Changes, NoticeDue, OrderTaken
from dialer.campaign.customer import Customer
from dialer.campaign.records import NoticeState, Order
from dialer.campaign.visit import TRANSITIONS, Visit, VisitState
from dialer.errors import GuardFailed
from dialer.store import rows
from dialer.store.bodies import Body, plain_body, visit_body
from dialer.store.database import insert_new, update_all, upsert
from dialer.store.tables import (
    LIVE,
    TALKED,
    agents,
    alarms,
    attempts,
    calendar,
    call_events,
    flags,
    history,
    notices,
    orders,
    recordings,
    recordings_due,
    visits,
)

_FINAL: list[ColumnElement[Any]] = [
    literal_column(f"'{state}'") for state in VisitState if not any(source is state for source, _ in TRANSITIONS)
]

# A visit keeps its identity and never goes back: no fewer attempts, no earlier round, within a
# round no fewer counted ones, and nothing follows a state that nothing follows.
_VISIT_FIXED = ("id", "day", "customer")
_VISIT = (
    update(visits)
    .where(
        visits.c.id == bindparam("of_id"),
        visits.c.customer == bindparam("of_customer"),
        visits.c.day == bindparam("of_day"),
        visits.c.attempts <= bindparam("to_attempts"),
        or_(
            visits.c.round < bindparam("to_round"),
            and_(visits.c.round == bindparam("to_round"), visits.c.counted <= bindparam("to_counted")),
        ),
        or_(visits.c.state.not_in(_FINAL), visits.c.state == bindparam("to_state", type_=visits.c.state.type)),
    )
    .values({name: bindparam(name) for name in rows.FIELDS[Visit] if name not in _VISIT_FIXED})
)
_CUSTOMER = update(visits).where(visits.c.id == bindparam("of_id"), visits.c.customer == bindparam("of_customer"))

_OUTCOME = (
    "state",
    "ringing_at",
    "answered_at",
    "connected_at",
    "ended_at",
    "disposition",
    "counts",
    "source",
    "evidence",
)
_MOVE = (
    update(attempts)
    .where(attempts.c.id == bindparam("of_id"), attempts.c.visit == bindparam("of_visit"), LIVE)
    .values({name: bindparam(name) for name in _OUTCOME})
)
_RESULT = update(attempts).where(attempts.c.id == bindparam("of_id"), TALKED).values(result=bindparam("result"))
_RECORDING_DUE = insert(recordings_due).from_select(
    ["attempt", "ended_at"],
    select(attempts.c.id, attempts.c.ended_at).where(
        attempts.c.id == bindparam("of_id"),
        TALKED,
        ~exists().where(recordings.c.attempt == attempts.c.id),
        ~exists().where(recordings_due.c.attempt == attempts.c.id),
    ),
)


async def write(connection: AsyncConnection, changes: Changes, installation: str) -> None:
    """Write everything. Raises ``GuardFailed`` or a driver's error; the transaction is the caller's."""
    # Of something that changed several times in the batch only the last copy matters.
    changed = {visit.id: visit for visit in changes.visits}
    added = [(changed.pop(visit.id, visit), customer) for visit, customer in changes.added]
    moved = {attempt.id: attempt for attempt in changes.attempts}
    placed = [moved.pop(attempt.id, attempt) for attempt in changes.placed]
    await _write_visits(connection, added, changed.values(), changes.customers)
    await _write_attempts(connection, moved.values(), placed)
    results = [{"of_id": attempt, "result": result} for attempt, result in dict(changes.results).items()]
    await update_all(connection, _RESULT, results, "results of conversations")
    if changes.calls:
        await connection.execute(insert(call_events), [rows.values(call) for call in changes.calls])
    if changes.agents:
        latest = {agent.number: agent for agent in changes.agents}
        await connection.execute(upsert(connection, agents), [rows.values(agent) for agent in latest.values()])
    for taken in changes.orders:
        await _write_order(connection, taken)
    await _write_notices(connection, changes.notices, installation)
    await _write_small(connection, changes)
    if changes.history:
        await connection.execute(
            insert(history), [{**rows.values(entry), "details": dict(entry.details)} for entry in changes.history]
        )


async def _write_visits(
    connection: AsyncConnection,
    added: Sequence[tuple[Visit, Customer]],
    changed: Collection[Visit],
    customers: Sequence[tuple[int, Customer]],
) -> None:
    if added:
        for visit, customer in added:
            if visit.customer != customer.code:
                raise GuardFailed(f"visit {visit.id} of customer {visit.customer} comes with data of {customer.code}")
        new = [{**rows.customer_values(customer), **rows.values(visit)} for visit, customer in added]
        await connection.execute(insert(visits), new)
    updates = [
        {
            **{name: value for name, value in rows.values(visit).items() if name not in _VISIT_FIXED},
            "of_id": visit.id,
            "of_customer": visit.customer,
            "of_day": visit.day,
            "to_attempts": visit.attempts,
            "to_round": visit.round,
            "to_counted": visit.counted,
            "to_state": visit.state,
        }
        for visit in changed
    ]
    await update_all(connection, _VISIT, updates, "visits")
    data = []
    for of_id, customer in customers:
        new_data = rows.customer_values(customer)
        data.append({"of_id": of_id, "of_customer": new_data.pop("customer"), **new_data})
    await update_all(connection, _CUSTOMER, data, "customer data")


async def _write_attempts(connection: AsyncConnection, moved: Collection[Attempt], placed: Sequence[Attempt]) -> None:
    await update_all(connection, _MOVE, [_outcome(attempt) for attempt in moved], "attempts")
    if placed:
        await connection.execute(insert(attempts), [rows.values(attempt) for attempt in placed])
    over = [{"of_id": attempt.id} for attempt in (*moved, *placed) if attempt.state is AttemptState.ENDED]
    if over:
        await connection.execute(_RECORDING_DUE, over)


def _outcome(attempt: Attempt) -> rows.Values:
    return {"of_id": attempt.id, "of_visit": attempt.visit, **{name: getattr(attempt, name) for name in _OUTCOME}}


async def _write_order(connection: AsyncConnection, taken: OrderTaken) -> None:
    query = select(orders).where(orders.c.number == taken.number)
    found = (await connection.execute(query)).mappings().first()
    order = merged(rows.record(Order, found) if found else None, taken)
    await connection.execute(upsert(connection, orders), rows.values(order))


def merged(known: Order | None, taken: OrderTaken) -> Order:
    """What is known of an order after an agent entered it in a conversation.

    The agent knows the call; the order system knows the rest. A number that another customer has
    already is a slip of somebody's: a person must decide, nothing is overwritten.
    """
    if known is None:
        return Order(
            number=taken.number,
            customer=taken.customer,
            at=taken.at,
            source="agent",
            attempt=taken.attempt,
            quantity=taken.quantity,
            amount=taken.amount,
            by=taken.by,
        )
    if known.customer != taken.customer:
        question = f"{taken.by} entered this order for customer {taken.customer}, but it is of {known.customer}"
        candidates = dict.fromkeys((*known.candidates, *((known.attempt,) if known.attempt else ()), taken.attempt))
        return replace(known, open_question=question, candidates=tuple(candidates))
    return replace(
        known,
        attempt=taken.attempt,
        open_question="",
        candidates=(),
        quantity=known.quantity or taken.quantity,
        amount=known.amount or taken.amount,
        by=known.by or taken.by,
    )


async def _write_notices(connection: AsyncConnection, due: Sequence[NoticeDue], installation: str) -> None:
    if not due:
        return
    ids = {notice.visit for notice in due if notice.visit is not None}
    found = (await connection.execute(select(visits).where(visits.c.id.in_(ids)))).mappings().all() if ids else []
    known = {row["id"]: (rows.record(Visit, row), rows.customer_of(row)) for row in found}
    made: dict[int, list[Attempt]] = {visit: [] for visit in known}
    if known:
        query = select(attempts).where(attempts.c.visit.in_(known)).order_by(attempts.c.visit, attempts.c.seq)
        for row in (await connection.execute(query)).mappings():
            made[row["visit"]].append(rows.record(Attempt, row))

    def body(notice: NoticeDue) -> Body:
        if notice.visit is None:
            return plain_body(notice)
        if notice.visit not in known:
            raise GuardFailed(f"notice {notice.key} is about visit {notice.visit}, which is not in the books")
        return visit_body(notice, *known[notice.visit], made[notice.visit])

    new = [
        {
            "id": f"{installation}-{notice.key}",
            "kind": notice.kind,
            "visit": notice.visit,
            "created_at": notice.at,
            "body": body(notice),
            "state": NoticeState.PENDING,
            "tries": 0,
            "next_try_at": notice.at,
            "last_error": "",
        }
        for notice in due
    ]
    await connection.execute(insert(notices), new)


async def _write_small(connection: AsyncConnection, changes: Changes) -> None:
    if changes.alarms:
        # One alarm of a key is open at a time: the one that is over goes first.
        latest = {(alarm.key, alarm.raised_at): alarm for alarm in changes.alarms}
        ordered = sorted(latest.values(), key=lambda alarm: alarm.cleared_at is None)
        values = [
            {"key": alarm.key, "raised_at": alarm.raised_at, "text": alarm.text, "cleared_at": alarm.cleared_at}
            for alarm in ordered
        ]
        await connection.execute(upsert(connection, alarms), values)
    if changes.calendar:
        days = {
            edit.day: {"day": edit.day, "working": edit.working, "name": edit.name, "source": "edited"}
            for edit in changes.calendar
        }
        await connection.execute(upsert(connection, calendar), list(days.values()))
    kept = [{"name": name, "value": value} for name, value in changes.flags.items() if value]
    gone = [name for name, value in changes.flags.items() if not value]
    if kept:
        await connection.execute(upsert(connection, flags), kept)
    if gone:
        await connection.execute(delete(flags).where(flags.c.name.in_(gone)))


async def seed_calendar(connection: AsyncConnection, days: Sequence[rows.Values]) -> int:
    """Insert the days that are not there yet; how many those were."""
    if not days:
        return 0
    return (await connection.execute(insert_new(connection, calendar), days)).rowcount
