"""The application and the server that it runs in."""

from __future__ import annotations

import asyncio
from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dialer.errors import DialerError
from dialer.language import Language
from dialer.web.agent import cards, phrases
from dialer.web.agent.phrases import PHRASES
from dialer.web.kit.config import WebConfig
from dialer.web.kit.context import Context
from dialer.web.kit.http import errors, guard
from dialer.web.kit.http.leaving import finish_changes
from dialer.web.kit.http.origin import behind_proxy
from dialer.web.kit.http.patience import cut_off_the_slow
from dialer.web.kit.page.dispatch import errors_as_pages, page_handler
from dialer.web.kit.page.static import static
from dialer.web.kit.page.templates import compiled, sources
from dialer.web.kit.services import Services
from dialer.web.parts import PAGES, ROUTES, add_api
from dialer.web.status import endpoints as status

log = structlog.get_logger(__name__)


def build_app(services: Services, config: WebConfig | None = None) -> web.Application:
    """The application; it follows what the engine commits from here on. Raises SettingsError for unfit phrases."""
    config = config or WebConfig()
    context = Context(services, config)
    proxied: tuple[Middleware, ...] = (behind_proxy,) if config.behind_proxy else ()
    middlewares = (*proxied, _logged, errors_as_pages(context, PAGES), errors.answering(services.defect_found))
    app = web.Application(middlewares=middlewares, client_max_size=config.max_json)
    finish_changes(app, config.shutdown_s)
    app.on_response_prepare.append(guard.headers)
    add_api(app, context)
    status.add_to(app, context, ROUTES)
    cards.add_to(app, services)
    app[PHRASES] = phrases.load(config.phrases)
    sources()  # what pages are made of is read now
    for each in PAGES:
        handler = page_handler(each, context, PAGES)
        if each.method == "GET":
            app.router.add_get(each.path, handler)  # HEAD too
        else:
            app.router.add_route(each.method, each.path, handler)
    app.router.add_get("/static/{name}", static())

    async def end_streams(_app: web.Application) -> None:
        context.hub.close()

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
            handler_cancellation=True,
            auto_decompress=False,
        )
        self._lag = services.metrics.lag
        self._watches: list[asyncio.Task[None]] = []
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
        server = self._runner.server
        assert server is not None, "it is started"
        patience = cut_off_the_slow(lambda: server.connections, self._config.write_s)
        for name, watch in (("web-patience", patience), ("web-lag", self._lag.watch())):
            self._watches.append(asyncio.create_task(watch, name=name))
        languages: tuple[Language, ...] = ("zh", "en") if self._config.language == "zh" else ("en", "zh")
        self._watches.append(asyncio.create_task(asyncio.to_thread(compiled, *languages), name="web-templates"))
        log.info("web listens", action="web.listening", host=host, port=self.port)

    async def stop(self) -> None:
        """Stop listening, let requests end within ``shutdown_s``, then cut them off."""
        watches, self._watches = self._watches, []
        for watch in watches:
            watch.cancel()
        if watches:
            await asyncio.wait(watches)
        await self._runner.cleanup()


@web.middleware
async def _logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line for each request: the pattern of the route, never its parameters, which may name customers."""
    started = perf_counter()
    response = await handler(request)
    log.debug(
        "request",
        action="web.request",
        method=request.method,
        route=errors.route_of(request),
        status=response.status,
        ms=round((perf_counter() - started) * 1000, 1),
        address=request.remote,
    )
    return response
