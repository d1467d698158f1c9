"""The agent's one page."""

from __future__ import annotations

from aiohttp import web

from dialer.web.access import AGENT
from dialer.web.pages.screen import Screen, page


async def show_agent(screen: Screen) -> web.StreamResponse:
    """The customer in front of the agent, and the day's count."""
    return screen.render("agent.html")


PAGES = (page("/agent", show_agent, AGENT, nav="My calls", key="1"),)
