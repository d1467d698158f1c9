"""The info platform's board: notices by department and account manager, and what is still on its way out.

The leader of one team sees the notices about that team's customers, and can change none: like the API, acknowledging
and sending again are for those who answer for every team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from dialer.campaign.records import BoardNotice, Notice, NoticeState, Page
from dialer.campaign.state import State
from dialer.errors import Busy
from dialer.web.access import LEADERS
from dialer.web.pages.paging import address, asked, sliced
from dialer.web.pages.screen import Screen, page

N = TypeVar("N", BoardNotice, Notice)

_MOST = 1000
"""Open notices that are counted by department; of more it is said that there are more."""


@dataclass(frozen=True, slots=True)
class Line:
    """A notice with its words."""

    notice: BoardNotice | Notice
    title: str
    sentence: str


@dataclass(slots=True)
class Department:
    """How many open notices a department has, by account manager."""

    open: int = 0
    managers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Owner:
    agent: str | None
    team: str | None


async def show_board(screen: Screen) -> web.StreamResponse:
    """What departments and account managers have been told, and whether they have read it."""
    return await _board(screen, "board.html")


async def show_board_list(screen: Screen) -> web.StreamResponse:
    """The notices alone."""
    return await _board(screen, "_board.html")


async def show_outbox(screen: Screen) -> web.StreamResponse:
    """Notices on their way out, and those that were given up."""
    return await _outbox(screen, "outbox.html")


async def show_outbox_list(screen: Screen) -> web.StreamResponse:
    """The notices alone."""
    return await _outbox(screen, "_outbox.html")


async def _board(screen: Screen, template: str) -> web.StreamResponse:
    query, board = screen.query, screen.services.board
    department, manager = query.get("department") or None, query.get("manager") or None
    open_only = query.get("all") != "yes"
    found = sliced(await board.listing(department, manager, open_only, asked(query)), "/board", query)
    waiting = await board.listing(None, None, True, Page(_MOST))
    return screen.render(
        template,
        lines=[_line(screen, notice) for notice in _theirs(screen, found.rows)],
        pages=found,
        departments=departments(_theirs(screen, waiting)),
        more=len(waiting) >= _MOST,
        department=department,
        manager=manager,
        open_only=open_only,
        fragment=address("/pages/board", query),
        may_change=screen.rows.everything,
    )


async def _outbox(screen: Screen, template: str) -> web.StreamResponse:
    query = screen.query
    text = query.get("state", "")
    state = NoticeState(text) if text in set(NoticeState) else None
    found = sliced(await screen.services.outbox.notices(state, asked(query)), "/board/outbox", query)
    counts = (await screen.services.counts()).notices if screen.rows.everything else {}
    return screen.render(
        template,
        lines=[_line(screen, notice) for notice in _theirs(screen, found.rows)],
        pages=found,
        state=state,
        states=list(NoticeState),
        counts=counts,
        fragment=address("/pages/board/outbox", query),
        may_change=screen.rows.everything,
    )


def departments(waiting: Sequence[BoardNotice]) -> dict[str, Department]:
    """Open notices counted, the fullest department first."""
    found: dict[str, Department] = {}
    for notice in waiting:
        one = found.setdefault(notice.department, Department())
        one.open += 1
        one.managers[notice.account_manager] = one.managers.get(notice.account_manager, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].open, pair[0])))


def _line(screen: Screen, notice: BoardNotice | Notice) -> Line:
    return Line(notice, *screen.services.word_notice(notice.kind, notice.body, screen.language))


def _theirs(screen: Screen, notices: Sequence[N]) -> list[N]:
    """Those about customers that the person may see; what concerns everybody is for those who see everything."""
    if screen.rows.everything:
        return list(notices)
    state = _state(screen)
    return [notice for notice in notices if screen.rows.visit(_owner(notice.body), state)]


def _owner(body: Mapping[str, Any]) -> _Owner:
    data = body.get("data")
    told: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    agent, team = told.get("agent"), told.get("team")
    return _Owner(str(agent) if agent else None, str(team) if team else None)


def _state(screen: Screen) -> State | None:
    try:
        return screen.state
    except Busy:
        return None


PAGES = (
    page("/board", show_board, LEADERS, nav="Notice board", key="5"),
    page("/board/outbox", show_outbox, LEADERS),
    page("/pages/board", show_board_list, LEADERS),
    page("/pages/board/outbox", show_outbox_list, LEADERS),
)
