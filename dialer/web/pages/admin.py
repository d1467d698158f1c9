"""Health, staff, tokens, calendar, settings."""

from __future__ import annotations

from aiohttp import web

from dialer.web.access import ADMINISTRATOR
from dialer.web.pages.screen import Screen, page


async def show_admin(screen: Screen) -> web.StreamResponse:
    """How each part is."""
    return screen.render("admin.html")


PAGES = (page("/admin", show_admin, ADMINISTRATOR, nav="Administration", key="6"),)
