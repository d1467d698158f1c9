"""Whether the answer to "why has this customer not been called?" is true, by the books alone."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.agent import Presence
from dialer.campaign.config import CampaignConfig
from dialer.campaign.state import PAUSED
from dialer.campaign.visit import Visit
from dialer.campaign.why import Answer, Why
from dialer.rehearsal.memory_store import MemoryStore

_AWAY = (Presence.SIGNED_OUT, Presence.PAUSED)


def untrue(
    answer: Answer, visit: Visit, books: MemoryStore, config: CampaignConfig, now: datetime, linked: bool
) -> str:
    """What the books (and the PBX, ``linked`` or not) say against an answer about a visit that waits; "" if nothing."""
    today = config.hours.day_of(now)
    hours = config.hours.on(visit.day)
    live = [attempt for attempt in books.attempts.values() if attempt.live]
    servers = [a for a in books.agents.values() if a.number == visit.agent or (visit.team and a.team == visit.team)]
    match answer.why:
        case Why.OTHER_DAY:
            so = visit.day > today
        case Why.NOT_OPEN:
            so = not hours.open(now)
        case Why.PAUSED:
            so = PAUSED in books.flags
        case Why.NO_LINK:
            so = not linked
        case Why.PROMISED:
            so = visit.promised is not None and visit.promised > now
        case Why.GAP:
            so = visit.due is not None and visit.due > now
        case Why.NUMBER_IN_USE:
            so = any(attempt.number == visit.number for attempt in live)
        case Why.NUMBER_GAP:
            so = any(a.number == visit.number and not a.live for a in books.attempts.values())
        case Why.NO_AGENT:
            so = not servers
        case Why.AGENT_AWAY:
            so = bool(servers) and all(agent.presence in _AWAY for agent in servers)
        case Why.TRUNKS_DOWN | Why.TRUNKS_FULL | Why.IN_LINE | Why.NEXT:
            so = hours.open(now) and PAUSED not in books.flags
        case _:
            so = False
    return "" if so else "the books say otherwise"
