"""The plain status page: the day in numbers, for anybody in the department; nothing of any customer."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial

from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.overview import Overview
from dialer.campaign.views.wording import alarm, reason
from dialer.language import N_, Language
from dialer.web.kit.page.format import Format
from dialer.web.kit.page.health import shown
from dialer.web.kit.page.templates import environment
from dialer.web.kit.services import Health

REFRESH_S = 5


def render(day: Overview | None, health: list[Health], language: Language, zone: tzinfo) -> str:
    """The page as HTML; ``day`` is None until the engine has loaded it."""
    return (
        environment(language)
        .get_template("status.html")
        .render(
            lang="zh-CN" if language == "zh" else "en",
            other="en" if language == "zh" else "zh",
            refresh=REFRESH_S,
            parts=[shown(part, language) for part in health],
            day=day,
            doing=_doing(day) if day else "",
            alarms=[(alarm(key, text, language), at) for key, text, at in day.alarms] if day else [],
            states=VisitState,
            results=Result,
            reason=partial(reason, language=language),
            f=Format(language, zone),
        )
    )


def _doing(day: Overview) -> str:
    if not day.link_up:
        return N_("No link to the PBX")
    if day.paused:
        return N_("Calling is paused")
    if not day.hours_open:
        return N_("Outside calling hours")
    return N_("Calling") if day.dialling else N_("Not calling")
