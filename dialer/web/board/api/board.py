"""The built-in board of the info platform: what departments and account managers read and acknowledge."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import Field

from dialer.notices.board import BoardNotice
from dialer.notices.outbox import Notice
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import Said, View, view_of
from dialer.web.kit.http.query import Input, NoBody, Paged

V = TypeVar("V", bound=View)


class BoardParams(Paged):
    """Whose notices."""

    department: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    account_manager: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    open: bool = False
    """Leave out what has been acknowledged."""


class NoticePath(Input):
    """One notice, on the board or in the outbox."""

    notice: Annotated[str, Field(min_length=1, max_length=200)]


class BoardNoticeView(view_of(BoardNotice), View):  # type: ignore[misc]  # made of a record
    """A notice on the built-in board."""

    title: Said
    sentence: Said


async def list_board(request: Request[BoardParams, NoBody]) -> list[BoardNoticeView]:
    """The board, newest first."""
    p = request.params
    found = await request.services.board.listing(p.department, p.account_manager, p.open, p.page)
    return [shown(BoardNoticeView, request, notice) for notice in found]


async def acknowledge_on_board(request: Request[NoticePath, NoBody]) -> BoardNoticeView:
    """Mark a notice as read; who read it first stays on record."""
    return await acknowledge(request, request.params.notice)


async def acknowledge(request: Request[Any, Any], notice: str) -> BoardNoticeView:
    """Mark ``notice`` as read by the caller."""
    return shown(BoardNoticeView, request, await request.services.board.acknowledge(notice, request.by, request.now))


def shown(view: type[V], request: Request[Any, Any], notice: BoardNotice | Notice) -> V:
    """A notice with its title and sentence in both languages."""
    zh, en = (request.services.word_notice(notice.kind, notice.body, language) for language in ("zh", "en"))
    return view.of(notice, title=Said(zh=zh[0], en=en[0]), sentence=Said(zh=zh[1], en=en[1]))


ROUTES = (
    route("GET", "/board", list_board, Scope.READ, LEADERS, whole),
    route("POST", "/board/{notice}/acknowledge", acknowledge_on_board, Scope.OPERATE, LEADERS, whole, fails=(404,)),
)
