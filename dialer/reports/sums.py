"""A day in sums: how many customers, what became of them, how many calls. What the reports are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from dialer.campaign.model.query import Page, VisitScope
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.lookup import VisitDetail

Lack = Literal["unreached", "no-order"]
"""Customers that nobody could talk to, whatever the reason; those for whom no order is known and who were due."""

GIVEN_UP = (VisitState.UNREACHED, VisitState.INVALID_NUMBER, VisitState.OUT_OF_TIME)


@dataclass(slots=True)
class Sums:
    """Of some visits and the calls made for them; ``talk`` is the time of conversations that have ended,
    ``agent_hung_up`` in how many of them the agent hung up first, ``open_results`` how many have no result yet.
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
    """The day's figures, summed up where they are stored. ``scope`` None: of every visit."""

    async def sums(self, day: date, scope: VisitScope | None = None) -> Sums:
        """Everything together."""

    async def by_agent(self, day: date, scope: VisitScope | None = None) -> dict[str, Sums]:
        """By staff number: customers by who talked to them last (or whom they are dealt to), calls by who made them.

        "" is nobody's.
        """

    async def by_time(self, day: date, scope: VisitScope | None = None) -> dict[datetime, Sums]:
        """Calls by the ten minutes in which they were placed; no visits."""

    async def lacking(self, lack: Lack, day: date, page: Page, scope: VisitScope | None = None) -> list[VisitDetail]:
        """Visits that lack something, in list order, with attempts, without call evidence and history."""

    async def count_lacking(self, lack: Lack, day: date, scope: VisitScope | None = None) -> int:
        """How many there are."""
