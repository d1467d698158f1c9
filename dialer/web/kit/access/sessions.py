"""The session cookie, and what a request that comes with one must show."""

from __future__ import annotations

from aiohttp import web

from dialer.people.accounts import Accounts, Signed, name_of
from dialer.web.kit.access.roles import Forbidden
from dialer.web.kit.access.tokens import Caller
from dialer.web.kit.http.origin import SAFE, from_our_page
from dialer.web.kit.http.refusals import NotAuthenticated

COOKIE = "dialer_session"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"


class NotSignedIn(NotAuthenticated):
    """You are not signed in, or your session has ended; sign in again."""

    code = "not-signed-in"


class ForeignRequest(Forbidden):
    """This did not come from one of the dialer's own pages; reload the page and try again."""

    code = "foreign-request"


class RightsChanged(Forbidden):
    """Your rights were changed in the meantime; nothing was done. Reload the page and try again."""

    code = "rights-changed"


class MustChange(Forbidden):
    """Choose a password of your own first."""

    code = "must-change-password"


def cookie_name(request: web.Request) -> str:
    """Over TLS the name itself keeps others from setting it."""
    return f"__Host-{COOKIE}" if request.secure else COOKIE


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Hand a session to the browser; it forgets it when it is closed."""
    response.set_cookie(cookie_name(request), token, httponly=True, samesite="Lax", secure=request.secure, path="/")


def drop_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session away from the browser."""
    response.del_cookie(cookie_name(request), path="/", secure=request.secure, httponly=True, samesite="Lax")


async def signed_in(request: web.Request, accounts: Accounts) -> Signed | None:
    """Who is signed in, by the request's cookie."""
    token = request.cookies.get(cookie_name(request), "")
    return await accounts.signed(token) if token and len(token) < 100 else None


def check_origin(request: web.Request, signed: Signed | None, csrf: str | None) -> None:
    """A change must come from one of our pages. Raises ForeignRequest."""
    if request.method in SAFE:
        return
    if not from_our_page(request) or (signed is not None and not signed.proves(csrf or "")):
        raise ForeignRequest


def caller_for(signed: Signed) -> Caller:
    """A person as the handlers know them."""
    return Caller(name_of(signed.staff), signed.session.digest, signed.staff)
