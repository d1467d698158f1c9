"""Calls and visits looked up in the store, with everything that is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from dialer.campaign.changes import Entry
from dialer.campaign.messages import CallEvent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page, VisitScope
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import Visit


@dataclass(frozen=True, slots=True)
class Call:
    """An attempt together with its customer and, if there is one, its recording: what a search finds."""

    attempt: Attempt
    customer: Customer
    recording: Recording | None
    orders: tuple[str, ...] = ()


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
class CallQuery:
    """What to search calls by; every field that is set must hold."""

    customer: str | None = None
    number: str | None = None
    agent: str | None = None
    order: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    day: date | None = None
    last_day: date | None = None
    """With ``day`` the first of several days, this one included."""
    scope: VisitScope | None = None
    disposition: str | None = None
    recorded: bool | None = None
    text: str | None = None
    """Anywhere in a name, the licence, the address or the number dialled; all of the customer's code or an order's."""
    customers: frozenset[str] = frozenset()
    """Codes of customers whose calls fit ``text`` as well, since it spells their names."""
    result: str | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    """Length of the recording in seconds, both ends included."""
    hold: bool | None = None
    amiss: bool = False
    """Only conversations whose recording is not simply kept, or deleted in time: missing, faulty, with a remark."""
    unsaid: bool = False
    """Only conversations that are over and have no result yet."""
    oldest_first: bool = False
    page: Page = field(default_factory=Page)


class CallStore(Protocol):
    """Looking things up: visits with all that is known of them, calls, agents' talk."""

    async def detail(self, visit: int) -> VisitDetail:
        """One visit with its timeline. Raises ``NotFound``."""

    async def visits_of(self, customer: str, day: date) -> list[int]:
        """Ids of the customer's visits on ``day``."""

    async def details(self, day: date, page: Page) -> list[VisitDetail]:
        """The day's visits in list order with attempts, without call evidence and history."""

    async def customers(self, visit_ids: Sequence[int]) -> dict[int, Customer]:
        """The customers by visit id; ids that are not there are left out."""

    async def names(self, since: date, until: date) -> list[Customer]:
        """Who was on the lists of these days, the last included: codes, names, addresses, each wording of them once."""

    async def attempt(self, attempt: str) -> Attempt:
        """One attempt. Raises ``NotFound``."""

    async def attempts_between(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until), by time: the records that an audit compares."""

    async def calls(self, query: CallQuery) -> list[Call]:
        """Calls that fit ``query``, newest first."""
