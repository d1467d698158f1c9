"""What needs no token, since nothing of any customer is in it: health, metrics, the API's document, the status page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from functools import partial

import structlog
from aiohttp import web

from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.overview import Overview
from dialer.campaign.views.wording import alarm, hindrance
from dialer.errors import DialerError
from dialer.language import N_, Language
from dialer.web.kit import health
from dialer.web.kit.api.openapi import document
from dialer.web.kit.api.routes import JSON, Route
from dialer.web.kit.context import Context
from dialer.web.kit.page.format import Format
from dialer.web.kit.page.screen import scheme_of
from dialer.web.kit.page.states import Kind
from dialer.web.kit.page.templates import environment
from dialer.web.kit.services import Counts, Health

log = structlog.get_logger(__name__)

REFRESH_S = 5


def add_to(app: web.Application, context: Context, routes: Iterable[Route]) -> None:
    """Put them into an application; ``routes`` are those that the document describes."""
    endpoints = _Endpoints(context, routes)
    app.router.add_get("/health/live", endpoints.live)
    app.router.add_get("/health/ready", endpoints.ready)
    app.router.add_get("/metrics", endpoints.metrics)
    app.router.add_get("/openapi.json", endpoints.openapi)
    app.router.add_get("/status", endpoints.status)


class _Endpoints:
    def __init__(self, context: Context, routes: Iterable[Route]) -> None:
        self._context = context
        self._routes = tuple(routes)
        self._document = b""

    async def live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive", "version": self._context.services.version})

    async def ready(self, _request: web.Request) -> web.Response:
        parts = await health.examine(self._context)
        good = health.is_ready(parts)
        body = {"ready": good, "parts": [_in_both(part) for part in parts]}
        return web.json_response(body, status=200 if good else 503, headers={"Cache-Control": "no-store"})

    async def metrics(self, _request: web.Request) -> web.Response:
        services = self._context.services
        try:
            counts = await services.counts()
        except DialerError as error:  # the other numbers are wanted all the more
            log.warning("counts cannot be read", action="web.counts", error=str(error))
            counts = Counts()
        text = services.metrics.text(self._context.overview_if_loaded(), counts.notices, counts.recordings)
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def openapi(self, _request: web.Request) -> web.Response:
        if not self._document:  # when it is first asked for: few ask, and it takes a third of a second to make
            self._document = await asyncio.to_thread(self._written)
        return web.Response(body=self._document, content_type=JSON)

    def _written(self) -> bytes:
        return json.dumps(document(self._routes, self._context.services.version), ensure_ascii=False).encode()

    async def status(self, request: web.Request) -> web.Response:
        language: Language = "en" if request.query.get("lang") == "en" else "zh"
        parts = await health.examine(self._context)
        day = self._context.overview_if_loaded()
        template = environment(language).get_template("status.html")
        html = template.render(
            refresh=REFRESH_S,
            parts=[health.shown(part, language) for part in parts],
            day=day,
            doing=_doing(day) if day else None,
            scheme=scheme_of(request),
            alarms=[(alarm(key, text, language), at) for key, text, at in day.alarms] if day else [],
            states=VisitState,
            results=Result,
            hindrance=partial(hindrance, language=language),
            f=Format(language, self._context.services.zone),
        )
        return web.Response(text=html, content_type="text/html", headers={"Cache-Control": "no-store"})


def _doing(day: Overview) -> tuple[str, Kind]:
    """In words, and by which colour."""
    if not day.link_up:
        return N_("No link to the PBX"), "bad"
    if day.paused:
        return N_("Calling is paused"), "warn"
    if not day.hours_open:
        return N_("Outside calling hours"), "idle"
    return (N_("Calling"), "good") if day.dialling else (N_("Not calling"), "warn")


def _in_both(part: Health) -> dict[str, str]:
    """A part for programs, with the words for people; an error's own words are not repeated in Chinese."""
    (state, advice), (zh, advice_zh) = part.words("en"), part.words("zh")
    own = isinstance(part.state, str)
    told = {"part": part.part, "level": part.level, "state": state, "advice": advice}
    return {**told, "zh": "" if own else zh, "advice_zh": advice_zh}
