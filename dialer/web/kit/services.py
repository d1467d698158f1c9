"""Everything that the web needs of the rest, as ports and callables; :mod:`dialer.app` fills it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Literal, Protocol

from dialer.campaign.changes import CalendarChange
from dialer.campaign.engine import Engine
from dialer.campaign.model.customer import VisitList
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.views.lookup import CallStore
from dialer.clock import Clock
from dialer.errors import RowProblem
from dialer.language import Language, Text, reword, translator
from dialer.notices.board import Board
from dialer.notices.outbox import NoticeState, Outbox
from dialer.people.accounts import Accounts
from dialer.people.marks import MarkStore
from dialer.people.remarks import RemarkStore
from dialer.people.ticks import TickStore
from dialer.people.tokens import TokenStore
from dialer.phonetests.service import PhoneTests
from dialer.recording.library import Library
from dialer.recording.orders import Orders
from dialer.recording.ports import OrderStore, RecordingStore
from dialer.recording.reconcile import Reconciliation
from dialer.reports.sums import ReportStore
from dialer.web.kit.metrics import Metrics


class AgentLike(Protocol):
    """One good row of an agent list; ``extension`` is a whole dial string."""

    @property
    def number(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def team(self) -> str | None: ...


class ReadVisits(Protocol):
    """Reads a visit list off the event loop. Raises BadInput, ListRefused with every problem."""

    async def __call__(
        self, data: bytes, filename: str, list_name: str, *, sheet: str, skip_bad: bool
    ) -> VisitList: ...


class ReadAgents(Protocol):
    """Reads an agent list off the event loop. Raises BadInput, ListRefused with every problem that is not skipped."""

    async def __call__(
        self, data: bytes, filename: str, sheet: str, *, skip_bad: bool
    ) -> tuple[Sequence[AgentLike], tuple[RowProblem, ...]]: ...


WordNotice = Callable[[str, Mapping[str, Any], Language], tuple[str, str]]
"""(title, sentence) of a notice for people, from its kind and body."""


class BackupLike(Protocol):
    """A verified backup: ``size`` in bytes, ``sha256`` as it was when it was verified."""

    @property
    def path(self) -> Path: ...
    @property
    def made_at(self) -> datetime: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


class Backups(Protocol):
    """The backups of the database. ``problem``: why the last one failed, "" when it did not."""

    @property
    def folder(self) -> Path: ...
    @property
    def problem(self) -> str: ...

    async def make(self) -> BackupLike:
        """One more, verified. Raises Conflict while one is being made, StoreError."""

    async def listing(self) -> Sequence[BackupLike]:
        """Newest first. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one part is. ``degraded`` still does its work; ``advice`` says what to do about it.

    A ``state`` that is no Text is an error's own words.
    """

    part: str
    level: Literal["ok", "degraded", "failed"]
    state: Text | str
    advice: Text | None = None

    def words(self, language: Language) -> tuple[str, str]:
        """State and advice in ``language``."""
        t = translator(language)
        state = self.state.said(t) if isinstance(self.state, Text) else reword(self.state, language)
        return state, self.advice.said(t) if self.advice else ""


@dataclass(frozen=True, slots=True)
class LinkShown:
    """The link to the PBX: where it goes, what went wrong last, and how long the last answer took."""

    address: str = ""
    state: str = "up"
    error: str = ""
    lag_s: float | None = None


@dataclass(frozen=True, slots=True)
class SettingShown:
    """One setting as people may see it: never a secret. ``source``: default, file or environment."""

    name: str
    value: str
    source: Literal["default", "file", "environment"]


Probe = Callable[[], Awaitable[Health]]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the metrics count in the database."""

    notices: Mapping[NoticeState, int] = field(default_factory=dict)
    recordings: Mapping[RecordingState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What stands behind the routes.

    ``normalise`` makes a phone number of what people write, and says whether it is doubtful: possible, but not one
    that the plan has assigned. ``dial_string`` makes a dial string of an extension. Both raise BadInput. ``calendar``
    lists a year's days that the calendar table has. ``resent`` is called when a notice is pending again. ``metrics`` is
    given in when the store is timed with it. ``link``, ``settings`` and ``next_backup`` (when the nightly one is made)
    are for the administrator to look at.
    """

    engine: Engine
    clock: Clock
    zone: tzinfo
    version: str
    calls: CallStore
    recordings: RecordingStore
    marks: MarkStore
    library: Library
    order_store: OrderStore
    orders: Orders
    outbox: Outbox
    board: Board
    tokens: TokenStore
    accounts: Accounts
    remarks: RemarkStore
    ticks: TickStore
    reports: ReportStore
    phone_tests: PhoneTests
    read_visits: ReadVisits
    read_agents: ReadAgents
    normalise: Callable[[str], tuple[str, bool]]
    dial_string: Callable[[str], str]
    reconcile: Callable[[date], Awaitable[Reconciliation]]
    calendar: Callable[[int], Awaitable[Sequence[CalendarChange]]]
    counts: Callable[[], Awaitable[Counts]]
    backups: Backups
    word_notice: WordNotice
    resent: Callable[[], None] = lambda: None
    defect_found: Callable[[str], None] = lambda _: None
    probes: Sequence[Probe] = ()
    metrics: Metrics = field(default_factory=Metrics)
    next_backup: Callable[[], datetime | None] = lambda: None
    link: Callable[[], LinkShown] = LinkShown
    settings: Callable[[], Sequence[SettingShown]] = tuple
