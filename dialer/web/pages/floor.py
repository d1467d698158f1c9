"""The floor: the team leader's view of the day."""

from __future__ import annotations

from aiohttp import web

from dialer.web.access import LEADERS
from dialer.web.pages.screen import Screen, page


async def show_floor(screen: Screen) -> web.StreamResponse:
    """How far the day is, and who does what."""
    return screen.render("floor.html")


PAGES = (page("/floor", show_floor, LEADERS, nav="Floor", key="2"),)
