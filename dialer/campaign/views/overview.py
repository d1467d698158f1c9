"""The day at a glance, as plain values: what status, progress and metrics show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from dialer.campaign.dialling.placing import may_dial
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.streak import Kind, Scope
from dialer.campaign.state import PAUSED, State


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


def overview(state: State, now: datetime) -> Overview:
    """Look at ``state``. Walks the day's visits once."""
    today = state.config.hours.day_of(now)
    day = state.today(now)
    visits = list(day.visits.values()) if day else []
    calls = state.attempts
    return Overview(
        now=now,
        day=today,
        total=len(visits),
        visits=dict(Counter(str(v.state) for v in visits)),
        results=dict(Counter(str(v.result) for v in visits if v.result)),
        never_called=sum(1 for v in visits if not v.attempts and v.state is VisitState.WAITING),
        agents=tuple(
            AgentNow(
                number=a.number,
                name=a.name,
                extension=a.extension,
                team=a.team,
                presence=a.presence,
                since=a.since,
                reason=a.reason,
                attempt=a.attempt,
                customer=calls[a.attempt].customer if a.attempt in calls else None,
                phone=a.phone,
            )
            for a in sorted(state.agents.values(), key=lambda a: a.number)
        ),
        calls=tuple(
            CallNow(
                c.id,
                c.visit,
                c.customer,
                c.number,
                c.agent,
                c.trunk,
                c.state,
                c.placed_at,
                c.transferred_at,
                c.transferred_to,
            )
            for c in sorted(calls.values(), key=lambda c: c.placed_at)
        ),
        trunks=tuple(
            TrunkNow(t.config.name, t.in_use, t.config.channels, t.breaker.state, t.breaker.until)
            for t in state.trunks.values()
        ),
        held=tuple(HeldNow(s.kind, s.scope, s.name, s.calls, s.until) for s in state.streaks.held()),
        alarms=tuple((a.key, a.text, a.raised_at) for a in state.alarms.values()),
        link_up=state.link_up,
        dialling=day is not None and may_dial(state, day, now),
        paused=state.flags.get(PAUSED, ""),
        hours_open=day is not None and day.hours.open(now),
        hours_note=day.hours.note if day else "",
        next_change=day.hours.next_change(now) if day else None,
        rehearsal=state.config.rule.rehearsal,
        by_hand=sum(1 for v in visits if v.hand is not None),
    )
