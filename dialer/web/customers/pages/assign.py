"""Reassigning: an absent agent's customers to others, by selection or evenly."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from aiohttp import web

from dialer.campaign.messages import Reassign
from dialer.campaign.model.visit import Visit, VisitState
from dialer.errors import BadInput, Refused
from dialer.web.kit.access.roles import LEADERS, Forbidden
from dialer.web.kit.page.day import AWAY, agents_of, customers_of, visits_of
from dialer.web.kit.page.paging import address
from dialer.web.kit.page.screen import Screen, page, see

_AT_ONCE = 50
_SHOWN = 500


def level(visits: Sequence[Visit], loads: Mapping[str, int]) -> list[tuple[Visit, str]]:
    """Each visit with the agent it goes to, so that everybody ends up with about as many open customers.

    ``visits`` are assigned in their order, each to whoever has the fewest by then: so everybody's share stays in visit
    order. Those who have more than the others to begin with get none until the others have caught up.
    """
    have = dict(loads)
    dealt = []
    for visit in visits:
        target = min(have, key=lambda number: (have[number], number))
        have[target] += 1
        dealt.append((visit, target))
    return dealt


async def show_deal(screen: Screen) -> web.StreamResponse:
    """Whose list, which customers of it, and to whom."""
    visits = visits_of(screen)
    waiting = [v for v in visits if v.state is VisitState.WAITING]
    loads = Counter(v.agent for v in visits if v.open)
    agents = agents_of(screen)
    teams = sorted({v.team for v in waiting if v.team})
    source = screen.query.get("from", "")
    if not source:
        away = [a.number for a in agents if a.presence in AWAY and loads[a.number]]
        source = away[0] if away else ""
    theirs = [v for v in visits if v.open and source and source in (v.agent, f"team:{v.team}")]
    mine = [v for v in theirs if v.state is VisitState.WAITING]
    names = await customers_of(screen, {v.id: v.customer for v in mine[:_SHOWN]})
    return await screen.render_aside(
        "floor_deal.html",
        dict,
        source=source, visits=mine[:_SHOWN], hidden=max(len(mine) - _SHOWN, 0), total=len(mine), names=names,
        calling=len(theirs) - len(mine),
        agents=agents, loads=loads, teams=teams, away=AWAY,
        dealt=screen.query.get("dealt", ""), refused=screen.query.get("refused", ""),
    )  # fmt: skip


async def deal(screen: Screen) -> web.StreamResponse:
    """Reassign the chosen customers (all of an agent's, or those ticked) to the chosen agents, evenly."""
    form = screen.form
    source = form.get("from", "")
    ticked = {name.removeprefix("visit-") for name in form if name.startswith("visit-")}
    waiting = [v for v in visits_of(screen) if v.state is VisitState.WAITING]
    if form.get("which") == "all":
        chosen = [v for v in waiting if source and source in (v.agent, f"team:{v.team}")]
    else:
        chosen = [v for v in waiting if str(v.id) in ticked]
    targets = [name.removeprefix("to-") for name in form if name.startswith("to-")]
    if form.get("to"):
        targets.append(form["to"])
    if not chosen:
        raise BadInput("choose at least one customer who is still waiting")
    if not targets:
        raise BadInput("choose at least one agent to reassign to")
    known = {a.number for a in agents_of(screen)}
    if not known.issuperset(targets):
        raise Forbidden("reassign to agents of your own team only")
    loads = Counter(v.agent for v in visits_of(screen) if v.open)
    dealt, refused = await _reassign(screen, level(chosen, {number: loads[number] for number in targets}))
    back = form.get("back", "")
    if not back.startswith("/floor/"):
        back = "/floor/deal"
    path, _, _ = back.partition("?")
    return see(address(path, {}, **{"from": source, "dealt": dealt, "refused": refused or None}))


async def _reassign(screen: Screen, plan: Sequence[tuple[Visit, str]]) -> tuple[int, int]:
    """(done, refused): a visit that has been called in the meantime is nobody's fault."""
    dealt = refused = 0
    for start in range(0, len(plan), _AT_ONCE):
        asked = [
            screen.ask(Reassign(by=screen.by, visit=v.id, agent=number)) for v, number in plan[start : start + _AT_ONCE]
        ]
        for told in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(told, Refused):
                refused += 1
            elif isinstance(told, BaseException):
                raise told
            else:
                dealt += 1
    return dealt, refused


PAGES = (
    page("/floor/deal", show_deal, LEADERS),
    page("/floor/deal", deal, LEADERS, method="POST"),
)
