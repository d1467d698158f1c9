"""The info platform's board."""

from __future__ import annotations

from aiohttp import web

from dialer.web.access import LEADERS
from dialer.web.pages.screen import Screen, page


async def show_board(screen: Screen) -> web.StreamResponse:
    """Notices by department and account manager."""
    return screen.render("board.html")


PAGES = (page("/board", show_board, LEADERS, nav="Notice board", key="5"),)
