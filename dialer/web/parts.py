"""Every route and every page, from the parts that own them. What is in none of these tables does not exist."""

from __future__ import annotations

from aiohttp import web

from dialer.web.admin.api import audit_log, backups, calendar, grants, phone_tests, staff, tokens
from dialer.web.admin.pages import audit, health, phones, settings
from dialer.web.admin.pages import staff as staff_pages
from dialer.web.agent import pages as agent
from dialer.web.agent.api import agents, attempts
from dialer.web.board import pages as board_pages
from dialer.web.board.api import board, notices
from dialer.web.customers.api import by_hand, customers, orders, visits
from dialer.web.customers.pages import assign, imports, manual_calls
from dialer.web.customers.pages import customers as customer_pages
from dialer.web.floor.api import campaign, ticks
from dialer.web.floor.pages import attention, floor
from dialer.web.kit.access.audit_log import AuditLogger
from dialer.web.kit.api import events
from dialer.web.kit.api.dispatch import endpoint
from dialer.web.kit.api.routes import PREFIX, Route
from dialer.web.kit.context import Context
from dialer.web.kit.page import banner
from dialer.web.kit.page.screen import PageRoute
from dialer.web.recordings import pages as recordings_pages
from dialer.web.recordings.api import marks, recordings
from dialer.web.reports import pages as reports
from dialer.web.reports.api import books
from dialer.web.signin import pages as signin

_API = (
    visits, by_hand, customers, attempts, orders, agents, campaign, ticks, events, recordings, marks, books, notices,
    board, calendar, tokens, staff, grants, phone_tests, audit_log, backups,
)  # fmt: skip
_PAGES = (
    signin, banner, agent, floor, attention, customer_pages, assign, imports, manual_calls, recordings_pages, reports,
    board_pages, health, staff_pages, settings, phones, audit,
)  # fmt: skip
ROUTES: tuple[Route, ...] = tuple(row for module in _API for row in module.ROUTES)
PAGES: tuple[PageRoute, ...] = tuple(row for module in _PAGES for row in module.PAGES)


def add_api(app: web.Application, context: Context) -> None:
    """Put every route into an application, with the audit log of what is asked of them."""
    app.on_response_prepare.append(AuditLogger(context.services.accounts, context.services.clock).prepare)
    for entry in ROUTES:
        app.router.add_route(entry.method, PREFIX + entry.path, endpoint(entry, context))
