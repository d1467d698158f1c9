"""Attempts: one call, its result, ending it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.campaign.messages import HangUp, SetResult
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.order import AGENT
from dialer.campaign.model.visit import Result
from dialer.campaign.rules.order import read_order
from dialer.errors import Conflict
from dialer.people.remarks import Remark
from dialer.web.agent.cards import CARDS
from dialer.web.kit.access.roles import FLOOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import its_attempt
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.http.query import AttemptPath, Input, LocalTime, NoBody, Short, Text
from dialer.web.kit.localtime import instant
from dialer.web.kit.views import AttemptDetail, VisitView


class ResultBody(Input):
    """What came of a conversation."""

    result: Result
    text: Text = ""
    """Needed for feedback: the complaint or opinion, which is passed on."""
    at: LocalTime | None = None
    """Needed for "later": the time that was promised."""
    order: Annotated[str, Field(max_length=80)] = ""
    """Needed for "ordered": the number of the order."""
    quantity: Short = ""
    amount: Short = ""
    insist: bool = False
    """The order's number is right although another customer has it: a person decides whose it is."""
    order_stays: bool | None = None
    """Needed in place of "ordered": whether the order that was entered stands; if not, it is taken back."""


class OrderOfAnother(Conflict):
    """Another customer has this order's number."""

    code = "order-of-another"


class OrderStands(Conflict):
    """An order was entered for this conversation; say what becomes of it."""

    code = "order-stands"


class RemarksBody(Input):
    """The remarks of a call."""

    text: Text


class RemarkView(view_of(Remark), View):  # type: ignore[misc]  # made of a record
    """The remarks of a call as they now stand."""

    by: str
    """Staff number."""


async def get_attempt(request: Request[AttemptPath, NoBody]) -> AttemptDetail:
    """One call with its evidence."""
    return AttemptDetail.model_validate(await request.services.calls.attempt(request.params.attempt))


async def set_disposition(request: Request[AttemptPath, ResultBody]) -> VisitView:
    """Enter what came of a conversation, while it lasts or afterwards."""
    b, name = request.body, request.params.attempt
    call = request.state.attempts.get(name) or await request.services.calls.attempt(name)
    at = None if b.at is None else instant(b.at, call.day, request.services.zone)
    await _check_order(request, call)
    command = SetResult(
        by=request.by, attempt=name, result=b.result, text=b.text, at=at, order=b.order, quantity=b.quantity,
        amount=b.amount, order_stays=b.order_stays is not False,
    )  # fmt: skip
    return VisitView.model_validate(await request.ask(command))


async def _check_order(request: Request[AttemptPath, ResultBody], call: Attempt) -> None:
    """What is known of orders is asked before it is overruled. Raises :class:`OrderOfAnother`, :class:`OrderStands`."""
    b, store = request.body, request.services.order_store
    if b.order:
        known = None if b.insist else await store.order(read_order(b.order).number)
        if known is not None and known.customer != call.customer:
            raise OrderOfAnother(f"the order {known.number} is customer {known.customer}'s")
    elif b.result is not Result.ORDERED and b.order_stays is None:
        standing = [each.number for each in await store.orders_of(call.id) if each.source == AGENT]
        if standing:
            raise OrderStands(f"the order {standing[0]} was entered for this conversation: say whether it stands")


async def clear_disposition(request: Request[AttemptPath, NoBody]) -> VisitView:
    """Take back what was entered: it was a slip. What has left for others is followed by a second notice."""
    command = SetResult(by=request.by, attempt=request.params.attempt, result=None)
    return VisitView.model_validate(await request.ask(command))


async def hang_up(request: Request[AttemptPath, NoBody]) -> None:
    """End a call."""
    staff = request.caller.staff
    await request.ask(
        HangUp(by=request.by, attempt=request.params.attempt, staff=staff.number if staff is not None else "")
    )


async def set_remarks(request: Request[AttemptPath, RemarksBody]) -> RemarkView:
    """Write down what the agent typed, as often as they type; an empty text takes the remarks away.

    The audit log names each who writes, not each letter.
    """
    by = request.caller.staff.number if request.caller.staff is not None else request.by
    remark = Remark(request.params.attempt, request.body.text, by[:40], request.now)
    before = await request.http.app[CARDS].write(remark)
    audit_entry(request.http).silent = before is not None and before.by == remark.by
    return RemarkView.model_validate(remark)


_ONE = "/attempts/{attempt}"
ROUTES = (
    route("GET", _ONE, get_attempt, Scope.READ, FLOOR, its_attempt, fails=(404,)),
    route("PUT", f"{_ONE}/disposition", set_disposition, Scope.OPERATE, FLOOR, its_attempt, fails=(404, 409, 504)),
    route("DELETE", f"{_ONE}/disposition", clear_disposition, Scope.OPERATE, FLOOR, its_attempt, fails=(404, 409, 504)),
    route("POST", f"{_ONE}/hang-up", hang_up, Scope.OPERATE, FLOOR, its_attempt, fails=(404, 504)),
    route("PUT", f"{_ONE}/remarks", set_remarks, Scope.OPERATE, FLOOR, its_attempt, fails=(404,)),
)
