"""From a request to a page and back: who it is, whether they may, and errors as pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dialer.errors import DialerError
from dialer.language import Language
from dialer.people.accounts import Signed
from dialer.web.kit.access.roles import Forbidden
from dialer.web.kit.access.sessions import (
    CSRF_FIELD,
    CSRF_HEADER,
    MustChange,
    NotSignedIn,
    caller_for,
    check_origin,
    signed_in,
)
from dialer.web.kit.api.routes import JSON
from dialer.web.kit.context import Context
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.http.bodies import read_form
from dialer.web.kit.http.origin import SAFE
from dialer.web.kit.page.refusals import refusal, reworded
from dialer.web.kit.page.screen import HOMES, PageRoute, Screen, see

LANGUAGE_COOKIE = "dialer_language"
FRAGMENT_HEADER = "Dialer-Fragment"
"""Sent by live.js: an error is answered as JSON, which it knows how to tell."""

_SECRETS = ("password", "old", "new", "again", CSRF_FIELD)
_MACHINES = ("/api/", "/health/", "/metrics", "/openapi.json", "/static/")


def page_handler(page: PageRoute, context: Context, pages: Sequence[PageRoute]) -> Handler:
    """The aiohttp handler of a page; ``pages`` are all that there are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        accounts = context.services.accounts
        signed = await signed_in(request, accounts)
        form = {} if page.takes_file else await _form(request, context, signed)
        screen = Screen(context, request, language_of(request, signed, context), signed, form, pages)
        if page.policy is None:
            check_origin(request, None, None)
            return await page.handler(screen)
        if signed is None:
            raise NotSignedIn
        entry = audit_entry(request)
        entry.by(screen.by, signed.staff.role, page.name, request.remote or "", opens=page.policy.opens)
        entry.about(
            dict(request.match_info), body={name: value for name, value in form.items() if name not in _SECRETS}
        )
        check_origin(request, signed, request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD))
        if signed.staff.must_change and not page.stale:
            raise MustChange
        if not page.policy.admits(signed.staff):
            raise Forbidden
        await screen.confirm()  # the form may have taken its time
        with context.turns.take(caller_for(signed), page.turn):
            response = await page.handler(screen)
        if request.method in SAFE:
            await screen.confirm()
        return response

    return handle


def errors_as_pages(context: Context, pages: Sequence[PageRoute]) -> Middleware:
    """Errors of pages as pages in the person's language; those of machines and scripts stay JSON."""

    @web.middleware
    async def as_page(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if (
            not isinstance(response, web.Response)
            or response.status < HTTPStatus.BAD_REQUEST
            or response.content_type != JSON
            or request.path.startswith(_MACHINES)
            or FRAGMENT_HEADER in request.headers
        ):
            return response
        told = json.loads(response.body) if isinstance(response.body, bytes) and response.body else {}
        code = str(told.get("error", "internal"))
        if code == MustChange.code:
            return see("/password")
        if response.status == HTTPStatus.UNAUTHORIZED:
            back = request.path_qs if request.method in SAFE and request.path != "/" else ""
            return see(f"/sign-in?next={quote(back)}" if back else "/sign-in")
        try:
            signed = await signed_in(request, context.services.accounts)
        except DialerError:
            signed = None
        screen = Screen(context, request, language_of(request, signed, context), signed, {}, pages)
        home = HOMES[signed.staff.role] if signed else "/"
        said = refusal(code, screen.t)
        detail = reworded(told.get("message", ""), screen.language)
        made = screen.render("error.html", status=response.status, said=said, detail=detail, code=code, home=home)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                made.headers[name] = response.headers[name]
        return made

    return as_page


def language_of(request: web.Request, signed: Signed | None, context: Context) -> Language:
    """The person's own, else the one chosen in this browser, else the department's."""
    asked = request.query.get("lang") if signed is None else None
    for choice in (asked, signed.staff.language if signed else "", request.cookies.get(LANGUAGE_COOKIE)):
        if choice in ("zh", "en"):
            return "en" if choice == "en" else "zh"
    return context.config.language


async def _form(request: web.Request, context: Context, signed: Signed | None) -> Mapping[str, str]:
    if request.method in SAFE:
        return {}
    config = context.config
    return await read_form(request, config.max_form if signed else config.max_unsigned, config.body_s)
