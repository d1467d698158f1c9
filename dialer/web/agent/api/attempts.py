"""Attempts: one call, its result, ending it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from dialer.campaign.messages import HangUp, SetResult
from dialer.campaign.remarks import Remark
from dialer.campaign.visit import Result
from dialer.web.kit.access.roles import FLOOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import its_attempt
from dialer.web.kit.api.routes import Call, route
from dialer.web.kit.http.audit_entry import deed_of
from dialer.web.kit.http.query import Asked, AttemptId, LocalTime, NoBody, Short, Text
from dialer.web.kit.localtime import instant
from dialer.web.kit.views import AttemptDetail, View, VisitView


class AttemptPath(Asked):
    """One attempt."""

    attempt: AttemptId


class ResultBody(Asked):
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


class RemarksBody(Asked):
    """The remarks of a call."""

    text: Text


class RemarkView(View):
    """The remarks of a call as they now stand."""

    attempt: str
    text: str
    by: str
    """Staff number."""
    at: datetime


async def get_attempt(call: Call[AttemptPath, NoBody]) -> AttemptDetail:
    """One call with its evidence."""
    return AttemptDetail.model_validate(await call.services.calls.attempt(call.params.attempt))


async def set_disposition(call: Call[AttemptPath, ResultBody]) -> VisitView:
    """Enter what came of a conversation, while it lasts or afterwards."""
    b, name = call.body, call.params.attempt
    at = None
    if b.at is not None:
        live = call.state.attempts.get(name) or await call.services.calls.attempt(name)
        at = instant(b.at, live.day, call.services.zone)
    command = SetResult(
        by=call.by, attempt=name, result=b.result, text=b.text, at=at, order=b.order.strip(), quantity=b.quantity,
        amount=b.amount,
    )  # fmt: skip
    return VisitView.model_validate(await call.ask(command))


async def hang_up(call: Call[AttemptPath, NoBody]) -> None:
    """End a call."""
    await call.ask(HangUp(by=call.by, attempt=call.params.attempt))


async def set_remarks(call: Call[AttemptPath, RemarksBody]) -> RemarkView:
    """Write down what the agent typed, as often as they type; an empty text takes the remarks away.

    The audit log names each who writes, not each letter.
    """
    by = call.caller.staff.number if call.caller.staff is not None else call.by
    remark = Remark(call.params.attempt, call.body.text, by[:40], call.now)
    before = await call.desk.cards.write(remark)
    deed_of(call.request).silent = before is not None and before.by == remark.by
    return RemarkView.model_validate(remark)


ROUTES = (
    route("GET", "/attempts/{attempt}", get_attempt, Scope.READ, FLOOR, its_attempt, fails=(404,)),
    route(
        "PUT",
        "/attempts/{attempt}/disposition",
        set_disposition,
        Scope.OPERATE,
        FLOOR,
        its_attempt,
        fails=(404, 409, 504),
    ),
    route("POST", "/attempts/{attempt}/hang-up", hang_up, Scope.OPERATE, FLOOR, its_attempt, fails=(404, 504)),
    route("PUT", "/attempts/{attempt}/remarks", set_remarks, Scope.OPERATE, FLOOR, its_attempt, fails=(404,)),
)
