"""Attempts: one call, its result, ending it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.campaign.messages import HangUp, SetResult
from dialer.campaign.visit import Result
from dialer.web.asked import Asked, AttemptId, LocalTime, NoBody, Short, Text
from dialer.web.auth import Scope
from dialer.web.localtime import instant
from dialer.web.routes import Call, route
from dialer.web.views import AttemptDetail, VisitView


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


ROUTES = (
    route("GET", "/attempts/{attempt}", get_attempt, Scope.READ, fails=(404,)),
    route("PUT", "/attempts/{attempt}/disposition", set_disposition, Scope.OPERATE, fails=(404, 409, 504)),
    route("POST", "/attempts/{attempt}/hang-up", hang_up, Scope.OPERATE, fails=(404, 504)),
)
