"""What every answer tells a browser not to do, and the certificate it comes under."""

from __future__ import annotations

import ssl

from aiohttp import hdrs, web, web_response

from dialer.errors import SettingsError
from dialer.web.kit.config import WebConfig
from dialer.web.kit.http.origin import is_secure

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline, nothing from elsewhere, in no frame."""

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HSTS = "max-age=31536000"

# What aiohttp answers by itself, before there is a request that a handler could see, reaches no hook of ours: a request
# line that nobody can read. Its versions are for no stranger to know, and nothing documented keeps them back.
web_response.SERVER_SOFTWARE = "dialer"  # type: ignore[attr-defined]  # aiohttp exports no way to set it


async def headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put them on an answer; a handler that has set one of its own keeps it."""
    response.headers.popall(hdrs.SERVER, None)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if is_secure(request):
        response.headers.setdefault("Strict-Transport-Security", _HSTS)


def tls(config: WebConfig) -> ssl.SSLContext | None:
    """For listening with a certificate; None without one. Raises SettingsError that says which file is wrong."""
    if config.tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(config.tls_certificate, config.tls_key)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"web: the certificate {config.tls_certificate} with the key {config.tls_key} cannot be used: {error}"
        ) from error
    return context
