"""Checks of single rows. Each takes the request as the handler gets it and raises when the row is not the caller's.

Who may see everything (:attr:`~dialer.web.kit.access.rows.Rows.everything`) is asked for none of them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from dialer.errors import NotFound
from dialer.people.staff import Role
from dialer.web.kit.access.roles import Forbidden
from dialer.web.kit.api.routes import Request

AnyRequest: TypeAlias = Request[Any, Any]
"""Of whatever the route takes."""


async def whole(request: AnyRequest) -> None:
    """What concerns the whole department is not for the leader of one team."""
    if _leads_a_team(request):
        raise Forbidden("this concerns every team; it needs a team leader of the whole department or a supervisor")


async def its_visit(request: AnyRequest) -> None:
    """The visit is the caller's."""
    rows, number = request.rows, request.params.visit
    detail = await request.services.calls.detail(number)
    if not (
        rows.visit(detail.visit, request.state) or any(rows.agent(a.agent, request.state) for a in detail.attempts)
    ):
        raise NotFound(f"there is no visit {number} among yours")


async def its_customer(request: AnyRequest) -> None:
    """A visit of the customer on the day that is asked about is the caller's."""
    rows, code = request.rows, request.params.code
    day = getattr(request.params, "day", None) or getattr(request.body, "day", None)
    for number in await request.services.calls.visits_of(code, request.day(day)):
        if rows.visit((await request.services.calls.detail(number)).visit, request.state):
            return
    raise NotFound(f"there is no customer {code} among yours on that day")


async def its_attempt(request: AnyRequest) -> None:
    """The call was placed for the caller, or for somebody of their team."""
    name = request.params.attempt
    attempt = request.state.attempts.get(name) or await request.services.calls.attempt(name)
    if not request.rows.agent(attempt.agent, request.state):
        raise NotFound(f"there is no call {name} among yours")


async def its_agent(request: AnyRequest) -> None:
    """The agent is the caller, or of their team."""
    if not request.rows.agent(request.params.number, request.state):
        raise Forbidden(f"agent {request.params.number} is not one of yours")


async def hires(request: AnyRequest) -> None:
    """A team leader changes the agents of their own team only, and lets them stay in it."""
    if not _leads_a_team(request):
        return
    team, known = _team(request), request.state.agents.get(request.params.number)
    if request.body.team != team or (known is not None and known.team != team):
        raise Forbidden(f"agent {request.params.number} is not, or would not be, of your team")


async def deals(request: AnyRequest) -> None:
    """A team leader deals their own visits, to their own people."""
    await its_visit(request)
    agent, team = request.body.agent, request.body.team
    if not (request.rows.agent(agent, request.state) if agent else team == _team(request)):
        raise Forbidden("deal it to somebody of your own team")


def _team(request: AnyRequest) -> str | None:
    return request.caller.staff.team if request.caller.staff else None


def _leads_a_team(request: AnyRequest) -> bool:
    """Whether it is a team leader: of one team, since the leader of all may see everything."""
    return request.caller.staff is not None and request.caller.staff.role is Role.TEAM_LEADER
