"""Live events, server-sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TypeAlias

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from dialer.errors import StoreError
from dialer.web.kit.access.roles import EVERYBODY
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import NoBody, NoParams
from dialer.web.kit.http.refusals import NotAllowed, NotAuthenticated
from dialer.web.kit.live import Closed, Event, Stream, Wants

Listening: TypeAlias = Request[NoParams, NoBody]

_PATIENCE = 3000  # ms that a client waits before it comes back


async def listen_events(request: Listening) -> web.StreamResponse:
    """What changes, as it is committed (server-sent events).

    Events: visit, attempt, agent, alarm, notice, order, campaign, each with its object as JSON; test_call with its id.
    list (a whole list changed) and reset (something was missed) mean: look anew. A client that comes back with
    Last-Event-ID gets what it missed. One that does not keep up is let go, and one whose rights are changed: it comes
    back, and gets what it may see from then on.
    """
    config = request.context.config
    rows = request.rows

    def wants(event: Event) -> bool:
        return rows.event(event.name, event.owner, request.context.state_if_loaded)

    with request.context.hub.subscribe(request.http.headers.get("Last-Event-ID"), wants) as stream:
        response = EventSourceResponse(sep="\n", ping_interval=config.heartbeat_s, send_timeout=config.write_s)
        try:
            await response.prepare(request.http)
            async with response:
                await response.send("{}", event="hello", retry=_PATIENCE)
                await _forward(stream, wants, response, request)
        except (Closed, ConnectionError, TimeoutError, StoreError, NotAuthenticated, NotAllowed):
            pass  # the client is gone or too slow, or its rights are others or cannot be told, or the server stops
    return response


async def _forward(stream: Stream, wants: Wants, response: EventSourceResponse, request: Listening) -> None:
    """Send what comes until the client is gone, or their rights are others. Raises Closed, and as ``confirm``."""
    while response.is_connected():
        event = None
        with suppress(TimeoutError):
            async with asyncio.timeout(request.context.config.heartbeat_s):
                event = await stream.next()
        await request.confirm()
        if event is not None and wants(event):  # as things are now: it may have waited
            await response.send(event.data, id=event.id, event=event.name)


ROUTES = (route("GET", "/events", listen_events, Scope.READ, EVERYBODY, media="text/event-stream", turn="stream"),)
