"""Days in sums: how many customers, what became of them, how many calls. What the reports are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from dialer.campaign.model.query import Page, VisitScope
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.lookup import VisitDetail

Standing = Literal["reached", "unreached", "ordered", "no-order"]
"""Customers who were reached; that nobody could talk to, whatever the reason; of whom an order is known; and those
of whom none is, and who were due.
"""

Group = Literal["agent", "team", "department", "manager", "day"]
"""What figures are told apart by: staff number, team, marketing department, account manager, the day as 2026-11-23.

By agent a customer is of who talked to them last, or of whom they are dealt to, a call of who made it.
"""

GIVEN_UP = (VisitState.UNREACHED, VisitState.INVALID_NUMBER, VisitState.OUT_OF_TIME)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which customers figures and lists are of: of the days from ``first`` to ``last``, both included.

    None is everybody's; "" of a department, a manager, a team or an agent is of those who have none.
    """

    first: date
    last: date
    scope: VisitScope | None = None
    agent: str | None = None
    team: str | None = None
    department: str | None = None
    manager: str | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    """Calls that are over and came to the customer's line: the ``seq``-th of their customers, placed in the ten
    minutes from ``at`` on; ``reached`` of them were conversations. What our own side lost is left out.
    """

    seq: int
    at: datetime
    calls: int
    reached: int


@dataclass(slots=True)
class Sums:
    """Of some visits and the calls made for them; ``talk`` is the time of conversations that have ended,
    ``agent_hung_up`` in how many of them the agent hung up first, ``open_results`` how many have no result yet;
    ``quantity`` in cartons and ``amount`` in yuan are what is known of the ``orders``.
    """

    visits: int = 0
    states: Counter[VisitState] = field(default_factory=Counter)
    results: Counter[Result] = field(default_factory=Counter)
    calls: int = 0
    answered: int = 0
    conversations: int = 0
    first_calls: int = 0
    first_reached: int = 0
    talk: timedelta = timedelta()
    orders: int = 0
    quantity: Decimal = Decimal()
    amount: Decimal = Decimal()
    begin: datetime | None = None
    end: datetime | None = None
    agent_hung_up: int = 0
    open_results: int = 0

    @property
    def due(self) -> int:
        """Customers who are to be reached: those who were withdrawn are not."""
        return self.visits - self.states[VisitState.WITHDRAWN]

    @property
    def reach(self) -> float | None:
        """Which share of the customers who are due was reached; None without any."""
        return self.states[VisitState.REACHED] / self.due if self.due else None

    @property
    def first_reach(self) -> float | None:
        """Which share of first calls came to a conversation."""
        return self.first_reached / self.first_calls if self.first_calls else None

    @property
    def mean_talk(self) -> timedelta | None:
        """Of one conversation."""
        return self.talk / self.conversations if self.conversations else None

    @property
    def given_up(self) -> int:
        """Customers that nobody could talk to."""
        return sum(self.states[state] for state in GIVEN_UP)

    def add(self, other: Sums) -> None:
        """Count what ``other`` counted, too."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.begin = min(_known(self.begin, other.begin), default=None)
        self.end = max(_known(self.end, other.end), default=None)


_COUNTED = [each.name for each in fields(Sums) if each.name not in ("begin", "end")]


def total(parts: Iterable[Sums]) -> Sums:
    """All of them together."""
    found = Sums()
    for each in parts:
        found.add(each)
    return found


def _known(*times: datetime | None) -> Iterable[datetime]:
    return (at for at in times if at is not None)


class ReportStore(Protocol):
    """Figures and lists, summed up and chosen where they are stored."""

    async def sums(self, of: Selection) -> Sums:
        """Everything together."""

    async def grouped(self, by: Group, of: Selection) -> dict[str, Sums]:
        """By what tells them apart, in its order; "" is nobody's."""

    async def by_time(self, of: Selection) -> dict[datetime, Sums]:
        """Calls by the ten minutes in which they were placed; no visits."""

    async def tries(self, of: Selection) -> list[Tries]:
        """Calls by their number and by the ten minutes in which they were placed."""

    async def details(self, of: Selection, page: Page) -> list[VisitDetail]:
        """Visits in list order, with attempts, without call evidence and history."""

    async def count(self, of: Selection) -> int:
        """How many there are."""
