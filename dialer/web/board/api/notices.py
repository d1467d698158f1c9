"""Notices on their way to the info platform."""

from __future__ import annotations

from dialer.notices.outbox import Notice, NoticeState
from dialer.web.board.api.board import BoardNoticeView, NoticePath, acknowledge, shown
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import Said, View, view_of
from dialer.web.kit.http.query import NoBody, Paged


class NoticesParams(Paged):
    """Which notices."""

    state: NoticeState | None = None


class NoticeView(view_of(Notice), View):  # type: ignore[misc]  # made of a record
    """A notice in the outbox."""

    title: Said
    sentence: Said


async def list_notices(request: Request[NoticesParams, NoBody]) -> list[NoticeView]:
    """Notices, newest first; those in the state "dead" were given up and can be resent."""
    found = await request.services.outbox.notices(request.params.state, request.params.page)
    return [shown(NoticeView, request, notice) for notice in found]


async def resend_notice(request: Request[NoticePath, NoBody]) -> None:
    """Send a notice once more, under the same id."""
    await request.services.outbox.resend(request.params.notice, request.now)
    request.services.resent()


async def acknowledge_notice(request: Request[NoticePath, NoBody]) -> BoardNoticeView:
    """Mark a notice on the built-in board as read."""
    return await acknowledge(request, request.params.notice)


ROUTES = (
    route("GET", "/notices", list_notices, Scope.READ, LEADERS, whole),
    route("POST", "/notices/{notice}/resend", resend_notice, Scope.OPERATE, LEADERS, whole, fails=(404,)),
    route("POST", "/notices/{notice}/acknowledge", acknowledge_notice, Scope.OPERATE, LEADERS, whole, fails=(404,)),
)
