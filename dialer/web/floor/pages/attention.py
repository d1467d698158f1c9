"""What needs attention on the floor: counted, grouped, and worked off with ticks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.streak import Scope
from dialer.campaign.views.overview import HeldNow
from dialer.campaign.views.wording import HELD
from dialer.language import N_
from dialer.people.ticks import Matter, Tick
from dialer.web.floor.progress import LATE
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.page.day import AWAY, agents_of, customers_of, open_results, shop, today_of, visits_of
from dialer.web.kit.page.screen import Screen, page

NO_RESULT_AFTER = timedelta(minutes=10)
_MOST = 6
_LAST_TICKS = 20
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to be seen to. ``do`` is the address where, "" when there is none; ``act``: what is done there.

    ``visit``: it can be ticked off; ``resume``: calling can be resumed.
    """

    name: str
    detail: str = ""
    do: str = ""
    act: str = ""
    visit: int = 0
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """Things of one kind; ``badge`` is good, warn or bad, ``every`` the address of all of them."""

    key: str
    badge: str
    what: str
    every: str = ""


@dataclass(slots=True)
class Group:
    """What is open of a kind: the most pressing ``rows`` of ``count``."""

    kind: Kind
    count: int
    rows: list[Row] = field(default_factory=list)


_SYSTEM = (
    Kind("held", "bad", N_("Calls held")),
    Kind("trunk", "bad", N_("Trunk paused")),
    Kind("away", "warn", N_("Agent away")),
)
_OF_VISITS: Mapping[Matter, Kind] = {
    matter: Kind(matter, "warn", what, every)
    for matter, what, every in (
        (Matter.PROMISE, N_("Promised time has passed"), "/floor/customers?state=waiting"),
        (Matter.NUMBER, N_("Wrong number"), "/floor/customers?state=invalid_number"),
        (Matter.SAID, N_("Complaint or wrong shop"), ""),
        (Matter.NO_RESULT, N_("No result after ten minutes"), "/reports/no-result"),
    )
}


@dataclass(frozen=True, slots=True)
class Open:
    """A matter of a visit: since when, and a word about it."""

    visit: Visit
    matter: Matter
    since: datetime
    detail: str


async def attention(screen: Screen) -> Mapping[str, Any]:
    """What the template shows: groups of what is open, and what was ticked off last."""
    ticks = await screen.services.ticks.ticks(screen.today)
    matters = [*_of_visits(screen), *await _of_calls(screen)]
    ticked = [
        (each, tick) for each in matters if (tick := ticks.get((each.visit.id, each.matter))) and _holds(tick, each)
    ]
    done = {(each.visit.id, each.matter) for each, _ in ticked}
    waiting = defaultdict[Matter, list[Open]](list)
    for each in matters:
        if (each.visit.id, each.matter) not in done:
            waiting[each.matter].append(each)
    ticked.sort(key=lambda found: found[1].at, reverse=True)
    shown = [each for group in waiting.values() for each in group[:_MOST]] + [each for each, _ in ticked[:_LAST_TICKS]]
    names = await customers_of(screen, {each.visit.id: each.visit.customer for each in shown})
    groups = [
        Group(kind, len(rows), rows[:_MOST])
        for kind, rows in zip(_SYSTEM, (_held(screen), _trunks(screen), _away(screen)), strict=True)
        if rows
    ]
    groups += [
        Group(kind, len(waiting[matter]), [_row(each, names) for each in waiting[matter][:_MOST]])
        for matter, kind in _OF_VISITS.items()
        if matter in waiting
    ]
    last = [(_row(each, names), _OF_VISITS[each.matter], tick) for each, tick in ticked[:_LAST_TICKS]]
    return {"groups": groups, "open": sum(group.count for group in groups), "ticked": len(ticked), "last": last}


async def show_attention(screen: Screen) -> web.StreamResponse:
    """What needs attention, as a part of the floor."""
    return screen.render("_floor_attention.html", **await attention(screen))


def _holds(tick: Tick, matter: Open) -> bool:
    """Whether it came up before it was ticked off."""
    return matter.since <= tick.at


def _row(matter: Open, names: Mapping[int, Customer]) -> Row:
    visit = matter.visit
    where = f"/floor/customers/{visit.id}" + ("#results" if matter.matter is Matter.NO_RESULT else "")
    return Row(shop(names[visit.id]), matter.detail, where, visit=visit.id)


def _away(screen: Screen) -> list[Row]:
    waiting = Counter(v.agent for v in visits_of(screen) if v.state is VisitState.WAITING and v.agent)
    day = today_of(screen)
    if day is None or not day.hours.open(screen.now):
        return []
    said = N_("{number} {name}, {count} customers waiting")
    return [
        Row(
            screen.t(said, number=agent.number, name=agent.name, count=waiting[agent.number]),
            do=f"/floor/deal?from={agent.number}",
            act=screen.t("Reassign"),
        )
        for agent in agents_of(screen)
        if agent.presence in AWAY and waiting[agent.number]
    ]


def _held(screen: Screen) -> list[Row]:
    day = screen.overview()
    return [Row(screen.t(HELD[each.kind]), _whose(screen, each), resume=True) for each in (day.held if day else ())]


def _whose(screen: Screen, held: HeldNow) -> str:
    """The agent or the trunk, if it is about one, and when one call tries again."""
    agent = screen.t("agent {number}", number=held.name) if held.scope is Scope.AGENT else ""
    whose = held.name if held.scope is Scope.TRUNK else agent
    return f"{whose} {screen.t('until {at}', at=screen.format.time(held.until))}".strip()


def _trunks(screen: Screen) -> list[Row]:
    day = screen.overview()
    return [
        Row(trunk.name, screen.format.time(trunk.until))
        for trunk in (day.trunks if day else ())
        if trunk.state is not BreakerState.CLOSED
    ]


def _of_visits(screen: Screen) -> Iterator[Open]:
    """What the day's visits say, in visit order."""
    now, f = screen.now, screen.format
    for visit in visits_of(screen):
        ended, at = visit.ended_at or _LONG_AGO, f.clock(visit.ended_at)
        if visit.state is VisitState.INVALID_NUMBER and visit.result is not Result.WRONG_NUMBER:
            yield Open(visit, Matter.NUMBER, ended, visit.number)
        elif visit.state is VisitState.WAITING and visit.promised is not None and visit.promised + LATE < now:
            yield Open(visit, Matter.PROMISE, visit.promised + LATE, f.clock(visit.promised))
        elif visit.result is Result.FEEDBACK:
            yield Open(visit, Matter.SAID, ended, f"{screen.t('Complaint or opinion')} {at}".strip())
        elif visit.result is Result.WRONG_NUMBER:
            yield Open(visit, Matter.SAID, ended, f"{screen.t('Wrong shop')} {at}".strip())


async def _of_calls(screen: Screen) -> Sequence[Open]:
    """Conversations that have been without a result for long, of a visit the newest."""
    day = today_of(screen)
    found: dict[int, Open] = {}
    for call in await open_results(screen, screen.today):
        made = call.attempt
        visit = day.visits.get(made.visit) if day else None
        if visit is None or made.ended_at is None or screen.now - made.ended_at < NO_RESULT_AFTER:
            continue
        detail = f"{made.agent} {screen.format.clock(made.ended_at)}"
        found[visit.id] = Open(visit, Matter.NO_RESULT, made.ended_at + NO_RESULT_AFTER, detail)
    return list(found.values())


PAGES = (page("/pages/floor/attention", show_attention, LEADERS),)
