"""Whether the answer to "why has this customer not been called?" is true, by the books alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import Visit
from dialer.campaign.state import PAUSED
from dialer.campaign.views.why import Answer, Why
from tests.virtual.memory_store import MemoryStore

_AWAY = (Presence.SIGNED_OUT, Presence.PAUSED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so besides the rows, by the dialer's clock ``now``.

    ``linked``: the PBX is; ``trunks_held``: full, paused, or not free for long; ``number_held``: within the gap.
    """

    now: datetime
    linked: bool
    trunks_held: bool
    number_held: bool


def untrue(answer: Answer, visit: Visit, books: MemoryStore, config: CampaignConfig, facts: Facts) -> str:
    """What the books and the facts say against an answer about a visit that waits; "" if nothing."""
    now = facts.now
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
            so = not facts.linked
        case Why.PROMISED:
            so = visit.promised is not None and visit.promised > now
        case Why.GAP:
            so = visit.due is not None and visit.due > now
        case Why.NUMBER_IN_USE:
            so = any(attempt.number == visit.number for attempt in live)
        case Why.NUMBER_GAP:
            so = facts.number_held
        case Why.NO_AGENT:
            so = not servers
        case Why.AGENT_AWAY:
            so = bool(servers) and all(agent.presence in _AWAY for agent in servers)
        case Why.HELD:
            so = any(flag.startswith("streak-") for flag in books.flags)
        case Why.PHONE:
            so = not any(agent.presence not in _AWAY and agent.phone.able for agent in servers)
        case Why.TRUNKS_DOWN | Why.TRUNKS_FULL:
            so = facts.trunks_held
        case Why.IN_LINE | Why.NEXT:
            so = hours.open(now) and PAUSED not in books.flags
        case _:
            so = False
    return "" if so else "the books say otherwise"
