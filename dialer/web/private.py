"""The API for one caller only: over pairs of sockets that never leave this process, so that nobody else can ask."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dialer.web import api, errors
from dialer.web.auth import KNOWN, Caller
from dialer.web.config import WebConfig
from dialer.web.deed import deed_of
from dialer.web.desk import Desk
from dialer.web.services import Services

_ADDRESS = "local"
_PATIENCE_S = 3600.0
"""What is not done when an answer comes never would be: the process ends with it."""


class PrivateServer:
    """Answers whoever has been given an end of :meth:`connect` as ``caller``, without asking for a token."""

    def __init__(self, services: Services, caller: Caller) -> None:
        desk = Desk(services, WebConfig(command_s=_PATIENCE_S, import_s=_PATIENCE_S))
        app = web.Application(middlewares=(_known_as(caller), errors.middleware), client_max_size=desk.config.max_json)
        api.add_to(app, desk)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)

    async def start(self) -> None:
        """Before the first :meth:`connect`."""
        await self._runner.setup()

    async def connect(self) -> socket.socket:
        """A connection to this server: the caller's end of it."""
        server = self._runner.server
        assert server is not None, "it is not started"
        ours, theirs = socket.socketpair()
        await asyncio.get_running_loop().connect_accepted_socket(server, ours)
        return theirs

    async def stop(self) -> None:
        """Close every connection."""
        await self._runner.cleanup()


def _known_as(caller: Caller) -> Middleware:
    @web.middleware
    async def known(request: web.Request, handler: Handler) -> web.StreamResponse:
        deed_of(request)  # both requests are one for the audit log
        request = request.clone(remote=_ADDRESS)
        request[KNOWN] = caller
        return await handler(request)

    return known
