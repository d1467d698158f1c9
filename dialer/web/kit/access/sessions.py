"""The session cookie, and what a request that comes with one must show."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiohttp import web

from dialer.people.accounts import MOST_EARLIER, Accounts, Signed, name_of
from dialer.web.kit.access.roles import Forbidden
from dialer.web.kit.access.tokens import Caller
from dialer.web.kit.http.origin import SAFE, from_our_page
from dialer.web.kit.http.refusals import NotAuthenticated

COOKIE = "dialer_session"
EARLIER_COOKIE = "dialer_earlier"
_LONGEST_TOKEN = 100
_EARLIER_S = 30 * 86400
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
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


def set_earlier(request: web.Request, response: web.StreamResponse, digests: Sequence[str]) -> None:
    """Let the browser remember its sign-ins, newest first: they sign nobody in, but keep their tries apart."""
    response.set_cookie(
        _earlier_name(request), ".".join(digests[:MOST_EARLIER]), max_age=_EARLIER_S, httponly=True, samesite="Lax",
        secure=request.secure, path="/",
    )  # fmt: skip


def earlier_of(request: web.Request) -> list[str]:
    """Digests of the sessions that the browser says it had."""
    said = request.cookies.get(_earlier_name(request), "")
    return [each for each in said.split(".")[:MOST_EARLIER] if _DIGEST.fullmatch(each)]


def _earlier_name(request: web.Request) -> str:
    return cookie_name(request).replace(COOKIE, EARLIER_COOKIE)


async def signed_in(request: web.Request, accounts: Accounts) -> Signed | None:
    """Who is signed in, by the request's cookie."""
    token = token_of(request)
    return await accounts.signed(token) if token else None


def token_of(request: web.Request) -> str:
    """The token of the session that the browser has, "" when it has none."""
    token = request.cookies.get(cookie_name(request), "")
    return token if len(token) < _LONGEST_TOKEN else ""


def check_origin(request: web.Request, signed: Signed | None, csrf: str | None) -> None:
    """A change must come from one of our pages. Raises ForeignRequest."""
    if request.method in SAFE:
        return
    if not from_our_page(request) or (signed is not None and not signed.proves(csrf or "")):
        raise ForeignRequest


def caller_for(signed: Signed) -> Caller:
    """A person as the handlers know them."""
    return Caller(name_of(signed.staff), signed.session.digest, signed.staff)
