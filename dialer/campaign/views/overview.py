"""The day at a glance, as plain values: what status, progress and metrics show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.streak import Kind, Scope


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent now; ``customer`` is who is being called or talked to."""

    number: str
    name: str
    extension: str
    team: str | None
    presence: str
    since: datetime | None
    reason: str
    attempt: str | None
    customer: str | None
    phone: PhoneState


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call now; ``since`` is when it was placed.

    ``transferred_at`` is when the agent handed it on, to ``transferred_to``; None while it is theirs.
    """

    attempt: str
    visit: int
    customer: str
    number: str
    agent: str
    trunk: str
    state: str
    since: datetime
    transferred_at: datetime | None = None
    transferred_to: str = ""


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """A trunk now; ``until`` is the end of its pause."""

    name: str
    in_use: int
    channels: int
    state: BreakerState
    until: datetime | None


@dataclass(frozen=True, slots=True)
class HeldNow:
    """Calls that are held since so many in a row were alike; ``until`` is when one call tries again, at the latest."""

    kind: Kind
    scope: Scope
    name: str
    calls: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The day now. ``visits`` counts by state, ``results`` by what agents entered."""

    now: datetime
    day: date
    total: int
    visits: dict[str, int]
    results: dict[str, int]
    never_called: int
    agents: tuple[AgentNow, ...]
    calls: tuple[CallNow, ...]
    trunks: tuple[TrunkNow, ...]
    held: tuple[HeldNow, ...]
    alarms: tuple[tuple[str, str, datetime], ...]
    link_up: bool
    dialling: bool
    paused: str
    hours_open: bool
    hours_note: str
    next_change: datetime | None
    rehearsal: bool
    by_hand: int = 0  # visits that were done by hand

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be called today and no call is up."""
        left = self.visits.get(VisitState.WAITING, 0) + self.visits.get(VisitState.CALLING, 0)
        return self.total > 0 and not left and not self.calls
