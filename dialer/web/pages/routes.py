"""The table of pages: every address with the roles that may open it. What is in no module's PAGES is no page."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.campaign.staff import Staff
from dialer.web.pages import admin, agent, board, floor, recordings, reports, signin, strip
from dialer.web.pages.screen import Page

PAGES: tuple[Page, ...] = (
    *signin.PAGES,
    *strip.PAGES,
    *agent.PAGES,
    *floor.PAGES,
    *recordings.PAGES,
    *reports.PAGES,
    *board.PAGES,
    *admin.PAGES,
)


def navigation(staff: Staff) -> Sequence[Page]:
    """The pages of a person's navigation, in the table's order."""
    return [page for page in PAGES if page.nav and page.policy is not None and page.policy.admits(staff)]
