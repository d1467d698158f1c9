"""The built-in board of the info platform: what departments and account managers read and acknowledge."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dialer.campaign.records import BoardNotice
from dialer.web.customers.api.why import notice_words
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import Input, NoBody, Paged
from dialer.web.kit.views import BoardNoticeView


class BoardParams(Paged):
    """Whose notices."""

    department: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    account_manager: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    open: bool = False
    """Leave out what has been acknowledged."""


class BoardPath(Input):
    """One notice on the board."""

    notice: Annotated[str, Field(min_length=1, max_length=200)]


async def list_board(request: Request[BoardParams, NoBody]) -> list[BoardNoticeView]:
    """The board, newest first."""
    p = request.params
    found = await request.services.board.listing(p.department, p.account_manager, p.open, p.page)
    return [_view(request, notice) for notice in found]


async def acknowledge_on_board(request: Request[BoardPath, NoBody]) -> BoardNoticeView:
    """Mark a notice as read; who read it first stays on record."""
    return await acknowledge(request, request.params.notice)


async def acknowledge(request: Request[Any, Any], notice: str) -> BoardNoticeView:
    """Mark ``notice`` as read by the caller."""
    return _view(request, await request.services.board.acknowledge(notice, request.by, request.now))


def _view(request: Request[Any, Any], notice: BoardNotice) -> BoardNoticeView:
    values = {name: getattr(notice, name) for name in BoardNoticeView.model_fields if hasattr(notice, name)}
    return BoardNoticeView(**{**values, "body": dict(notice.body)}, **notice_words(request, notice.kind, notice.body))


ROUTES = (
    route("GET", "/board", list_board, Scope.READ, LEADERS, whole),
    route("POST", "/board/{notice}/acknowledge", acknowledge_on_board, Scope.OPERATE, LEADERS, whole, fails=(404,)),
)
