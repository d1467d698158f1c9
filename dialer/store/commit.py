"""Writing :class:`~dialer.campaign.changes.Changes`: one transaction, in an order in which every guard holds.

The guards are in the database (unique indexes, checks, triggers: see ``tables`` and ``migrations``)
and in the conditions of the updates here. Calls that ended are written before calls that are
placed, because an agent, a number and a customer have one live call at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.campaign.changes import Changes, Entry, NoticeBack, NoticeDue, OrderTaken
from dialer.campaign.messages import CallEvent
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.notice import GRACE, NoticeKind
from dialer.campaign.model.order import AGENT, Order
from dialer.campaign.model.visit import CLOSED, OPEN, Visit, VisitState
from dialer.errors import GuardFailed
from dialer.notices.outbox import Notice
from dialer.store import rows
from dialer.store.bodies import Body, plain_body, taken_back_body, visit_body
from dialer.store.expressions import insert_new, upsert
from dialer.store.prepared import Prepared
from dialer.store.schema.day import (
    LIVE,
    TALKED,
    agents,
    alarms,
    attempts,
    calendar,
    call_events,
    flags,
    history,
    visits,
)
from dialer.store.schema.records import OPEN as OPEN_ORDERS
from dialer.store.schema.records import notices, orders, recordings, recordings_due

_OF_LATE = timedelta(days=31)


def _literals(states: Iterable[VisitState]) -> list[sa.ColumnElement[Any]]:
    return [sa.literal_column(f"'{state}'") for state in sorted(states)]


def _differs(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return column.is_distinct_from(sa.bindparam(f"to_{column.name}", type_=column.type))


def _its(table: sa.Table, *names: str) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == sa.bindparam(f"of_{name}") for name in names]


# A visit keeps its identity and never goes back: no fewer attempts, no earlier round, within a
# round no fewer counted ones, and no call follows a state that no call follows, nor a withdrawal.
_VISIT_FIXED = ("id", "day", "customer")
# What people change, and no call. An UPDATE that names a column writes its indexes even if the value stays.
_VISIT_RARE = ("list_name", "number", "order", "agent", "team", "shared", "doubtful")
_VISIT_FREE = tuple(name for name in rows.FIELDS[Visit] if name not in (*_VISIT_FIXED, *_VISIT_RARE))
_VISIT_DEALT = Prepared(
    sa.update(visits).where(*_its(visits, "id"), sa.or_(*(_differs(visits.c[name]) for name in _VISIT_RARE))),
    _VISIT_RARE,
)
_VISIT = Prepared(
    sa.update(visits).where(
        *_its(visits, *_VISIT_FIXED),
        visits.c.attempts <= sa.bindparam("to_attempts"),
        sa.or_(
            visits.c.round < sa.bindparam("to_round"),
            sa.and_(visits.c.round == sa.bindparam("to_round"), visits.c.counted <= sa.bindparam("to_counted")),
        ),
        sa.or_(
            visits.c.state.not_in(_literals(CLOSED)),
            sa.bindparam("to_state", type_=visits.c.state.type).not_in(_literals(OPEN)),
        ),
        sa.or_(
            sa.bindparam("to_withdrawn_by", type_=visits.c.withdrawn_by.type).is_(None),
            sa.bindparam("to_state", type_=visits.c.state.type).not_in(_literals(OPEN)),
        ),
    ),
    _VISIT_FREE,
)
_CUSTOMER = sa.update(visits).where(*_its(visits, "id", "customer"))

_OUTCOME = (
    "state", "ringing_at", "answered_at", "connected_at", "transferred_at", "transferred_to", "ended_at", "gap_from",
    "disposition", "counts", "source", "evidence", "hung_up_by",
)  # fmt: skip
_MOVE = Prepared(sa.update(attempts).where(*_its(attempts, "id", "visit"), LIVE), _OUTCOME)
_RESULT = sa.update(attempts).where(*_its(attempts, "id"), TALKED).values(result=sa.bindparam("result"))
_BOUND = sa.update(attempts).where(*_its(attempts, "id"), attempts.c.agent == "").values(agent=sa.bindparam("to"))
_RECORDING_DUE = sa.insert(recordings_due).from_select(
    ["attempt", "ended_at"],
    sa.select(attempts.c.id, attempts.c.ended_at).where(
        *_its(attempts, "id"),
        TALKED,
        ~sa.exists().where(recordings.c.attempt == attempts.c.id),
        ~sa.exists().where(recordings_due.c.attempt == attempts.c.id),
    ),
)
_PLACED = Prepared(sa.insert(attempts), rows.FIELDS[Attempt])
_CALLS = Prepared(sa.insert(call_events), rows.FIELDS[CallEvent])
_HISTORY = Prepared(sa.insert(history), rows.FIELDS[Entry])
_AGENTS = Prepared(lambda dialect: upsert(dialect, agents), rows.FIELDS[Agent])


def write(connection: sa.Connection, changes: Changes, installation: str) -> None:
    """Write everything. Raises ``GuardFailed`` or a driver's error; the transaction is the caller's."""
    # Of something that changed several times in the batch only the last copy matters.
    changed = {visit.id: visit for visit in changes.visits}
    added = [(changed.pop(visit.id, visit), customer) for visit, customer in changes.added]
    moved = {attempt.id: attempt for attempt in changes.attempts}
    placed = [moved.pop(attempt.id, attempt) for attempt in changes.placed]
    _write_visits(connection, added, list(changed.values()), changes.customers)
    _write_attempts(connection, list(moved.values()), placed)
    results = [{"of_id": attempt, "result": result} for attempt, result in dict(changes.results).items()]
    _update_all(connection, _RESULT, results, "results of conversations")
    bound = [{"of_id": attempt, "to": agent} for attempt, agent in changes.bound]
    _update_all(connection, _BOUND, bound, "agents of attempts")
    _CALLS.run(connection, changes.calls)
    _AGENTS.run(connection, list({agent.number: agent for agent in changes.agents}.values()))
    for attempt, at in changes.orders_gone:
        _clear_orders(connection, attempt, at)
    for taken in changes.orders:
        _write_order(connection, taken)
    for back in changes.notices_back:
        _take_back(connection, back, installation)
    _write_notices(connection, changes.notices, installation)
    _write_small(connection, changes)
    _HISTORY.run(connection, changes.history)


def _update_all(connection: sa.Connection, statement: sa.Update, values: Sequence[rows.Values], what: str) -> None:
    """Run a guarded update for each of ``values``. Raises ``GuardFailed`` unless each changes exactly one row."""
    for each in values:
        if connection.execute(statement, each).rowcount != 1:
            raise GuardFailed(f"{what}: {each.get('of_id')} is not there or may not change like this")


def _write_visits(
    connection: sa.Connection,
    added: Sequence[tuple[Visit, Customer]],
    changed: Sequence[Visit],
    customers: Sequence[tuple[int, Customer]],
) -> None:
    if added:
        for visit, customer in added:
            if visit.customer != customer.code:
                raise GuardFailed(f"visit {visit.id} of customer {visit.customer} comes with data of {customer.code}")
        new = [{**rows.values(customer), **rows.values(visit)} for visit, customer in added]
        connection.execute(sa.insert(visits), new)
    _VISIT.run_guarded(connection, changed, "visits")
    _VISIT_DEALT.run(connection, changed)
    data = [{"of_id": of_id, "of_customer": customer.code, **rows.values(customer)} for of_id, customer in customers]
    _update_all(connection, _CUSTOMER, data, "customer data")


def _write_attempts(connection: sa.Connection, moved: Sequence[Attempt], placed: Sequence[Attempt]) -> None:
    _MOVE.run_guarded(connection, moved, "attempts")
    _PLACED.run(connection, placed)
    talks = [{"of_id": attempt.id} for attempt in (*moved, *placed) if not attempt.live and attempt.talked]
    if talks:
        connection.execute(_RECORDING_DUE, talks)


def _clear_orders(connection: sa.Connection, attempt: str, at: datetime, but: str = "") -> None:
    """What an agent entered for a call before goes: their orders, and their claims on another customer's of late.

    What the order system says of the call stays.
    """
    theirs = sa.and_(orders.c.attempt == attempt, orders.c.source == AGENT, orders.c.number != but)
    connection.execute(sa.delete(orders).where(theirs))
    named = sa.cast(orders.c.candidates, sa.String).contains(attempt)
    asked = sa.select(orders).where(OPEN_ORDERS, orders.c.at >= at - _OF_LATE, orders.c.number != but, named)
    for order in rows.all_of(Order, asked)(connection):
        left = tuple(name for name in order.candidates if name != attempt)
        settled = left in ((), (order.attempt,))
        kept = replace(order, open_question="", candidates=()) if settled else replace(order, candidates=left)
        connection.execute(upsert(connection.dialect, orders), rows.values(kept))


def _write_order(connection: sa.Connection, taken: OrderTaken) -> None:
    _clear_orders(connection, taken.attempt, taken.at, but=taken.number)
    known = rows.first_of(Order, sa.select(orders).where(orders.c.number == taken.number))(connection)
    connection.execute(upsert(connection.dialect, orders), rows.values(merged(known, taken)))


def merged(known: Order | None, taken: OrderTaken) -> Order:
    """What is known of an order after an agent entered it in a conversation.

    The agent knows the call; the order system knows the rest. A number that another customer has
    already is a slip of somebody's: a person must decide, nothing is overwritten.
    """
    if known is None:
        return Order(source=AGENT, **rows.values(taken))
    if known.customer != taken.customer:
        question = f"{taken.by} entered this order for customer {taken.customer}, but it is of {known.customer}"
        candidates = dict.fromkeys((*known.candidates, *((known.attempt,) if known.attempt else ()), taken.attempt))
        return replace(known, open_question=question, candidates=tuple(candidates))
    first, second = (taken, known) if known.source == AGENT else (known, taken)
    return replace(
        known,
        attempt=taken.attempt,
        open_question="",
        candidates=(),
        quantity=first.quantity or second.quantity,
        amount=first.amount or second.amount,
        by=known.by or taken.by,
    )


def _take_back(connection: sa.Connection, back: NoticeBack, installation: str) -> None:
    """A notice that has not left goes; one that has left, or may be leaving just now, is followed by a second one."""
    name = f"{installation}-{back.key}"
    this = notices.c.id.startswith(name, autoescape=True) if back.key.endswith("-") else notices.c.id == name
    told = sa.select(notices).where(notices.c.visit == back.visit, this, notices.c.kind != NoticeKind.TAKEN_BACK)
    for notice in rows.all_of(Notice, told)(connection):
        if notice.tries == 0 and notice.next_try_at is not None and notice.next_try_at > back.at:
            connection.execute(sa.delete(notices).where(notices.c.id == notice.id))
            continue
        kind = NoticeKind.TAKEN_BACK
        made = Notice(f"{notice.id}-back", kind, back.at, taken_back_body(notice, back.at), next_try_at=back.at)
        values = {**rows.values(made), "visit": back.visit}
        connection.execute(insert_new(connection.dialect, notices), [values])


def _write_notices(connection: sa.Connection, due: Sequence[NoticeDue], installation: str) -> None:
    if not due:
        return
    ids = {notice.visit for notice in due if notice.visit is not None}
    found = connection.execute(sa.select(visits).where(visits.c.id.in_(ids))).mappings()
    known = {row["id"]: (rows.record(Visit, row), rows.record(Customer, row)) for row in found}
    calls = sa.select(attempts).where(attempts.c.visit.in_(known)).order_by(attempts.c.visit, attempts.c.seq)
    made = rows.by_visit(connection, Attempt, calls)

    def body(notice: NoticeDue) -> Body:
        if notice.visit is None:
            return plain_body(notice)
        if notice.visit not in known:
            raise GuardFailed(f"notice {notice.key} is about visit {notice.visit}, which is not on record")
        return visit_body(notice, *known[notice.visit], made[notice.visit])

    new = [
        Notice(
            f"{installation}-{notice.key}",
            notice.kind,
            notice.at,
            body(notice),
            next_try_at=notice.at + GRACE * notice.grace,
        )
        for notice in due
    ]
    values = [{**rows.values(made), "visit": notice.visit} for made, notice in zip(new, due, strict=True)]
    connection.execute(sa.insert(notices), values)


def _write_small(connection: sa.Connection, changes: Changes) -> None:
    if changes.alarms:
        # One alarm of a key is open at a time: the one that is over goes first.
        latest = {(alarm.key, alarm.raised_at): alarm for alarm in changes.alarms}
        ordered = sorted(latest.values(), key=lambda alarm: alarm.cleared_at is None)
        connection.execute(upsert(connection.dialect, alarms), [rows.values(alarm) for alarm in ordered])
    if changes.calendar:
        days = {edit.day: {**rows.values(edit), "source": "edited"} for edit in changes.calendar}
        connection.execute(upsert(connection.dialect, calendar), list(days.values()))
    kept = [{"name": name, "value": value} for name, value in changes.flags.items() if value]
    gone = [name for name, value in changes.flags.items() if not value]
    if kept:
        connection.execute(upsert(connection.dialect, flags), kept)
    if gone:
        connection.execute(sa.delete(flags).where(flags.c.name.in_(gone)))
