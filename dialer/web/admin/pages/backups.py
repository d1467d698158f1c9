"""The backups of the database: when the last and the next one, and one more now."""

from __future__ import annotations

from aiohttp import web

from dialer.errors import DialerError
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.page.screen import Screen, page

_MIB = 1 << 20


async def show_backups(screen: Screen) -> web.StreamResponse:
    """What there is to go back to."""
    backups = screen.services.backups
    problem = backups.problem
    try:
        found = await backups.listing()
    except DialerError as error:
        found, problem = [], problem or str(error)
    return screen.render(
        "admin_backups.html",
        backups=[(each, f"{each.size / _MIB:.1f} MiB") for each in found],
        problem=problem,
        next_at=screen.services.next_backup(),
        folder=backups.folder,
    )


PAGES = (page("/admin/backups", show_backups, ADMINISTRATOR),)
