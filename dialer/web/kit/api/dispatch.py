"""From a request to its handler and back: who asks, what with, and the answer as JSON."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from dialer.web.kit.access import sessions
from dialer.web.kit.access.roles import Forbidden
from dialer.web.kit.access.tokens import KNOWN, Caller, authenticate
from dialer.web.kit.api.routes import Request, Route
from dialer.web.kit.context import Context
from dialer.web.kit.http.answers import ProblemView
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.http.bodies import read_json, read_upload
from dialer.web.kit.http.errors import Unreadable, unreadable
from dialer.web.kit.http.origin import SAFE
from dialer.web.kit.http.query import NoBody


def endpoint(route: Route, context: Context) -> Handler:
    """The aiohttp handler of a route. Nothing of the request but its head is looked at before the token or session."""

    async def handle(request: web.Request) -> web.StreamResponse:
        caller = await _caller(request, route, context)
        with context.turns.take(caller, route.turn):
            return await answered(request, caller)

    async def answered(request: web.Request, caller: Caller) -> web.StreamResponse:
        params = _params(route.params, request)
        body = await _body(route, request, context)
        audit_entry(request).about({name: request.match_info[name] for name in route.in_path}, params, body)
        made = Request(context, caller, params, body, request)
        await made.confirm()  # the body may have taken minutes
        if not made.rows.everything:
            await route.policy.check(made)
        result = await route.handler(made)
        if isinstance(result, web.StreamResponse):
            return result
        if request.method in SAFE:  # what was looked up for somebody who may not see it any more goes nowhere
            await made.confirm()
        headers = {"Cache-Control": "no-store"}
        answer = route.answer
        if answer is None:
            return web.Response(status=route.status, headers=headers)
        heavy = route.turn == "heavy"
        body = await context.aside(lambda _left: answer.dump_json(result)) if heavy else answer.dump_json(result)
        return web.Response(status=route.status, body=body, content_type=route.media, headers=headers)

    return handle


async def _caller(request: web.Request, route: Route, context: Context) -> Caller:
    """Who asks, once their scopes or their role let them in. Raises NotAuthenticated, NotAllowed, Forbidden."""
    entry, opens = audit_entry(request), route.policy.opens
    known = request.get(KNOWN)
    signed = None
    if (
        known is not None
        or "Authorization" in request.headers
        or not request.cookies.get(sessions.cookie_name(request))
    ):
        caller = known or await authenticate(request, context.services.tokens, route.scopes)
    else:
        signed = await sessions.signed_in(request, context.services.accounts)
        if signed is None:
            raise sessions.NotSignedIn
        caller = sessions.caller_for(signed)
    entry.by(caller.name, caller.role, route.name, request.remote or "", opens=opens)
    if signed is None:
        return caller
    entry.about(dict(request.match_info))
    sessions.check_origin(request, signed, request.headers.get(sessions.CSRF_HEADER))
    if signed.staff.must_change:
        raise sessions.MustChange
    if not route.policy.admits(signed.staff):
        raise Forbidden
    return caller


def _params(model: type[BaseModel], request: web.Request) -> BaseModel:
    values: dict[str, str] = {}
    for source in (request.match_info, request.query):
        for name, value in source.items():
            if name in values:
                raise Unreadable(f"{name}: given twice", (ProblemView(where=name, value=value, reason="given twice"),))
            values[name] = value
    try:
        return model.model_validate_strings(values)
    except ValidationError as error:
        raise unreadable(error, "") from None


async def _body(route: Route, request: web.Request, context: Context) -> object:
    config = context.config
    if route.takes_upload:
        return await read_upload(request, config.max_upload, config.upload_s)
    model: type[BaseModel] = route.body
    if model is NoBody:
        return NoBody()
    data = await read_json(request, config.max_json, config.body_s)
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as error:
        raise unreadable(error, "body") from None
