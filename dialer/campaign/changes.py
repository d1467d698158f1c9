"""What a step leaves behind: rows to commit in one transaction, then intents to carry out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dialer.campaign.messages import CallEvent
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.notice import NoticeKind as NoticeKind  # noqa: PLC0414 - it is part of a change, too
from dialer.campaign.model.visit import Visit


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A notice that must go out. ``key`` is unique for ever: the same fact is never told twice.

    For a visit the key is ``{kind}-{visit}-{round}``. The store composes the body (customer, every
    attempt with time and result, department, account manager) in the same transaction.
    """

    key: str
    kind: NoticeKind
    at: datetime
    visit: int | None = None
    department: str = ""  # LATE_START: one notice for each department on the list
    text: str = ""
    alarm: str = ""  # ALARM: the alarm's key, by which it is worded
    grace: bool = False  # a person entered it: it waits for a while, in which it can be taken back


@dataclass(frozen=True, slots=True)
class NoticeBack:
    """Notices about ``visit`` of this ``key``, or with "-" at its end of all such keys, are taken back.

    One that has not left yet never does; whoever has been told is told that it was a mistake.
    """

    key: str
    visit: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history; append-only. ``what`` is a stable word, ``details`` plain JSON values."""

    at: datetime
    what: str
    day: date | None = None
    visit: int | None = None
    attempt: str | None = None
    agent: str | None = None
    by: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderTaken:
    """The order that an agent entered as the result of a conversation, in place of one that they entered before."""

    number: str
    attempt: str
    customer: str
    at: datetime
    by: str
    quantity: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm was raised, or (``cleared_at`` set) is over."""

    key: str
    text: str
    raised_at: datetime
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """``working`` None removes the day from the table."""

    day: date
    working: bool | None
    name: str = ""


@dataclass(slots=True)
class Changes:
    """One transaction. Rows are copies: the state may move on while they are written.

    ``placed`` are new attempts (to be inserted), ``attempts`` changed ones (to be updated, guarded:
    an ended attempt never changes but for its result). ``added`` are new visits with their
    customer; ``customers`` changes of customer data by visit id. ``calls`` is the raw evidence.
    """

    added: list[tuple[Visit, Customer]] = field(default_factory=list)
    customers: list[tuple[int, Customer]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    placed: list[Attempt] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    calls: list[CallEvent] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    notices: list[NoticeDue] = field(default_factory=list)
    notices_back: list[NoticeBack] = field(default_factory=list)
    """These go before ``notices``."""
    results: list[tuple[str, str | None]] = field(default_factory=list)
    """(attempt id, result, None: taken back) of conversations, live or ended; only a connected attempt may have one."""
    bound: list[tuple[str, str]] = field(default_factory=list)
    """(attempt id, agent) of attempts that were placed without an agent; an agent who is bound stays so."""
    orders: list[OrderTaken] = field(default_factory=list)
    orders_gone: list[tuple[str, datetime]] = field(default_factory=list)
    """(attempt id, now) of conversations in which no order was taken after all: what an agent entered for them goes."""
    alarms: list[AlarmChange] = field(default_factory=list)
    calendar: list[CalendarChange] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    """Small durable facts by name, for example ``paused`` or ``opened-2026-11-21``; "" removes one."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__)


# -- intents -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Originate this attempt, which is already committed. It leaves at most once.

    ``number`` and ``shop`` are the customer's, as the agent's phone shows them; the engine looks the shop up.
    """

    attempt: str
    channel: str  # dial string of the customer, e.g. PJSIP/13904700001@trunk
    agent: str  # dial string of the agent's phone
    timeout_s: float  # how long the customer's phone may ring
    agent_timeout_s: float
    caller_id: str = ""
    number: str = ""
    shop: str = ""
    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True)
class HangUpCall:
    """End the call of this attempt, or the channel of a stranger, if it still exists."""

    attempt: str
    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True)
class Survey:
    """Ask a PBX again, ``after_s`` seconds from now, which calls of ours it has."""

    after_s: float
    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True)
class FollowPhones:
    """Ask a PBX for the states of these phones, and hear of every change from now on."""

    devices: tuple[str, ...]
    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True)
class TakePbx:
    """Make this dialer the owner of a PBX."""

    pbx: str = MAIN_PBX


Intent = Place | HangUpCall | Survey | FollowPhones | TakePbx
