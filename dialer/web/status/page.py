"""The plain status page: the day in numbers, for anybody in the department; nothing of any customer."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.overview import Overview
from dialer.campaign.views.wording import PRESENCES, RESULTS, VISIT_STATES, alarm, reason
from dialer.language import N_, Language, look_up
from dialer.web.kit.page.health import shown
from dialer.web.kit.page.templates import environment
from dialer.web.kit.services import Health

REFRESH_S = 5

_DOING = {
    "no-link": N_("No link to the PBX"),
    "paused": N_("Calling is paused"),
    "closed": N_("Outside calling hours"),
    "calling": N_("Calling"),
    "held": N_("Not calling"),
}


def render(day: Overview | None, health: list[Health], language: Language, zone: tzinfo) -> str:
    """The page as HTML; ``day`` is None until the engine has loaded it."""
    template = environment(language).get_template("status.html")
    return template.render(
        lang="zh-CN" if language == "zh" else "en",
        other="en" if language == "zh" else "zh",
        refresh=REFRESH_S,
        parts=[shown(part, language) for part in health],
        day=None if day is None else _shown(day, language, zone),
    )


def _shown(day: Overview, language: Language, zone: tzinfo) -> dict[str, Any]:
    def clock(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%H:%M:%S") if at else ""

    return {
        "date": f"{day.day:%Y-%m-%d}",
        "now": clock(day.now),
        "rehearsal": day.rehearsal,
        "doing": look_up(language, _DOING[_doing(day)]),
        "total": day.total,
        "never": day.never_called,
        "calls": len(day.calls),
        "visits": [(look_up(language, VISIT_STATES[state]), day.visits.get(state, 0)) for state in VisitState],
        "results": [(look_up(language, RESULTS[code]), day.results[code]) for code in RESULTS if code in day.results],
        "agents": [
            (
                agent.number,
                agent.name,
                agent.team or "",
                look_up(language, PRESENCES[Presence(agent.presence)]),
                reason(agent.reason, language),
                clock(agent.since),
            )
            for agent in day.agents
        ],
        "alarms": [(alarm(key, text, language), clock(at)) for key, text, at in day.alarms],
    }


def _doing(day: Overview) -> str:
    if not day.link_up:
        return "no-link"
    if day.paused:
        return "paused"
    if not day.hours_open:
        return "closed"
    return "calling" if day.dialling else "held"
