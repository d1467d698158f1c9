"""The plain status page: the day in numbers, for anybody in the department; nothing of any customer."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from dialer.campaign.agent import Presence
from dialer.campaign.overview import Overview
from dialer.campaign.visit import VisitState
from dialer.campaign.wording import PRESENCES, RESULTS, VISIT_STATES, alarm, reason
from dialer.language import N_, Language, look_up
from dialer.web.pages.admin import LEVELS, PARTS
from dialer.web.pages.templates import spoken
from dialer.web.services import Health

REFRESH_S = 5
STYLE = (
    "body{font:16px/1.5 'Noto Sans CJK SC','Microsoft YaHei',system-ui,sans-serif;margin:0 auto;max-width:72rem;"
    "padding:1rem;color:#16212b;background:#f3f5f7}h1{font-size:1.375rem;margin:0}h2{font-size:1.0625rem;margin:0}"
    "header{display:flex;gap:1rem;align-items:baseline;justify-content:space-between}a{color:#07545c}"
    "main{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));"
    "align-items:start}section{background:#fff;border:1px solid #d3dae0;border-radius:.375rem;padding:.75rem 1rem}"
    ".wide{grid-column:1/-1}main{margin-bottom:.75rem}table{border-collapse:collapse;width:100%;margin:.5rem 0 0}"
    "th,td{border-bottom:1px solid #d3dae0;padding:.25rem .5rem;text-align:left}th{font-weight:600}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.banner{background:#7a4b00;color:#fff;"
    "padding:.5rem 1rem;border-radius:.375rem}.bad{background:#9d1c1c;color:#fff;padding:.5rem 1rem}"
    ".ok{color:#1a6b2f;margin:.5rem 0 0}small{color:#4d5a66}"
)
"""Allowed by its hash in the page's content security policy."""

_DOING = {
    "no-link": N_("No link to the PBX"),
    "paused": N_("Calling is paused"),
    "closed": N_("Outside calling hours"),
    "calling": N_("Calling"),
    "held": N_("Not calling"),
}

_templates = Environment(
    loader=PackageLoader("dialer.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def render(day: Overview | None, health: list[Health], language: Language, zone: tzinfo) -> str:
    """The page as HTML; ``day`` is None until the engine has loaded it."""
    return _templates.get_template("status.html").render(
        lang="zh-CN" if language == "zh" else "en",
        other="en" if language == "zh" else "zh",
        refresh=REFRESH_S,
        style=STYLE,
        health=[_part(part, language) for part in health],
        day=None if day is None else _shown(day, language, zone),
        **spoken(language),
    )


def _part(part: Health, language: Language) -> tuple[str, str, str, str]:
    """(name, level, state, advice) in words; an error's own words are what they are."""
    name = look_up(language, PARTS[part.part]) if part.part in PARTS else part.part
    return name, look_up(language, LEVELS[part.level][0]), *part.words(language)


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
