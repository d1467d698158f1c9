"""What the rooms need of the world, as protocols. Adapters implement them; ``app.py`` wires them.

All methods raise only errors of :mod:`dialer.errors`. All times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from dialer.campaign.agent import Agent
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import AlarmChange, Changes, Place
from dialer.campaign.customer import Customer
from dialer.campaign.messages import PbxMessage
from dialer.campaign.phonetest import PhoneState
from dialer.campaign.records import (
    BoardNotice,
    Call,
    CallQuery,
    Mark,
    Notice,
    NoticeState,
    Order,
    Page,
    Recording,
    VisitDetail,
    VisitScope,
)
from dialer.campaign.remarks import Remark, Tally
from dialer.campaign.staff import AuditEntry, AuditQuery, Session, Staff
from dialer.campaign.visit import Visit


class Clock(Protocol):
    """The one clock."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        ...


class Pbx(Protocol):
    """A PBX that places calls and tells what becomes of them.

    Messages are handed to the sink given at construction, in the order in which the PBX sent them.
    """

    async def start(self) -> None:
        """Begin connecting; return at once. A login reports ``LinkRestored`` with ``final=False``."""
        ...

    async def stop(self) -> None:
        """Close the link for good. Calls on the PBX go on."""
        ...

    async def originate(self, order: Place) -> None:
        """Put one Originate on the wire, once. Returns when it is written, not when it is answered.

        Raises :class:`~dialer.errors.LinkDown` when it surely did not leave. Once it may have left
        it is never sent again; the outcome arrives as messages.
        """
        ...

    async def hang_up(self, attempt: str) -> None:
        """End the call of ``attempt``; nothing happens when there is none. Raises ``LinkDown``."""
        ...

    async def survey(self) -> None:
        """Ask which calls of ours exist; the answer arrives as ``LinkRestored`` with ``final=True``.

        Raises ``LinkDown`` or ``LinkLost``.
        """
        ...


PbxSink = Callable[[PbxMessage], None]


class PhoneTester(Protocol):
    """A PBX that rings one phone for a test. Nothing of it is told to the sink of :class:`Pbx`."""

    def hear_tests(self, sink: PbxSink) -> None:
        """Tell ``sink`` what becomes of test calls, as CallEvents under their ids, and each ``LinkLost``.

        ANSWERED: picked up; CONNECTED: the tones are being played.
        """
        ...

    async def phone(self, extension: str) -> PhoneState:
        """What is known of a phone without ringing it. Raises ``LinkDown`` or ``LinkLost``."""
        ...

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        """Ring it, once; when it is picked up, play some tones and hang up.

        Raises ``LinkDown`` when the call surely was not placed, and ``BadInput`` for a dial string that cannot be sent.
        """
        ...

    async def hang_up(self, attempt: str) -> None:
        """End the test call of this id; nothing happens when there is none. Raises ``LinkDown``."""
        ...


@dataclass(slots=True)
class DaySnapshot:
    """What the store knows of one day, for the engine to start from.

    ``attempts`` are those that have not ended (of any day); ``ends`` the ends, in order, of all calls to each
    number that ended after the time given to ``load`` (which of them was the last, their times alone do not say when
    the clock was set in between); ``departments`` those on the day's list; ``conversations`` the day's ended connected
    attempts, as attempt id -> visit id.
    """

    visits: list[Visit] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    ends: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    departments: list[str] = field(default_factory=list)
    conversations: dict[str, int] = field(default_factory=dict)
    calendar: tuple[bool, str] | None = None  # (working, name) when the day is in the calendar table


@dataclass(slots=True)
class Base:
    """What the store knows apart from days.

    ``installation`` is a short id made with the database; ``open_days`` are the days that have a
    visit which is still waiting or being called.
    """

    installation: str
    next_visit: int
    agents: list[Agent] = field(default_factory=list)
    alarms: list[AlarmChange] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    open_days: list[date] = field(default_factory=list)


class DayStore(Protocol):
    """The engine's durable copy of its state."""

    async def base(self) -> Base:
        """Agents, open alarms, flags and counters."""
        ...

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        """Everything of ``day``; ends of calls to any number since ``ends_since``."""
        ...

    async def commit(self, changes: Changes) -> None:
        """Write ``changes`` in one transaction, durably.

        Raises :class:`~dialer.errors.StoreUnavailable` when nothing was written and trying again may
        help, :class:`~dialer.errors.GuardFailed` when the database refuses the change.
        """
        ...

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """A digest of the stored customer data by visit id, to see what an amended list changes."""
        ...


class CallStore(Protocol):
    """Looking things up: visits with all that is known of them, calls, agents' talk."""

    async def detail(self, visit: int) -> VisitDetail:
        """One visit with its timeline. Raises ``NotFound``."""
        ...

    async def visits_of(self, customer: str, day: date) -> list[int]:
        """Ids of the customer's visits on ``day``."""
        ...

    async def details(self, day: date, page: Page) -> list[VisitDetail]:
        """The day's visits in list order with attempts, without call evidence and history."""
        ...

    async def customers(self, visit_ids: Sequence[int]) -> dict[int, Customer]:
        """The customers by visit id; ids that are not there are left out."""
        ...

    async def attempt(self, attempt: str) -> Attempt:
        """One attempt. Raises ``NotFound``."""
        ...

    async def attempts_between(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until), by time: the records that an audit compares."""
        ...

    async def calls(self, query: CallQuery) -> list[Call]:
        """Calls that fit ``query``, newest first."""
        ...


class RecordingStore(Protocol):
    """The index of recordings."""

    async def recording(self, attempt: str) -> Recording | None: ...

    async def save_recording(self, recording: Recording) -> None:
        """Insert or replace the row of this attempt. A hold is never changed by this."""
        ...

    async def hold(self, attempt: str, hold: bool, reason: str) -> None:
        """Protect a recording from retention, or release it. Raises ``NotFound``."""
        ...

    async def connected_without_recording(self, ended_before: datetime, limit: int) -> list[Attempt]:
        """Ended connected attempts that have no recording row yet."""
        ...

    async def expired(self, ended_before: datetime, limit: int) -> list[Recording]:
        """Recordings with a file, of calls that ended before, that are not on hold."""
        ...

    async def log_access(self, attempt: str, who: str, what: str, at: datetime, address: str) -> None:
        """Note who listened to or downloaded what; append-only."""
        ...

    async def accesses(self, attempt: str | None, page: Page) -> list[tuple[datetime, str, str, str, str]]:
        """(at, who, what, attempt, address), newest first."""
        ...


class MarkStore(Protocol):
    """What listeners wrote about recordings."""

    async def marks(self, attempt: str) -> list[Mark]:
        """Notes on the whole recording first, then by position."""
        ...

    async def add_mark(self, mark: Mark) -> Mark:
        """Store it; as it now stands, with its id. Raises ``NotFound`` when there is no recording of the attempt."""
        ...

    async def remove_mark(self, attempt: str, mark: int, by: str) -> None:
        """Remove one's own. Raises ``NotFound`` when there is no such mark of theirs."""
        ...


class OrderStore(Protocol):
    """Orders and the calls in which they were taken."""

    async def order(self, number: str) -> Order | None: ...

    async def save_order(self, order: Order) -> None:
        """Insert or replace by number."""
        ...

    async def orders_of(self, attempt: str) -> list[Order]: ...

    async def open_orders(self, page: Page) -> list[Order]:
        """Orders that no call is known for, newest first."""
        ...

    async def conversations(self, customer: str, since: datetime, until: datetime) -> list[Attempt]:
        """Connected attempts of the customer that overlap [since, until], by time."""
        ...


class Outbox(Protocol):
    """Notices on their way out. Rows are put in by :meth:`DayStore.commit`."""

    async def due(self, now: datetime, limit: int) -> list[Notice]:
        """Pending notices whose next try has come, oldest first; a clock that was set back holds none up."""
        ...

    async def next_try(self) -> datetime | None:
        """When the next pending notice is due."""
        ...

    async def mark_delivered(self, notice: str, at: datetime) -> None: ...

    async def mark_failed(self, notice: str, at: datetime, error: str, next_try_at: datetime | None) -> None:
        """One more try failed; ``next_try_at`` None makes it a dead letter."""
        ...

    async def resend(self, notice: str, at: datetime) -> None:
        """Make a dead or delivered notice pending again. Raises ``NotFound``."""
        ...

    async def notices(self, state: NoticeState | None, page: Page, scope: VisitScope | None = None) -> list[Notice]:
        """Newest first; with ``scope`` only those about such visits."""
        ...


class Board(Protocol):
    """The built-in info platform's own storage."""

    async def post(self, notice: BoardNotice) -> bool:
        """Store it; False when this id is already there (delivered again)."""
        ...

    async def listing(
        self, department: str | None, account_manager: str | None, open_only: bool, page: Page,
        scope: VisitScope | None = None,
    ) -> list[BoardNotice]:  # fmt: skip
        """Newest first; with ``scope`` only those about such visits."""
        ...

    async def waiting(self, scope: VisitScope | None = None) -> list[tuple[str, str, int]]:
        """(department, account manager, how many of their notices were not acknowledged)."""
        ...

    async def acknowledge(self, notice: str, by: str, at: datetime) -> BoardNotice:
        """Mark as read. Raises ``NotFound``."""
        ...


class TokenStore(Protocol):
    """API tokens; only hashes are stored."""

    async def save_token(self, name: str, digest: str, scopes: tuple[str, ...], at: datetime) -> None: ...

    async def token(self, digest: str) -> tuple[str, tuple[str, ...]] | None:
        """(name, scopes) of the token with this SHA-256 digest, when it is not revoked."""
        ...

    async def tokens(self) -> list[tuple[str, tuple[str, ...], datetime, bool]]:
        """(name, scopes, created at, revoked)."""
        ...

    async def revoke_token(self, name: str, at: datetime) -> None: ...


class RemarkStore(Protocol):
    """What agents write down while they talk, and their day in numbers."""

    async def remarks(self, calls: Sequence[str]) -> dict[str, Remark]:
        """Call -> its remarks, of those that have any."""
        ...

    async def save(self, remark: Remark) -> Remark | None:
        """Write down the remarks of a call; those that they replace. Raises ``NotFound``."""
        ...

    async def tally(self, agent: str, day: date) -> Tally:
        """What the agent has done on ``day``."""
        ...


class StaffStore(Protocol):
    """Accounts of people."""

    async def staff(self, number: str) -> Staff | None: ...

    async def everybody(self) -> list[Staff]:
        """By staff number, disabled ones too."""
        ...

    async def add(self, staff: Staff) -> None:
        """Raises ``Conflict`` when the number is taken."""
        ...

    async def change(self, number: str, edit: Callable[[Staff], Staff]) -> Staff:
        """Replace an account by what ``edit`` makes of it, in one transaction. Raises ``NotFound``."""
        ...


class SessionStore(Protocol):
    """Sign-ins, and the tries that failed."""

    async def open(self, session: Session) -> None: ...

    async def session(self, digest: str) -> Session | None: ...

    async def seen(self, digest: str, at: datetime) -> None: ...

    async def revoke(self, digests: Sequence[str], at: datetime) -> None: ...

    async def sessions(self, staff: str | None, since: datetime) -> list[Session]:
        """Sessions seen since then, of one person or of everybody, newest first; revoked ones too."""
        ...

    async def begin_try(self, most: Mapping[str, int], at: datetime, since: datetime) -> dict[str, list[datetime]]:
        """Note a try at a password under each key, unless one of them has as many as its limit already.

        Gives the times of the tries before it since then, oldest first. It is counted before the password is looked
        at, so that many tries at once are no way around the limit.
        """
        ...

    async def forget_tries(self, keys: Sequence[str], at: datetime | None = None) -> None:
        """The tries under these keys were good; with ``at`` only those of that time."""
        ...


class AuditLog(Protocol):
    """What people and systems did; append-only."""

    async def append(self, entry: AuditEntry) -> None: ...

    async def search(self, query: AuditQuery) -> list[AuditEntry]:
        """Newest first."""
        ...
