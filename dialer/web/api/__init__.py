"""The API, a module for each noun. ``ROUTES`` is the whole table."""

from __future__ import annotations

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
from dialer.web.routes import Route

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
