"""The API for one caller only: over pairs of sockets that never leave this process, so that nobody else can ask."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dialer.web.kit.access.tokens import KNOWN, Caller
from dialer.web.kit.config import WebConfig
from dialer.web.kit.context import Context
from dialer.web.kit.http import errors
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.services import Services
from dialer.web.parts import add_api

_ADDRESS = "local"
_PATIENCE_S = 3600.0
"""What is not done when an answer comes never would be: the process ends with it."""


class PrivateServer:
    """Answers whoever has been given an end of :meth:`connect` as ``caller``, without asking for a token."""

    def __init__(self, services: Services, caller: Caller) -> None:
        context = Context(services, WebConfig(command_s=_PATIENCE_S, import_s=_PATIENCE_S))
        app = web.Application(
            middlewares=(_known_as(caller), errors.answering(services.defect_found)),
            client_max_size=context.config.max_json,
        )
        add_api(app, context)
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
        audit_entry(request)  # both requests are one for the audit log
        request = request.clone(remote=_ADDRESS)
        request[KNOWN] = caller
        return await handler(request)

    return known
