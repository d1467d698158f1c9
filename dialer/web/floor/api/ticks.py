"""Ticking off what needs attention."""

from __future__ import annotations

from dialer.people.ticks import Matter, Tick
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import its_visit
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import Input, NoBody, RowId


class TickPath(Input):
    """A matter of one visit."""

    visit: RowId
    matter: Matter


async def tick_off(request: Request[TickPath, NoBody]) -> None:
    """Tick off what needs attention about a visit; what comes up later is open again."""
    p = request.params
    await request.services.ticks.tick(Tick(p.visit, p.matter, request.now, request.by))


async def untick(request: Request[TickPath, NoBody]) -> None:
    """Take a tick back."""
    await request.services.ticks.untick(request.params.visit, request.params.matter)


_TICK = "/visits/{visit}/ticks/{matter}"
ROUTES = (
    route("PUT", _TICK, tick_off, Scope.OPERATE, LEADERS, its_visit, fails=(404,)),
    route("DELETE", _TICK, untick, Scope.OPERATE, LEADERS, its_visit, fails=(404,)),
)
