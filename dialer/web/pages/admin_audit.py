"""The audit log: who did what, when and from where."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from aiohttp import web

from dialer.campaign.staff import AuditQuery
from dialer.web.access import ADMINISTRATOR, SUPERVISOR
from dialer.web.pages.admin_words import DEEDS, shown_tabs
from dialer.web.pages.paging import asked, sliced
from dialer.web.pages.screen import Screen, page

_LONGEST = 200


async def show_audit(screen: Screen) -> web.StreamResponse:
    """What fits the search, newest first."""
    query = screen.query
    who, what, target = (query.get(name, "").strip()[:_LONGEST] for name in ("who", "what", "target"))
    since, until = _midnight(screen, "since"), _midnight(screen, "until", days=1)
    found = await screen.services.accounts.audit.search(AuditQuery(who, what, target, since, until, asked(query)))
    return screen.render(
        "audit.html",
        tabs=shown_tabs(screen),
        slice=sliced(found, "/audit", query),
        deeds=DEEDS,
        choices=sorted(DEEDS.items(), key=lambda deed: screen.t(deed[1])),
    )


def _midnight(screen: Screen, name: str, days: int = 0) -> datetime | None:
    """The beginning of the day that was asked for; ``days`` later for an end that is included."""
    try:
        day = date.fromisoformat(screen.query.get(name, "")) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time.min, screen.zone)


PAGES = (page("/audit", show_audit, SUPERVISOR | ADMINISTRATOR, nav="Audit log", key="7"),)
