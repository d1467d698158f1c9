"""The alert banner at the top of every page: the PBX is away, calling is paused, alarms."""

from __future__ import annotations

from aiohttp import web

from dialer.campaign.views.wording import alarm
from dialer.people.staff import Role
from dialer.web.kit.access.roles import EVERYBODY
from dialer.web.kit.page.screen import Screen, page


async def show_banner(screen: Screen) -> web.StreamResponse:
    """What everybody should know now; alarms are for those who can do something about them."""
    day = screen.overview()
    told = day.alarms if day is not None and screen.staff.role is not Role.AGENT else ()
    alarms = [(alarm(key, text, screen.language), at) for key, text, at in told]
    return screen.render("_banner.html", day=day, alarms=alarms)


PAGES = (page("/pages/strip", show_banner, EVERYBODY),)
