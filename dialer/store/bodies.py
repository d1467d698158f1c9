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
visit.taken_back        one of the above was a person's slip: its ``data``, its id in ``of``, its kind in ``what``
day.late_start          ``department``, ``text``: calling starts late today
alarm.raised            ``key``, ``text``: a failure that lasts; the key says which
alarm.cleared           the same: it is over
======================  ===========================================================================

A visit: ``visit`` (id), ``day``, ``list``, ``number`` (as dialled), ``state``, ``round``,
``counted`` (attempts that count, of this round), ``agent``, ``team``, ``result``, ``text``,
``customer`` and ``attempts``; ``by_hand`` when somebody dialled by hand; ``called_as``, another
customer, when the number was called for that one too and those calls count. The customer: every field of
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
from dialer.campaign.model.visit import Visit
from dialer.notices.outbox import Notice, mapping

TYPES: dict[NoticeKind, str] = {
    NoticeKind.UNREACHED: "visit.unreached",
    NoticeKind.INVALID_NUMBER: "visit.invalid_number",
    NoticeKind.OUT_OF_TIME: "visit.out_of_time",
    NoticeKind.FEEDBACK: "visit.feedback",
    NoticeKind.TAKEN_BACK: "visit.taken_back",
    NoticeKind.LATE_START: "day.late_start",
    NoticeKind.ALARM: "alarm.raised",
    NoticeKind.ALARM_OVER: "alarm.cleared",
}

Body = dict[str, Any]

_OF_VISIT = ("number", "state", "round", "counted", "agent", "team", "result")
_OF_ATTEMPT = (
    "id", "seq", "round", "number", "agent", "placed_at", "ringing_at", "answered_at", "connected_at", "ended_at",
    "disposition", "counts", "result",
)  # fmt: skip


def visit_body(due: NoticeDue, visit: Visit, customer: Customer, attempts: Sequence[Attempt]) -> Body:
    """A notice about one visit, with every attempt of it in order."""
    data: Body = {
        "visit": visit.id,
        "day": visit.day,
        "list": visit.list_name,
        **_fields(visit, _OF_VISIT),
        "text": due.text,
        "customer": asdict(customer),
        "attempts": [_fields(attempt, _OF_ATTEMPT) for attempt in attempts],
    }
    if visit.hand is not None:
        data["by_hand"] = _fields(visit.hand, ("who", "at", "tries", "text"))
    if visit.called_as not in ("", visit.customer):
        data["called_as"] = visit.called_as
    return _body(due, data)


def plain_body(due: NoticeDue) -> Body:
    """A notice that is not about a visit."""
    data: Body = {"text": due.text}
    if due.kind is NoticeKind.LATE_START:
        data["department"] = due.department
    if due.kind in (NoticeKind.ALARM, NoticeKind.ALARM_OVER):
        data["key"] = due.alarm
    return _body(due, data)


def taken_back_body(notice: Notice, at: datetime) -> Body:
    """A notice that takes another one back."""
    data = {**mapping(notice.body.get("data")), "of": notice.id, "what": notice.kind}
    return {"type": TYPES[NoticeKind.TAKEN_BACK], "timestamp": at, "data": data}


def _body(due: NoticeDue, data: Body) -> Body:
    return {"type": TYPES[due.kind], "timestamp": due.at, "data": data}


def _fields(record: object, names: Sequence[str]) -> Body:
    """Some fields as they are: the column writes times, days and words as JSON has them."""
    return {name: getattr(record, name) for name in names}
