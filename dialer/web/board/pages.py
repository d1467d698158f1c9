"""The info platform's board: notices by department and account manager, and what is still on its way out.

The leader of one team sees the notices about that team's customers, and can change none: like the API, acknowledging
and sending again are for those who answer for every team.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from dialer.notices.board import BoardNotice
from dialer.notices.outbox import Notice, NoticeState
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.page.paging import address, sliced, wanted_page
from dialer.web.kit.page.screen import Screen, page

NOBODY = "-"
"""Stands in an address for the department of notices that have none."""


@dataclass(frozen=True, slots=True)
class Line:
    """A notice with its words."""

    notice: BoardNotice | Notice
    title: str
    sentence: str


async def show_board(screen: Screen) -> web.StreamResponse:
    """What departments and account managers have been told, and whether they have read it."""
    query, board, scope = screen.query, screen.services.board, screen.rows.scope(screen.context.state_if_loaded)
    department, manager = query.get("department") or None, query.get("manager") or None
    if department == NOBODY:
        department = ""
    open_only = query.get("all") != "yes"
    found = sliced(await board.listing(department, manager, open_only, wanted_page(query), scope), "/board", query)
    return screen.render_live(
        "board.html",
        lines=[_line(screen, notice) for notice in found.rows],
        pages=found,
        departments=departments(await board.waiting(scope)),
        department=department,
        nobody=NOBODY,
        manager=manager,
        open_only=open_only,
        fragment=address("/pages/board", query),
        may_change=screen.rows.everything,
    )


async def show_outbox(screen: Screen) -> web.StreamResponse:
    """Notices on their way out, and those that were given up."""
    query, scope = screen.query, screen.rows.scope(screen.context.state_if_loaded)
    text = query.get("state", "")
    state = NoticeState(text) if text in set(NoticeState) else None
    found = sliced(await screen.services.outbox.notices(state, wanted_page(query), scope), "/board/outbox", query)
    counts = (await screen.services.counts()).notices if screen.rows.everything else {}
    return screen.render_live(
        "outbox.html",
        lines=[_line(screen, notice) for notice in found.rows],
        pages=found,
        state=state,
        states=list(NoticeState),
        counts=counts,
        fragment=address("/pages/board/outbox", query),
        may_change=screen.rows.everything,
    )


def departments(waiting: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Counts by department and account manager, the fullest department first, and in it the fullest account manager."""
    found: dict[str, dict[str, int]] = {}
    for department, manager, count in sorted(waiting, key=lambda row: (-row[2], row[1])):
        found.setdefault(department, {})[manager] = count
    return dict(sorted(found.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])))


def _line(screen: Screen, notice: BoardNotice | Notice) -> Line:
    """Its sentence without the title that some begin with: the two are shown beside each other."""
    title, sentence = screen.services.word_notice(notice.kind, notice.body, screen.language)
    return Line(notice, title, sentence.removeprefix(screen.t("{title}: {text}", title=title, text="")))


PAGES = (
    page("/board", show_board, LEADERS, nav="Notice board", key="5"),
    page("/board/outbox", show_outbox, LEADERS),
    page("/pages/board", show_board, LEADERS),
    page("/pages/board/outbox", show_outbox, LEADERS),
)
