"""The floor: the team leader's view of the day, live."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.streak import Scope
from dialer.campaign.views.overview import HeldNow
from dialer.campaign.views.wording import HELD, hindrance
from dialer.language import N_
from dialer.web.floor.progress import LATE, Tally, forecast, progress
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.page.charts import chart
from dialer.web.kit.page.day import AWAY, PRESENCE_KINDS, agents_of, customers_of, shop, today_of, visits_of
from dialer.web.kit.page.screen import Screen, page

NO_RESULT_AFTER = timedelta(minutes=10)
LONG_PAUSE = timedelta(minutes=15)
_MOST = 40
_NEWEST = 8
_STEP = timedelta(hours=1)


async def show_floor(screen: Screen) -> web.StreamResponse:
    """How far the day is, and who does what."""
    return screen.render("floor.html", day=screen.overview(), hours=_hours(screen), today=screen.today)


async def show_day(screen: Screen) -> web.StreamResponse:
    """Figures, forecast, hours."""
    visits, day = visits_of(screen), today_of(screen)
    cast = forecast(visits, day.hours, screen.now) if day is not None else None
    return screen.render(
        "_floor_day.html",
        day=screen.overview(), done=progress(visits), cast=cast, hours=_hours(screen),
        several=day is not None and len(day.hours.windows) > 1, states=VisitState,
    )  # fmt: skip


async def show_agents(screen: Screen) -> web.StreamResponse:
    """What each agent is doing, and for how long."""
    state, visits = screen.state, visits_of(screen)
    agents = agents_of(screen)
    calls = {a.number: state.attempts[a.attempt] for a in agents if a.attempt in state.attempts}
    names = await customers_of(screen, {call.visit: call.customer for call in calls.values()})
    paused = [a for a in agents if a.presence is Presence.PAUSED]
    return screen.render(
        "_floor_agents.html",
        agents=agents,
        present=Counter(str(a.presence) for a in agents),
        kinds=PRESENCE_KINDS,
        hindrances={a.number: hindrance(a, screen.language) for a in agents},
        long={a.number for a in paused if a.since is not None and screen.now - a.since > LONG_PAUSE},
        shops={number: (call.visit, shop(names[call.visit])) for number, call in calls.items()},
        waiting=Counter(v.agent for v in visits if v.open),
        done=Counter(v.agent for v in visits if not v.open and v.state is not VisitState.WITHDRAWN),
        reached=Counter(v.agent for v in visits if v.state is VisitState.REACHED),
        teams=sorted(Counter(v.team for v in visits if v.team and v.open).items()),
    )


async def show_calls(screen: Screen) -> web.StreamResponse:
    """The calls that are up."""
    state = screen.state
    calls = sorted((c for c in state.attempts.values() if screen.rows.agent(c.agent, state)), key=lambda c: c.placed_at)
    names = await customers_of(screen, {call.visit: call.customer for call in calls})
    rows = [(call, shop(names[call.visit]), call.connected_at or call.placed_at) for call in calls]
    return screen.render("_floor_calls.html", rows=rows, connected=AttemptState.CONNECTED)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs attention. ``do`` is the address where, "" when there is none; ``resume``: to go on."""

    kind: str
    what: str
    name: str
    detail: str
    do: str
    act: str = ""
    resume: bool = False


async def show_exceptions(screen: Screen) -> web.StreamResponse:
    """What needs attention: wrong numbers, promises not kept, customers whose agent is away, results not entered."""
    found = _of_held(screen) + _of_agents(screen) + _of_trunks(screen)
    visits = _of_visits(screen)
    names = await customers_of(screen, {visit.id: visit.customer for _, visit, _ in visits[:_MOST]})
    for what, visit, detail in visits[: max(_MOST - len(found), 0)]:
        found.append(Matter("warn", screen.t(what), shop(names[visit.id]), detail, f"/floor/customers/{visit.id}"))
    return screen.render("_floor_exceptions.html", rows=found, more=max(len(visits) - _MOST, 0))


def _of_agents(screen: Screen) -> list[Matter]:
    waiting = Counter(v.agent for v in visits_of(screen) if v.state is VisitState.WAITING and v.agent)
    day, found = today_of(screen), []
    if day is None or not day.hours.open(screen.now):
        return []
    for number, count in sorted(waiting.items()):
        agent = screen.state.agents.get(number or "")
        if agent is not None and agent.presence in AWAY:
            said = N_("{number} {name}, {count} customers waiting")
            who = screen.t(said, number=number, name=agent.name, count=count)
            found.append(
                Matter("warn", screen.t("Agent away"), who, "", f"/floor/deal?from={number}", screen.t("Reassign"))
            )
    return found


def _of_held(screen: Screen) -> list[Matter]:
    day = screen.overview()
    return [
        Matter("bad", screen.t("Calls held"), screen.t(HELD[each.kind]), _whose(screen, each), "", resume=True)
        for each in (day.held if day else ())
    ]


def _whose(screen: Screen, held: HeldNow) -> str:
    """The agent or the trunk, if it is about one, and when one call tries again."""
    agent = screen.t("agent {number}", number=held.name) if held.scope is Scope.AGENT else ""
    whose = held.name if held.scope is Scope.TRUNK else agent
    return f"{whose} {screen.t('until {at}', at=screen.format.time(held.until))}".strip()


def _of_trunks(screen: Screen) -> list[Matter]:
    day = screen.overview()
    return [
        Matter("bad", screen.t("Trunk paused"), trunk.name, screen.format.time(trunk.until), "")
        for trunk in (day.trunks if day else ())
        if trunk.state is not BreakerState.CLOSED
    ]


_RESULTS: Mapping[Result, str] = {
    Result.FEEDBACK: N_("Complaint or opinion"),
    Result.WRONG_NUMBER: N_("Wrong shop"),
}


def _of_visits(screen: Screen) -> list[tuple[str, Visit, str]]:
    """(what, visit, detail), the most pressing first."""
    now, f = screen.now, screen.format
    promises, numbers, results, missing = [], [], [], []
    for visit in visits_of(screen):
        if visit.state is VisitState.INVALID_NUMBER and visit.result is not Result.WRONG_NUMBER:
            numbers.append((N_("Wrong number"), visit, visit.number))
        elif visit.state is VisitState.WAITING and visit.promised is not None and visit.promised + LATE < now:
            promises.append((N_("Promised time has passed"), visit, f.clock(visit.promised)))
        elif visit.result is not None and visit.result in _RESULTS:
            results.append((_RESULTS[visit.result], visit, f.clock(visit.ended_at)))
        elif (
            visit.state is VisitState.REACHED
            and visit.result is None
            and now - (visit.ended_at or now) > NO_RESULT_AFTER
        ):
            missing.append((N_("No result entered"), visit, f"{visit.agent or ''} {f.clock(visit.ended_at)}".strip()))
    return [*promises, *numbers, *results, *missing]


async def show_reach(screen: Screen) -> web.StreamResponse:
    """Reach by attempt and by hour, of the day's calls."""
    tally, now, day = Tally(screen.zone), screen.now, today_of(screen)
    state = screen.state
    since = (day.hours.opens if day else None) or now
    while since <= now:  # by the hour: one long reading would hold calls up
        attempts = await screen.services.calls.attempts_between(since, min(since + _STEP, now + _STEP))
        tally.add(a for a in attempts if screen.rows.agent(a.agent, state))
        since += _STEP
        await asyncio.sleep(0)
    charts = [(N_("Reach rate by attempt"), N_("Attempt"), chart(*tally.by_attempt)),
              (N_("Reach rate by hour"), N_("Hour"), chart(*tally.by_hour))]  # fmt: skip
    return screen.render("_floor_reach.html", charts=charts)


async def show_unreached(screen: Screen) -> web.StreamResponse:
    """The customers who could not be reached last."""
    unreached = [v for v in visits_of(screen) if v.state in (VisitState.UNREACHED, VisitState.OUT_OF_TIME)]
    newest = sorted(unreached, key=lambda v: v.ended_at or datetime.min.replace(tzinfo=UTC), reverse=True)[:_NEWEST]
    names = await customers_of(screen, {v.id: v.customer for v in newest})
    rows = [(v, names[v.id], shop(names[v.id])) for v in newest]
    return screen.render("_floor_unreached.html", rows=rows, count=len(unreached))


def _hours(screen: Screen) -> str:
    """08:00–12:00, 13:00–17:30; "" on a day off."""
    day, f = today_of(screen), screen.format
    return ", ".join(f"{f.clock(start)}–{f.end(end)}" for start, end in (day.hours.windows if day else ()))


PAGES = (
    page("/floor", show_floor, LEADERS, nav="Floor", key="2"),
    page("/pages/floor/day", show_day, LEADERS),
    page("/pages/floor/agents", show_agents, LEADERS),
    page("/pages/floor/calls", show_calls, LEADERS),
    page("/pages/floor/exceptions", show_exceptions, LEADERS),
    page("/pages/floor/reach", show_reach, LEADERS),
    page("/pages/floor/unreached", show_unreached, LEADERS),
)
