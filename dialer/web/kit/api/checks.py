"""Checks of single rows. Each takes the request as the handler gets it and raises when the row is not the caller's."""

from __future__ import annotations

from typing import Any, TypeAlias

from dialer.campaign.staff import Role
from dialer.errors import NotFound
from dialer.web.kit.access.roles import Forbidden
from dialer.web.kit.api.routes import Call

AnyCall: TypeAlias = Call[Any, Any]
"""Of whatever the route takes."""


def _team(call: AnyCall) -> str | None:
    return call.caller.staff.team if call.caller.staff else None


def _leads_a_team(call: AnyCall) -> bool:
    """Whether it is the leader of one team, not of all."""
    staff = call.caller.staff
    return staff is not None and staff.role is Role.TEAM_LEADER and not call.rows.everything


async def whole(call: AnyCall) -> None:
    """What concerns the whole department is not for the leader of one team."""
    if _leads_a_team(call):
        raise Forbidden("this concerns every team; it needs a team leader of the whole department or a supervisor")


async def its_visit(call: AnyCall) -> None:
    """The visit is the caller's."""
    rows, number = call.rows, call.params.visit
    if rows.everything:
        return
    story = await call.services.calls.story(number)
    if not (rows.visit(story.visit, call.state) or any(rows.agent(a.agent, call.state) for a in story.attempts)):
        raise NotFound(f"there is no visit {number} among yours")


async def its_customer(call: AnyCall) -> None:
    """A visit of the customer on the day that is asked about is the caller's."""
    rows, code = call.rows, call.params.code
    if rows.everything:
        return
    day = getattr(call.params, "day", None) or getattr(call.body, "day", None)
    for number in await call.services.calls.visits_of(code, call.day(day)):
        if rows.visit((await call.services.calls.story(number)).visit, call.state):
            return
    raise NotFound(f"there is no customer {code} among yours on that day")


async def its_attempt(call: AnyCall) -> None:
    """The call was placed for the caller, or for somebody of their team."""
    rows, name = call.rows, call.params.attempt
    if rows.everything:
        return
    attempt = call.state.attempts.get(name) or await call.services.calls.attempt(name)
    if not rows.agent(attempt.agent, call.state):
        raise NotFound(f"there is no call {name} among yours")


async def its_agent(call: AnyCall) -> None:
    """The agent is the caller, or of their team."""
    if not call.rows.agent(call.params.number, call.state):
        raise Forbidden(f"agent {call.params.number} is not one of yours")


async def hires(call: AnyCall) -> None:
    """A team leader changes the agents of their own team only, and lets them stay in it."""
    if not _leads_a_team(call):
        return
    team, known = _team(call), call.state.agents.get(call.params.number)
    if call.body.team != team or (known is not None and known.team != team):
        raise Forbidden(f"agent {call.params.number} is not, or would not be, of your team")


async def deals(call: AnyCall) -> None:
    """A team leader deals their own visits, to their own people."""
    await its_visit(call)
    rows = call.rows
    agent, team = call.body.agent, call.body.team
    if not rows.everything and not (rows.agent(agent, call.state) if agent else team == _team(call)):
        raise Forbidden("deal it to somebody of your own team")
