"""Notices on their way to the info platform."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dialer.campaign.records import Notice, NoticeState, Page
from dialer.web.board.api.board import acknowledge
from dialer.web.customers.api.why import notice_words
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Call, route
from dialer.web.kit.http.query import Asked, NoBody, Paged
from dialer.web.kit.views import BoardNoticeView, NoticeView


class NoticesParams(Paged):
    """Which notices."""

    state: NoticeState | None = None


class NoticePath(Asked):
    """One notice."""

    notice: Annotated[str, Field(min_length=1, max_length=200)]


async def list_notices(call: Call[NoticesParams, NoBody]) -> list[NoticeView]:
    """Notices, newest first; those in the state "dead" were given up and can be resent."""
    found = await call.services.outbox.notices(call.params.state, Page(call.params.limit, call.params.offset))
    return [_view(call, notice) for notice in found]


async def resend_notice(call: Call[NoticePath, NoBody]) -> None:
    """Send a notice once more, under the same id."""
    await call.services.outbox.resend(call.params.notice, call.now)
    call.services.resent()


async def acknowledge_notice(call: Call[NoticePath, NoBody]) -> BoardNoticeView:
    """Mark a notice on the built-in board as read."""
    return await acknowledge(call, call.params.notice)


def _view(call: Call[Any, Any], notice: Notice) -> NoticeView:
    values = {name: getattr(notice, name) for name in NoticeView.model_fields if hasattr(notice, name)}
    return NoticeView(**{**values, "body": dict(notice.body)}, **notice_words(call, notice.kind, notice.body))


ROUTES = (
    route("GET", "/notices", list_notices, Scope.READ, LEADERS, whole),
    route("POST", "/notices/{notice}/resend", resend_notice, Scope.OPERATE, LEADERS, whole, fails=(404,)),
    route("POST", "/notices/{notice}/acknowledge", acknowledge_notice, Scope.OPERATE, LEADERS, whole, fails=(404,)),
)
