"""Reports of the day and the week."""

from __future__ import annotations

from aiohttp import web

from dialer.web.access import LEADERS
from dialer.web.pages.screen import Screen, page


async def show_reports(screen: Screen) -> web.StreamResponse:
    """What there is to print and to save."""
    return screen.render("reports.html")


PAGES = (page("/reports", show_reports, LEADERS, nav="Reports", key="4"),)
