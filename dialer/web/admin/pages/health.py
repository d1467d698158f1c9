"""How each part is, the link to the PBX, the trunks, what waits in the outbox; and the backups of the database."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from dialer.campaign.model.recording import RecordingState
from dialer.campaign.rules.breaker import BreakerState
from dialer.errors import DialerError
from dialer.language import N_
from dialer.notices.outbox import NoticeState
from dialer.web.kit import health
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.services import Counts

LINKS: Mapping[str, tuple[str, str]] = {
    "up": (N_("Connected"), "good"),
    "connecting": (N_("Connecting"), "warn"),
    "waiting": (N_("Waiting to reconnect"), "bad"),
    "stopped": (N_("Stopped"), "idle"),
}
BREAKERS: Mapping[BreakerState, tuple[str, str]] = {
    BreakerState.CLOSED: (N_("In use"), "good"),
    BreakerState.OPEN: (N_("Paused"), "bad"),
    BreakerState.PROBING: (N_("Testing with one call"), "warn"),
}
SLOW_S = 0.5
"""An answer of the PBX that takes longer is worth a look: on one network it takes a few milliseconds."""


async def show_admin(screen: Screen) -> web.StreamResponse:
    """How everything is."""
    parts = await health.examine(screen.context)
    try:
        counts = await screen.services.counts()
    except DialerError:  # the part "database" says what is wrong with it
        counts = Counts()
    link, day = screen.services.link(), screen.overview()
    return screen.render_live(
        "admin.html",
        parts=[health.shown(part, screen.language) for part in parts],
        ready=health.is_ready(parts),
        link=link,
        owners=list(screen.state.owners.values()) if day else [],
        link_state=LINKS.get(link.state, (link.state, "idle")),
        slow=link.lag_s is not None and link.lag_s > SLOW_S,
        link_since=screen.state.link_since if day else None,
        trunks=[(trunk, *BREAKERS[trunk.state]) for trunk in day.trunks] if day else [],
        notices=[(state, counts.notices.get(state, 0)) for state in NoticeState],
        dead=counts.notices.get(NoticeState.DEAD, 0),
        recordings=[(state, counts.recordings.get(state, 0)) for state in RecordingState],
    )


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
        backups=[(each, f"{each.size / (1 << 20):.1f} MiB") for each in found],
        problem=problem,
        next_at=screen.services.next_backup(),
        folder=backups.folder,
    )


PAGES = (
    page("/admin", show_admin, ADMINISTRATOR, nav="Administration", key="6"),
    page("/pages/admin/health", show_admin, ADMINISTRATOR),
    page("/admin/backups", show_backups, ADMINISTRATOR),
)
