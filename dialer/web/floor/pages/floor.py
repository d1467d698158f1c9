"""The floor: the team leader's view of the day, live; and the same on a wall, without anything to press."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.wording import hindrance
from dialer.language import N_
from dialer.reports.sums import Selection, total
from dialer.web.floor.pages.attention import attention
from dialer.web.floor.progress import forecast, progress, reach
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.page.charts import Chart, chart
from dialer.web.kit.page.day import agents_of, customers_of, open_results, shop, today_of, visits_of
from dialer.web.kit.page.screen import Screen, page

LONG_PAUSE = timedelta(minutes=15)
_WEEK = timedelta(days=7)


async def show_floor(screen: Screen) -> web.StreamResponse:
    """How far the day is, and who does what. What changes is in the page from the start, so that nothing jumps."""
    return screen.render(
        "floor.html",
        today=screen.today,
        attention=await attention(screen),
        unreached=await _unreached(screen),
        agents_now=await _agents(screen),
        charts=await _charts(screen),
        **await _day(screen),
    )


async def show_day(screen: Screen) -> web.StreamResponse:
    """Figures, forecast, hours."""
    return screen.render("_floor_day.html", **await _day(screen))


async def _day(screen: Screen) -> Mapping[str, Any]:
    visits, day = visits_of(screen), today_of(screen)
    return {
        "day": screen.overview(),
        "done": progress(visits),
        "cast": forecast(visits, day.hours, screen.now) if day is not None else None,
        "hours": _hours(screen),
        "several": day is not None and len(day.hours.windows) > 1,
        "states": VisitState,
        "open_results": len(await open_results(screen, screen.today)),
    }


async def show_agents(screen: Screen) -> web.StreamResponse:
    """What each agent is doing, for how long, and with whom."""
    return screen.render("_floor_agents.html", agents_now=await _agents(screen))


async def _agents(screen: Screen) -> Mapping[str, Any]:
    state, visits, agents = screen.state, visits_of(screen), agents_of(screen)
    up = sorted((c for c in state.attempts.values() if screen.rows.agent(c.agent, state)), key=lambda c: c.placed_at)
    names = await customers_of(screen, {call.visit: call.customer for call in up})
    calls = defaultdict[str, list[Any]](list)
    for call in up:
        calls[call.agent].append((call, shop(names[call.visit]), call.connected_at or call.placed_at))
    paused = [a for a in agents if a.presence is Presence.PAUSED]
    listed = {agent.number for agent in agents}
    return {
        "agents": agents,
        "present": Counter(agent.presence for agent in agents),
        "presences": tuple(Presence),
        "hindrances": {a.number: hindrance(a, screen.language) for a in agents},
        "long": {a.number for a in paused if a.since is not None and screen.now - a.since > LONG_PAUSE},
        "calls": calls,
        "others": [each for number, its in calls.items() if number not in listed for each in its],
        "connected": AttemptState.CONNECTED,
        "waiting": Counter(v.agent for v in visits if v.open),
        "done": Counter(v.agent for v in visits if not v.open and v.state is not VisitState.WITHDRAWN),
        "reached": Counter(v.agent for v in visits if v.state is VisitState.REACHED),
        "teams": sorted(Counter(v.team for v in visits if v.team and v.open).items()),
    }


async def show_reach(screen: Screen) -> web.StreamResponse:
    """Reach by attempt and by hour, of the day's calls and behind them of those a week ago."""
    return screen.render("_floor_reach.html", charts=await _charts(screen))


async def _charts(screen: Screen) -> Sequence[tuple[str, str, Chart]]:
    """Title, what a column is, chart."""
    scope = screen.rows.scope(screen.state)
    days = [
        reach(await screen.services.reports.tries(Selection(day, day, scope)), screen.zone)
        for day in (screen.today, screen.today - _WEEK)
    ]
    (attempt, hour), (attempt_before, hour_before) = days
    return [
        (N_("Reach rate by hour"), N_("Hour"), chart(hour, hour_before)),
        (N_("Reach rate by attempt"), N_("Attempt"), chart(attempt, attempt_before)),
    ]


async def show_unreached(screen: Screen) -> web.StreamResponse:
    """Customers who could not be reached, by department."""
    return screen.render("_floor_unreached.html", unreached=await _unreached(screen))


async def _unreached(screen: Screen) -> Mapping[str, Any]:
    of = Selection(screen.today, screen.today, screen.rows.scope(screen.state))
    found = await screen.services.reports.grouped("department", of)
    rows = sorted(((name, sums) for name, sums in found.items() if sums.due), key=lambda row: -row[1].given_up)
    return {"rows": rows, "total": total(found.values())}


async def show_wall(screen: Screen) -> web.StreamResponse:
    """The day for a screen on the wall: read from afar, nothing to press."""
    return screen.render("wall.html", charts=await _charts(screen), **await _wall(screen))


async def show_wall_now(screen: Screen) -> web.StreamResponse:
    """What changes on it with each call."""
    return screen.render("_wall.html", **await _wall(screen))


async def _wall(screen: Screen) -> Mapping[str, Any]:
    return {**await _day(screen), **await attention(screen), "agents_now": await _agents(screen)}


def _hours(screen: Screen) -> str:
    """08:00–12:00, 13:00–17:30; "" on a day off."""
    day, f = today_of(screen), screen.format
    return ", ".join(f"{f.clock(start)}–{f.end(end)}" for start, end in (day.hours.windows if day else ()))


PAGES = (
    page("/floor", show_floor, LEADERS, nav="Floor", key="2"),
    page("/floor/wall", show_wall, LEADERS),
    page("/pages/floor/wall", show_wall_now, LEADERS),
    page("/pages/floor/day", show_day, LEADERS),
    page("/pages/floor/agents", show_agents, LEADERS),
    page("/pages/floor/reach", show_reach, LEADERS),
    page("/pages/floor/unreached", show_unreached, LEADERS),
)
