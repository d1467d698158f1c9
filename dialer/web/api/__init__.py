"""The API, a module for each noun. ``ROUTES`` is the whole table."""

from __future__ import annotations

from aiohttp import web

from dialer.web.api import (
    agents,
    attempts,
    audit_log,
    backups,
    board,
    books,
    by_hand,
    calendar,
    campaign,
    customers,
    events,
    marks,
    notices,
    orders,
    phone_tests,
    recordings,
    staff,
    tokens,
    visits,
)
from dialer.web.desk import Desk
from dialer.web.dispatch import endpoint
from dialer.web.routes import PREFIX, Route
from dialer.web.trail import Trail

ROUTES: tuple[Route, ...] = (
    *visits.ROUTES,
    *by_hand.ROUTES,
    *customers.ROUTES,
    *attempts.ROUTES,
    *orders.ROUTES,
    *agents.ROUTES,
    *campaign.ROUTES,
    *events.ROUTES,
    *recordings.ROUTES,
    *marks.ROUTES,
    *books.ROUTES,
    *notices.ROUTES,
    *board.ROUTES,
    *calendar.ROUTES,
    *tokens.ROUTES,
    *staff.ROUTES,
    *phone_tests.ROUTES,
    *audit_log.ROUTES,
    *backups.ROUTES,
)


def add_to(app: web.Application, desk: Desk) -> None:
    """Put every route into an application, with the audit log of what is asked of them."""
    app.on_response_prepare.append(Trail(desk.services.accounts, desk.services.clock).prepare)
    for entry in ROUTES:
        app.router.add_route(entry.method, PREFIX + entry.path, endpoint(entry, desk))
