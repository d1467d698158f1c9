"""What a notice says: the JSON that goes to the info platform.

Every body has the form of Standard Webhooks::

    {"type": TYPE, "timestamp": TIME, "data": {...}}

Times are UTC, ``2026-11-21T00:05:00.123456Z``; days are ``2026-11-21``; what is not known is null.

======================  ===========================================================================
type                    data
======================  ===========================================================================
visit.unreached         a visit (below): the last attempt allowed did not reach the customer
visit.invalid_number    a visit: the number does not exist, a person must correct it
visit.out_of_time       a visit: the day closed before all attempts were made
visit.feedback          a visit: a complaint or an opinion, in ``text``
day.late_start          ``department``, ``text``: calling starts late today
alarm.raised            ``key``, ``text``: a failure that lasts; the key says which
======================  ===========================================================================

A visit: ``visit`` (id), ``day``, ``list``, ``number`` (as dialled), ``state``, ``round``,
``counted`` (attempts that count, of this round), ``agent``, ``team``, ``result``, ``text``,
``customer`` and ``attempts``; ``by_hand`` when somebody dialled by hand. The customer: every field of
:class:`~dialer.campaign.model.customer.Customer`, ``extra`` as a list of [header, value]. An attempt:
``id``, ``seq``, ``round``, ``number``, ``agent``, ``placed_at``, ``ringing_at``, ``answered_at``,
``connected_at``, ``ended_at``, ``disposition``, ``counts`` and ``result``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dialer.campaign.changes import NoticeDue, NoticeKind
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import ManualCall, Visit
from dialer.store.schema.columns import iso

TYPES: dict[NoticeKind, str] = {
    NoticeKind.UNREACHED: "visit.unreached",
    NoticeKind.INVALID_NUMBER: "visit.invalid_number",
    NoticeKind.OUT_OF_TIME: "visit.out_of_time",
    NoticeKind.FEEDBACK: "visit.feedback",
    NoticeKind.LATE_START: "day.late_start",
    NoticeKind.ALARM: "alarm.raised",
}

Body = dict[str, Any]


def visit_body(due: NoticeDue, visit: Visit, customer: Customer, attempts: Sequence[Attempt]) -> Body:
    """A notice about one visit, with every attempt of it in order."""
    known = asdict(customer)
    known["extra"] = [list(pair) for pair in customer.extra]
    data: Body = {
        "visit": visit.id,
        "day": visit.day.isoformat(),
        "list": visit.list_name,
        "number": visit.number,
        "state": visit.state.value,
        "round": visit.round,
        "counted": visit.counted,
        "agent": visit.agent,
        "team": visit.team,
        "result": visit.result.value if visit.result else None,
        "text": due.text,
        "customer": known,
        "attempts": [_attempt(attempt) for attempt in attempts],
    }
    if visit.hand is not None:
        data["by_hand"] = _hand(visit.hand)
    return _body(due, data)


def plain_body(due: NoticeDue) -> Body:
    """A notice that is not about a visit."""
    data: Body = {"text": due.text}
    if due.kind is NoticeKind.LATE_START:
        data["department"] = due.department
    if due.kind is NoticeKind.ALARM:
        data["key"] = due.alarm
    return _body(due, data)


def _body(due: NoticeDue, data: Body) -> Body:
    return {"type": TYPES[due.kind], "timestamp": iso(due.at), "data": data}


def _hand(work: ManualCall) -> Body:
    return {"who": work.who, "at": iso(work.at), "tries": work.tries, "text": work.text}


def _attempt(attempt: Attempt) -> Body:
    return {
        "id": attempt.id,
        "seq": attempt.seq,
        "round": attempt.round,
        "number": attempt.number,
        "agent": attempt.agent,
        "placed_at": iso(attempt.placed_at),
        "ringing_at": _iso(attempt.ringing_at),
        "answered_at": _iso(attempt.answered_at),
        "connected_at": _iso(attempt.connected_at),
        "ended_at": _iso(attempt.ended_at),
        "disposition": attempt.disposition.value if attempt.disposition else None,
        "counts": attempt.counts,
        "result": attempt.result,
    }


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at is not None else None
