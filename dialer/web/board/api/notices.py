"""Notices on their way to the info platform."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dialer.campaign.records import Notice, NoticeState
from dialer.web.board.api.board import acknowledge
from dialer.web.customers.api.why import notice_words
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import Input, NoBody, Paged
from dialer.web.kit.views import BoardNoticeView, NoticeView


class NoticesParams(Paged):
    """Which notices."""

    state: NoticeState | None = None


class NoticePath(Input):
    """One notice."""

    notice: Annotated[str, Field(min_length=1, max_length=200)]


async def list_notices(request: Request[NoticesParams, NoBody]) -> list[NoticeView]:
    """Notices, newest first; those in the state "dead" were given up and can be resent."""
    found = await request.services.outbox.notices(request.params.state, request.params.page)
    return [_view(request, notice) for notice in found]


async def resend_notice(request: Request[NoticePath, NoBody]) -> None:
    """Send a notice once more, under the same id."""
    await request.services.outbox.resend(request.params.notice, request.now)
    request.services.resent()


async def acknowledge_notice(request: Request[NoticePath, NoBody]) -> BoardNoticeView:
    """Mark a notice on the built-in board as read."""
    return await acknowledge(request, request.params.notice)


def _view(request: Request[Any, Any], notice: Notice) -> NoticeView:
    values = {name: getattr(notice, name) for name in NoticeView.model_fields if hasattr(notice, name)}
    return NoticeView(**{**values, "body": dict(notice.body)}, **notice_words(request, notice.kind, notice.body))


ROUTES = (
    route("GET", "/notices", list_notices, Scope.READ, LEADERS, whole),
    route("POST", "/notices/{notice}/resend", resend_notice, Scope.OPERATE, LEADERS, whole, fails=(404,)),
    route("POST", "/notices/{notice}/acknowledge", acknowledge_notice, Scope.OPERATE, LEADERS, whole, fails=(404,)),
)
