"""Recordings: search, listen, note."""

from __future__ import annotations

from aiohttp import web

from dialer.web.access import SUPERVISOR
from dialer.web.pages.screen import Screen, page


async def show_recordings(screen: Screen) -> web.StreamResponse:
    """Search."""
    return screen.render("recordings.html")


PAGES = (page("/recordings", show_recordings, SUPERVISOR, nav="Recordings", key="3", hearers=True),)
