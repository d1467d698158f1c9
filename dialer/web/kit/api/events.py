"""Live events, server-sent."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from dialer.errors import StoreError
from dialer.web.kit.access.roles import EVERYBODY
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import NoBody, NoParams
from dialer.web.kit.live import Closed, Event, Stream

_PATIENCE = 3000  # ms that a client waits before it comes back


async def listen_events(request: Request[NoParams, NoBody]) -> web.StreamResponse:
    """What changes, as it is committed (server-sent events).

    Events: visit, attempt, agent, alarm, notice, order, campaign, each with its object as JSON; test_call with its id.
    list (a whole list changed) and reset (something was missed) mean: look anew. A client that comes back with
    Last-Event-ID gets what it missed. One that does not keep up is let go.
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
                await _forward(stream, response, request)
        except (Closed, ConnectionError, TimeoutError, StoreError):
            pass  # the client is gone or too slow, or the server stops or cannot check the token: it comes back
    return response


async def _forward(stream: Stream, response: EventSourceResponse, request: Request[NoParams, NoBody]) -> None:
    """Send what comes until the client is gone, or may see nothing any more. Raises Closed."""
    while response.is_connected():
        try:
            async with asyncio.timeout(request.context.config.heartbeat_s):
                event = await stream.next()
        except TimeoutError:
            if not await _still(request):
                return
        else:
            if request.caller.staff is not None and not await _still(request):
                return
            await response.send(event.data, id=event.id, event=event.name)


async def _still(request: Request[NoParams, NoBody]) -> bool:
    """Whether the token has not been revoked, or the session not ended."""
    if request.caller.staff is not None:
        return request.services.accounts.still(request.caller.digest)
    return await request.services.tokens.token(request.caller.digest) is not None


ROUTES = (route("GET", "/events", listen_events, Scope.READ, EVERYBODY, media="text/event-stream"),)
