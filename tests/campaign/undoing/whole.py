"""The whole state as plain values, to compare one with another."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import DEFECT, State

_HINTS = Wake.DEFECT, Wake.PHONE
"""Wake-ups that may be there or not: after a defect every agent looks again, at their line and so at their phone."""


def whole(state: State, now: datetime) -> dict[str, Any]:
    """All that the rules decide on, but for what a defect leaves behind: its alarm, and who looks again."""
    days = {
        day.day: {
            "hours": day.hours,
            "visits": {visit.id: asdict(visit) for visit in day.visits.values()},
            "by_customer": dict(day.by_customer),
            "by_number": {number: sorted(visits) for number, visits in day.by_number.items() if visits},
            "departments": set(day.departments),
            "conversations": dict(day.conversations),
            "newest": dict(day.newest),
            "tally": {visit.number: day.tally.to(visit.number) for visit in day.visits.values()},
            "waiting": {visit.id for visit in day.queue},
            "next": [day.queue.ahead_of(v, [("agent", "001"), ("team", "t")]) for v in day.visits.values()],
        }
        for day in state.days.values()
    }
    return {
        "days": days,
        "next_visit": state.next_visit,
        "agents": {number: asdict(agent) for number, agent in state.agents.items()},
        "on_phone": {number: state.agents_on(a.extension, a.pbx) for number, a in state.agents.items()},
        "alarms": {key: alarm for key, alarm in state.alarms.items() if not key.startswith(DEFECT)},
        "flags": dict(state.flags),
        "attempts": {name: asdict(attempt) for name, attempt in state.attempts.items()},
        "ended": set(state.ended),
        "live_by_number": dict(state.live_by_number),
        "live_by_customer": dict(state.live_by_customer),
        "last_end": dict(state.last_end),
        "trunks": {name: (t.in_use, {k: asdict(b) for k, b in t.breakers.items()}) for name, t in state.trunks.items()},
        "links": {pbx: asdict(link) for pbx, link in state.links.items()},
        "owners": dict(state.owners),
        "streaks": [asdict(streak) for streak in state.streaks],
        "phones": dict(state.phones),
        "next_slot": max(state.next_slot, now),
        "timers": {name: when for name, when in state.timers._set.items() if name[0] not in _HINTS},
    }
