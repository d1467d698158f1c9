"""The application and the server that it runs in."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dialer.campaign.overview import Overview
from dialer.errors import Busy, DialerError
from dialer.language import Language
from dialer.web import errors, guard, health, page, pages
from dialer.web.api import ROUTES
from dialer.web.config import WebConfig
from dialer.web.desk import Desk
from dialer.web.dispatch import endpoint
from dialer.web.openapi import document
from dialer.web.origin import behind_proxy
from dialer.web.patience import cut_off_the_slow
from dialer.web.routes import JSON, PREFIX
from dialer.web.services import Counts, Health, Services
from dialer.web.trail import Trail

log = structlog.get_logger(__name__)

_STYLE_HASH = base64.b64encode(hashlib.sha256(page.STYLE.encode()).digest()).decode()
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build_app(services: Services, config: WebConfig | None = None) -> web.Application:
    """The application; it follows what the engine commits from here on."""
    config = config or WebConfig()
    desk = Desk(services, config)
    proxied: tuple[Middleware, ...] = (behind_proxy(),) if config.behind_proxy else ()
    middlewares = (*proxied, _logged, pages.errors_as_pages(desk), errors.middleware)
    app = web.Application(middlewares=middlewares, client_max_size=config.max_json)
    app.on_response_prepare.append(guard.headers)
    app.on_response_prepare.append(Trail(services.accounts, services.clock).prepare)
    for entry in ROUTES:
        app.router.add_route(entry.method, PREFIX + entry.path, endpoint(entry, desk))
    face = _OpenFace(desk)
    app.router.add_get("/health/live", face.live)
    app.router.add_get("/health/ready", face.ready)
    app.router.add_get("/metrics", face.metrics)
    app.router.add_get("/openapi.json", face.openapi)
    app.router.add_get("/status", face.status)
    pages.add_to(app, desk)

    async def end_streams(_app: web.Application) -> None:
        desk.hub.close()

    app.on_shutdown.append(end_streams)
    return app


class Server:
    """Listens while it is started. ``port`` is the real one, when the configuration says 0."""

    def __init__(self, services: Services, config: WebConfig | None = None) -> None:
        self._config = config or WebConfig()
        self._runner = web.AppRunner(
            build_app(services, self._config),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=self._config.shutdown_s,
            keepalive_timeout=self._config.idle_s,
            lingering_time=1.0,
        )
        self._watch: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self) -> None:
        """Begin to listen. Raises DialerError when the address cannot be had."""
        host, port = self._config.host, self._config.port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=guard.tls(self._config)).start()
        except OSError as error:
            await self._runner.cleanup()
            raise DialerError(
                f"web: cannot listen on {host}:{port} ({error.strerror}); choose another address, or end what uses it"
            ) from error
        self.port = int(self._runner.addresses[0][1])
        self._watch = asyncio.create_task(
            cut_off_the_slow(self._connections, self._config.write_s), name="web-patience"
        )
        log.info("web listens", action="web.listening", host=host, port=self.port)

    async def stop(self) -> None:
        """Stop listening, let requests end within ``shutdown_s``, then cut them off."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            await asyncio.wait((watch,))
        await self._runner.cleanup()

    def _connections(self) -> list[object]:
        server = self._runner.server
        return list(server.connections) if server is not None else []


class _OpenFace:
    """What needs no token: nothing of any customer is in it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._document = json.dumps(document(ROUTES, desk.services.version), ensure_ascii=False).encode()

    async def live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive", "version": self._desk.services.version})

    async def ready(self, _request: web.Request) -> web.Response:
        parts = await health.examine(self._desk)
        good = health.is_ready(parts)
        body = {"ready": good, "parts": [_in_both(part) for part in parts]}
        return web.json_response(body, status=200 if good else 503, headers={"Cache-Control": "no-store"})

    async def metrics(self, _request: web.Request) -> web.Response:
        services = self._desk.services
        try:
            counts = await services.counts()
        except DialerError as error:  # the other numbers are wanted all the more
            log.warning("counts cannot be read", action="web.counts", error=str(error))
            counts = Counts()
        text = services.metrics.text(self._overview(), counts.notices, counts.recordings)
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def openapi(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._document, content_type=JSON)

    async def status(self, request: web.Request) -> web.Response:
        language: Language = "en" if request.query.get("lang") == "en" else "zh"
        parts = await health.examine(self._desk)
        html = page.render(self._overview(), parts, language, self._desk.services.zone)
        return web.Response(text=html, content_type="text/html", headers=_PAGE_HEADERS)

    def _overview(self) -> Overview | None:
        try:
            return self._desk.glance()
        except Busy:
            return None


def _in_both(part: Health) -> dict[str, str]:
    """A part for programs, with the words for people; an error's own words are not repeated in Chinese."""
    (state, advice), (zh, advice_zh) = part.words("en"), part.words("zh")
    own = isinstance(part.state, str)
    told = {"part": part.part, "level": part.level, "state": state, "advice": advice}
    return {**told, "zh": "" if own else zh, "advice_zh": advice_zh}


@web.middleware
async def _logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line for each request: the pattern of the route, never its parameters, which may name customers."""
    started = perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    log.debug(
        "request",
        action="web.request",
        method=request.method,
        route=resource.canonical if resource else "-",
        status=response.status,
        ms=round((perf_counter() - started) * 1000, 1),
        address=request.remote,
    )
    return response
