"""The overview of a moment, taken from the state."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from dialer.campaign.dialling.placing import may_dial
from dialer.campaign.model.visit import VisitState
from dialer.campaign.state import PAUSED, State
from dialer.campaign.views.overview import AgentNow, CallNow, HeldNow, Overview, TrunkNow


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
