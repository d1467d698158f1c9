"""Records that rooms share through the store: recordings, orders, notices, and a visit with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Entry, NoticeKind
from dialer.campaign.customer import Customer
from dialer.campaign.messages import CallEvent
from dialer.campaign.visit import Visit


class RecordingState(StrEnum):
    """Whether a recording can be played."""

    KEPT = "kept"
    FAULTY = "faulty"  # taken in, but empty, silent, one-sided or of the wrong length; see `faults`
    MISSING = "missing"  # a connected call without a file; `faults` says why not
    DELETED = "deleted"  # removed by retention; the row stays


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording, or the row that says why there is none. Its id is the attempt's id.

    ``path`` is relative to the library folder; ``duration_s`` the length of the audio;
    ``sha256`` of the file as stored; ``levels`` the RMS level in dBFS of (agent, customer), where
    None means that the side was not recorded separately.
    """

    attempt: str
    state: RecordingState
    taken_in_at: datetime
    path: str = ""
    size: int = 0
    duration_s: float = 0.0
    sha256: str = ""
    channels: int = 1
    levels: tuple[float | None, float | None] = (None, None)
    faults: tuple[str, ...] = ()
    hold: bool = False
    hold_reason: str = ""
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """An attempt together with its customer and, if there is one, its recording: what a search finds."""

    attempt: Attempt
    customer: Customer
    recording: Recording | None
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the order system. ``attempt`` is the call in which it was taken, when that is known.

    ``open_question`` is "" or says why a person must decide; ``candidates`` are the attempts among
    which. ``source`` is "order-system" or "agent".
    """

    number: str
    customer: str
    at: datetime
    source: str
    attempt: str | None = None
    open_question: str = ""
    candidates: tuple[str, ...] = ()
    quantity: str = ""
    amount: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a listener wrote about a recording: at ``position_s`` seconds from its start, or (None) on all of it.

    ``id`` is 0 until it is stored.
    """

    attempt: str
    at: datetime
    by: str
    text: str
    position_s: float | None = None
    id: int = 0


class NoticeState(StrEnum):
    """How far a notice is."""

    PENDING = "pending"
    DELIVERED = "delivered"  # the platform acknowledged
    DEAD = "dead"  # given up; can be resent by a person


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in the outbox. ``id`` goes out as the webhook id and never changes.

    ``body`` is what is sent, as plain JSON values.
    """

    id: str
    kind: NoticeKind
    created_at: datetime
    body: Mapping[str, Any]
    state: NoticeState = NoticeState.PENDING
    tries: int = 0
    next_try_at: datetime | None = None
    last_error: str = ""
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardNotice:
    """A notice on the built-in board, as the info platform's readers see it."""

    id: str
    kind: str
    received_at: datetime
    department: str
    account_manager: str
    body: Mapping[str, Any]
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


@dataclass(frozen=True, slots=True)
class VisitDetail:
    """One visit with everything that is known of it."""

    visit: Visit
    customer: Customer
    attempts: tuple[Attempt, ...] = ()
    calls: tuple[CallEvent, ...] = ()
    history: tuple[Entry, ...] = ()
    orders: tuple[Order, ...] = ()
    recordings: tuple[Recording, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a longer listing: at most ``limit`` rows from ``offset`` on."""

    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class VisitScope:
    """Narrows a listing to visits that are dealt to ``team``, or to nobody's team and one of ``agents``."""

    team: str | None
    agents: frozenset[str]


@dataclass(frozen=True, slots=True)
class CallQuery:
    """What to search calls by; every field that is set must hold."""

    customer: str | None = None
    number: str | None = None
    agent: str | None = None
    order: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    day: date | None = None
    disposition: str | None = None
    recorded: bool | None = None
    text: str | None = None
    """Anywhere in the shop's or person's name or the number dialled; all of the customer's code or an order's."""
    result: str | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    """Length of the recording in seconds, both ends included."""
    hold: bool | None = None
    amiss: bool = False
    """Only conversations whose recording is not simply kept, or deleted in time: missing, faulty, with a remark."""
    oldest_first: bool = False
    page: Page = field(default_factory=Page)
