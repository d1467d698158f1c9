"""The plain status page: the day in numbers, for anybody in the department; nothing of any customer."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from dialer.campaign.agent import Presence
from dialer.campaign.overview import Overview
from dialer.campaign.visit import VisitState
from dialer.campaign.wording import PRESENCES, RESULTS, VISIT_STATES, Language, Words, alarm, reason
from dialer.web.admin.pages.health import LEVELS, PARTS
from dialer.web.kit.page.texts import look_up
from dialer.web.kit.services import Health

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

_templates = Environment(
    loader=PackageLoader("dialer.web.status"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(day: Overview | None, health: list[Health], language: Language, zone: tzinfo) -> str:
    """The page as HTML; ``day`` is None until the engine has loaded it."""
    return _templates.get_template("status.html").render(
        lang="zh-CN" if language == "zh" else "en",
        other="en" if language == "zh" else "zh",
        refresh=REFRESH_S,
        style=STYLE,
        label={name: words.of(language) for name, words in _LABELS.items()},
        health=[_part(part, language) for part in health],
        day=None if day is None else _shown(day, language, zone),
    )


def _part(part: Health, language: Language) -> tuple[str, str, str, str]:
    """(name, level, state, advice) in words; an error's own words are what they are."""
    name = look_up(language, PARTS[part.part]) if part.part in PARTS else part.part
    chinese = language == "zh"
    state, advice = (part.zh or part.state, part.advice_zh or part.advice) if chinese else (part.state, part.advice)
    return name, look_up(language, LEVELS[part.level][0]), state, advice


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
