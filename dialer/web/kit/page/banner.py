"""The alert banner at the top of every page: the PBX is away, calling is paused, alarms."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from dialer.campaign.views.wording import alarm
from dialer.language import N_
from dialer.people.grants import Right, may_see
from dialer.people.staff import Role
from dialer.web.kit.access.roles import EVERYBODY
from dialer.web.kit.page.screen import Screen, page

_MOST = 5
_WATCH = (Role.ADMINISTRATOR, Role.SUPERVISOR)
GRANTS: Mapping[Right, str] = {
    Right.ADMINISTRATION: N_("{by} made {target} an administrator."),
    Right.SUPERVISION: N_("{by} let {target} see every customer; a supervisor hears every recording as well."),
    Right.RECORDINGS: N_("{by} let the administrator {target} hear recordings."),
    Right.PASSWORD: N_("{by} gave {target} a new password, and could sign in with it."),
    Right.TOKEN: N_("{by} created the token {target} ({scopes})."),
}


async def show_banner(screen: Screen) -> web.StreamResponse:
    """What everybody should know now; alarms are for those who can do something about them."""
    day = screen.overview()
    told = day.alarms if day is not None and screen.staff.role is not Role.AGENT else ()
    alarms = [(alarm(key, text, screen.language), at) for key, text, at in told]
    grants = await screen.services.accounts.store.unseen() if screen.staff.role in _WATCH else []
    told_of = [
        (grant, screen.t(GRANTS[grant.right], by=screen.named(grant.by), target=grant.target, scopes=grant.detail))
        for grant in grants[:_MOST]
    ]
    return screen.render(
        "_banner.html",
        day=day,
        alarms=alarms,
        grants=told_of,
        more=len(grants) - len(told_of),
        may=may_see(screen.staff.number, grants),
    )


PAGES = (page("/pages/strip", show_banner, EVERYBODY),)
