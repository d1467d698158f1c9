"""Where a request really comes from: behind a proxy, and from which page."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from dialer.web.kit.http.audit_entry import audit_entry

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

_SECURE = web.RequestKey("secure", bool)


def is_loopback(address: str | None) -> bool:
    """Whether it is this machine."""
    try:
        return ipaddress.ip_address((address or "").partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_secure(request: web.Request) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy before us."""
    return bool(request.get(_SECURE, request.secure))


@web.middleware
async def behind_proxy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take address and scheme from X-Forwarded-For and -Proto, but only from a proxy on this machine.

    The last address of the list is the one that our own proxy saw; those before it anybody can make up.
    """
    if not is_loopback(request.remote):
        return await handler(request)
    forwarded, scheme, host = (
        request.headers.get(f"X-Forwarded-{what}", "").rpartition(",")[2].strip() for what in ("For", "Proto", "Host")
    )
    scheme = scheme.lower()
    try:
        address = str(ipaddress.ip_address(forwarded))
    except ValueError:
        address = request.remote or ""
    audit_entry(request)  # both requests are one for the audit log ...
    request[_SECURE] = scheme == "https"  # ... and for the headers of the answer
    return await handler(
        request.clone(
            remote=address,
            scheme=scheme if scheme in ("http", "https") else request.scheme,
            host=host or request.host,
        )
    )


def from_our_page(request: web.Request) -> bool:
    """Whether a browser says that one of our own pages sent this; what is no browser says nothing and passes.

    Beside the token in the page this guards signing in, for which there is no session yet.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:  # it is no address
        return False
