"""What the reports count: sums over the day's visits and calls. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from dialer.campaign.attempt import Attempt
from dialer.campaign.records import Story
from dialer.campaign.visit import Result, VisitState


@dataclass(slots=True)
class Sums:
    """Of some visits and the calls made for them; ``talk`` is the time of conversations that have ended."""

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

    @property
    def reach(self) -> float | None:
        """Which share of the customers was reached; None without any."""
        return self.states[VisitState.REACHED] / self.visits if self.visits else None

    @property
    def first_reach(self) -> float | None:
        """Which share of first calls came to a conversation."""
        return self.first_reached / self.first_calls if self.first_calls else None

    @property
    def mean_talk(self) -> timedelta | None:
        """Of one conversation."""
        return self.talk / self.conversations if self.conversations else None

    def add_visit(self, story: Story) -> None:
        """Count a customer."""
        self.visits += 1
        self.states[story.visit.state] += 1
        if story.visit.result is not None:
            self.results[story.visit.result] += 1
        self.orders += len(story.orders)

    def add_call(self, attempt: Attempt) -> None:
        """Count a call."""
        self.calls += 1
        self.answered += bool(attempt.answered_at or attempt.connected_at)
        self.conversations += attempt.connected_at is not None
        if attempt.seq == 1:
            self.first_calls += 1
            self.first_reached += attempt.connected_at is not None
        if attempt.connected_at is not None and attempt.ended_at is not None:
            self.talk += max(attempt.ended_at - attempt.connected_at, timedelta())
        self.begin = min(filter(None, (self.begin, attempt.placed_at)))
        self.end = max(filter(None, (self.end, attempt.ended_at)), default=None)


def of_all(stories: Iterable[Story]) -> Sums:
    """Everything together."""
    sums = Sums()
    for story in stories:
        sums.add_visit(story)
        for attempt in story.attempts:
            sums.add_call(attempt)
    return sums


def by_agent(stories: Sequence[Story]) -> dict[str, Sums]:
    """By staff number: customers by whom they are dealt to (or talked to), calls by whom they were made for."""
    found: dict[str, Sums] = {}
    for story in stories:
        spoke = next((a.agent for a in reversed(story.attempts) if a.connected_at is not None), None)
        found.setdefault(spoke or story.visit.agent or "", Sums()).add_visit(story)
        for attempt in story.attempts:
            found.setdefault(attempt.agent, Sums()).add_call(attempt)
    return dict(sorted(found.items()))


def by_hour(stories: Iterable[Story], zone: tzinfo) -> dict[int, Sums]:
    """Calls by the hour of the department's clock in which they were placed."""
    found: dict[int, Sums] = {}
    for story in stories:
        for attempt in story.attempts:
            found.setdefault(attempt.placed_at.astimezone(zone).hour, Sums()).add_call(attempt)
    return dict(sorted(found.items()))


_GIVEN_UP = (VisitState.UNREACHED, VisitState.INVALID_NUMBER, VisitState.OUT_OF_TIME)


def unreached(stories: Iterable[Story]) -> list[Story]:
    """Customers that nobody could talk to, whatever the reason."""
    return [story for story in stories if story.visit.state in _GIVEN_UP]


def without_order(stories: Iterable[Story]) -> list[Story]:
    """Customers for whom no order is known; those withdrawn from the list have ordered elsewhere or were not due."""
    return [story for story in stories if not story.orders and _is_due(story)]


def _is_due(story: Story) -> bool:
    return story.visit.state is not VisitState.WITHDRAWN and story.visit.result is not Result.ORDERED
