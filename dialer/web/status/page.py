"""The plain status page: the day in numbers, for anybody in the department; nothing of any customer."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from dialer.campaign.agent import Presence
from dialer.campaign.overview import Overview
from dialer.campaign.visit import VisitState
from dialer.campaign.wording import PRESENCES, RESULTS, VISIT_STATES, Language, Words, alarm, reason
from dialer.web.kit.page.health import shown
from dialer.web.kit.page.templates import environment
from dialer.web.kit.services import Health

REFRESH_S = 5

_LABELS = {
    "title": Words("访销电话 · 今日状态", "Order calls · today"),
    "now": Words("时间", "Now"),
    "rehearsal": Words(
        "演练模式：重拨间隔不足 5 分钟，不可用于正式访销。",
        "Rehearsal: the gap between calls is shorter than five minutes. Not for real work.",
    ),
    "visits": Words("客户", "Customers"),
    "total": Words("名单总数", "On the list"),
    "never": Words("其中尚未拨打", "Not called yet"),
    "results": Words("通话结果", "Results"),
    "agents": Words("电访员", "Agents"),
    "number": Words("工号", "Number"),
    "name": Words("姓名", "Name"),
    "team": Words("班组", "Team"),
    "presence": Words("状态", "Presence"),
    "since": Words("开始时间", "Since"),
    "alarms": Words("告警", "Alarms"),
    "none": Words("无", "none"),
    "health": Words("系统", "System"),
    "part": Words("部件", "Part"),
    "state": Words("状态", "State"),
    "advice": Words("处理办法", "What to do"),
    "calls": Words("当前通话数", "Calls up now"),
    "starting": Words("系统正在启动，请稍候。", "The dialer is starting; please wait."),
    "paused": Words("拨打已暂停", "Calling is paused"),
    "closed": Words("现在不在拨打时段", "Outside the calling hours"),
    "calling": Words("正在拨打", "Calling"),
    "nolink": Words("与交换机没有连接", "There is no link to the PBX"),
    "held": Words("未在拨打", "Not calling"),
    "other": Words("English", "中文"),
}


def render(day: Overview | None, health: list[Health], language: Language, zone: tzinfo) -> str:
    """The page as HTML; ``day`` is None until the engine has loaded it."""
    return (
        environment(language)
        .get_template("pages/status.html")
        .render(
            lang="zh-CN" if language == "zh" else "en",
            other="en" if language == "zh" else "zh",
            refresh=REFRESH_S,
            label={name: words.of(language) for name, words in _LABELS.items()},
            parts=[shown(part, language) for part in health],
            day=None if day is None else _shown(day, language, zone),
        )
    )


def _shown(day: Overview, language: Language, zone: tzinfo) -> dict[str, Any]:
    def clock(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%H:%M:%S") if at else ""

    return {
        "date": f"{day.day:%Y-%m-%d}",
        "now": clock(day.now),
        "rehearsal": day.rehearsal,
        "doing": _LABELS[_doing(day)].of(language),
        "total": day.total,
        "never": day.never_called,
        "calls": len(day.calls),
        "visits": [(VISIT_STATES[state].of(language), day.visits.get(state, 0)) for state in VisitState],
        "results": [(words.of(language), day.results[code]) for code, words in RESULTS.items() if code in day.results],
        "agents": [
            (
                agent.number,
                agent.name,
                agent.team or "",
                PRESENCES[Presence(agent.presence)].of(language),
                reason(agent.reason, language),
                clock(agent.since),
            )
            for agent in day.agents
        ],
        "alarms": [(alarm(key, text, language), clock(at)) for key, text, at in day.alarms],
    }


def _doing(day: Overview) -> str:
    if not day.link_up:
        return "nolink"
    if day.paused:
        return "paused"
    if not day.hours_open:
        return "closed"
    return "calling" if day.dialling else "held"
