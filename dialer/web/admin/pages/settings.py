"""Agents' phones, tokens of other systems, the calendar, and the settings."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from aiohttp import web
from babel.dates import format_date, get_day_names

from dialer.clock import YEARS
from dialer.errors import BadInput
from dialer.language import N_
from dialer.phonetests.model import is_free
from dialer.web.admin.pages.staff import teams
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.http.query import whole
from dialer.web.kit.localtime import day_of
from dialer.web.kit.page.screen import Screen, page

_TOKEN = re.compile(r"[\w.-]{1,64}")
_WEEKS = calendar.Calendar(calendar.MONDAY)

SCOPES: Mapping[Scope, str] = {
    Scope.READ: N_("read visits, agents, progress and notices"),
    Scope.OPERATE: N_("import lists, change visits, agents and the calendar, run the campaign"),
    Scope.ORDERS: N_("report orders, take customers off the list, correct phone numbers"),
    Scope.RECORDINGS: N_("search recordings and listen to them; every access is logged"),
    Scope.ADMIN: N_("accounts, tokens and the audit log"),
}

SOURCES: Mapping[str, str] = {
    "default": N_("Default"),
    "file": N_("Settings file"),
    "environment": N_("Environment variable"),
}

SECTIONS: Mapping[str, str] = {
    "": N_("General"),
    "pbx": N_("PBX link"),
    "trunks": N_("Trunk"),
    "rule": N_("Redial rule"),
    "dialling": N_("Dialling"),
    "hours": N_("Calling hours"),
    "lists": N_("Lists"),
    "recordings": N_("Recordings"),
    "web": N_("Pages"),
    "platform": N_("Info platform"),
    "backup": N_("Backup"),
    "log": N_("Log"),
}


async def show_agents(screen: Screen) -> web.StreamResponse:
    """Agents with their phones; one of them in the form when the address names it."""
    day = screen.overview()
    agents = day.agents if day else ()
    chosen = next((agent for agent in agents if agent.number == screen.query.get("edit")), None)
    shared = {phone for phone, count in Counter(agent.extension for agent in agents).items() if count > 1}
    working = {agent.extension for agent in screen.state.agents.values() if not is_free(agent)} if day else set()
    return screen.render(
        "admin_agents.html",
        agents=agents,
        chosen=chosen,
        shared=shared,
        working=working,
        teams=teams(screen),
    )


async def show_tokens(screen: Screen) -> web.StreamResponse:
    """The tokens of other systems; one that is new is shown by the script, once."""
    tokens = [
        {"name": name, "scopes": scopes, "at": at, "revoked": revoked, "ours": _TOKEN.fullmatch(name) is None}
        for name, scopes, at, revoked in await screen.services.tokens.tokens()
    ]
    tokens.sort(key=lambda token: (token["revoked"], token["name"]))
    return screen.render("admin_tokens.html", tokens=tokens, scopes=list(Scope), scope_words=SCOPES)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the calendar. ``open``: there are calling hours; ``kind``: "off" or "on" when the table has it."""

    day: date
    open: bool
    kind: str = ""
    name: str = ""


async def show_calendar(screen: Screen) -> web.StreamResponse:
    """A year with its days off and working days; one of them in the form when the address names it."""
    today, query = screen.today, screen.query
    asked = whole(query.get("year", ""))
    year = asked if asked is not None and asked in YEARS else today.year
    known = {each.day: each for each in await screen.services.calendar(year) if each.working is not None}
    weekly = screen.services.engine.state.config.hours.weekly if screen.overview() else ()

    def shown(day: date) -> CalendarDay:
        each = known.get(day)
        if each is None:
            return CalendarDay(day, bool(weekly and weekly[day.weekday()]))
        return CalendarDay(day, bool(each.working), "on" if each.working else "off", each.name)

    locale = screen.format.locale
    months = [
        (
            format_date(date(year, month, 1), "LLLL", locale),
            [
                [shown(day) if day.month == month else None for day in week]
                for week in _WEEKS.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]
    names = get_day_names("narrow" if screen.language == "zh" else "short", locale=locale)
    return screen.render(
        "admin_calendar.html",
        year=year,
        years=YEARS,
        months=months,
        weekdays=[names[weekday] for weekday in range(7)],
        listed=[shown(day) for day in sorted(known)],
        chosen=_chosen(query, shown, year),
        filled=any(
            each.name == "hours.chinese_calendar" and each.value == "true" for each in screen.services.settings()
        ),
        today=today,
    )


def _chosen(query: Mapping[str, str], shown: Callable[[date], CalendarDay], year: int) -> CalendarDay | None:
    try:
        day = day_of(query.get("day", ""))
    except BadInput:
        return None
    return shown(day) if day.year == year else None


async def show_settings(screen: Screen) -> web.StreamResponse:
    """Every setting with its value and where it comes from; with ``?set=1`` only those that somebody has set."""
    only_set = screen.query.get("set") == "1"
    rows = [each for each in screen.services.settings() if not only_set or each.source != "default"]
    sections = [
        (name, SECTIONS.get(name.partition("[")[0], ""), list(found))
        for name, found in groupby(rows, lambda row: row.name.rpartition(".")[0])
    ]
    return screen.render("admin_settings.html", sections=sections, only_set=only_set, sources=SOURCES)


PAGES = (
    page("/admin/agents", show_agents, ADMINISTRATOR),
    page("/admin/tokens", show_tokens, ADMINISTRATOR),
    page("/admin/calendar", show_calendar, ADMINISTRATOR),
    page("/admin/settings", show_settings, ADMINISTRATOR),
)
