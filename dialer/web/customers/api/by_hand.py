"""What was done by hand while the machine could not call: one customer at a time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.campaign.commands.manual_call import MOST_TRIES
from dialer.campaign.messages import EnterManualCall
from dialer.campaign.model.visit import Result
from dialer.web.customers.api.visits import VisitPath
from dialer.web.kit.access.roles import FLOOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import its_visit
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import Input, LocalTime, Short, Text
from dialer.web.kit.localtime import instant
from dialer.web.kit.views import VisitView


class ByHandBody(Input):
    """What somebody did."""

    who: Short = ""
    """Who dialled; empty: the caller."""
    at: LocalTime = ""
    """When; of several calls the last. Empty: now."""
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 1
    """How many calls it took."""
    result: Result | None = None
    """What came of it; null: nobody was reached."""
    text: Text = ""
    order: Annotated[str, Field(max_length=80)] = ""
    """The order's number, for the result "ordered"."""
    promised: LocalTime = ""
    """For the result "later": when the customer wants another call, by hand again."""


async def enter_by_hand(request: Request[VisitPath, ByHandBody]) -> VisitView:
    """Enter what was done by hand for a customer; the dialer does not call them any more today.

    The same entry again changes nothing, another one corrects it. While the dialer is calling the customer, and after
    one of its calls has reached them, it is refused.
    """
    body, number, zone = request.body, request.params.visit, request.services.zone
    day = request.state.visit(number).day
    command = EnterManualCall(
        by=request.by,
        visit=number,
        who=body.who.strip() or request.by,
        at=instant(body.at, day, zone) if body.at else request.now,
        tries=body.tries,
        result=body.result,
        text=body.text,
        order=body.order,
        promised=instant(body.promised, day, zone) if body.promised else None,
    )
    return VisitView.model_validate(await request.ask(command))


ROUTES = (
    route("POST", "/visits/{visit}/by-hand", enter_by_hand, Scope.OPERATE, FLOOR, its_visit, fails=(404, 409, 504)),
)
