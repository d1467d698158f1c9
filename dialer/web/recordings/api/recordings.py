"""Recordings: find them, listen, protect single ones. Every access is on record before anything is heard."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result
from dialer.campaign.views.lookup import CallQuery
from dialer.clock import on_clock
from dialer.errors import BadInput, NotFound
from dialer.web.kit.access.roles import SUPERVISOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View
from dialer.web.kit.http.query import AttemptId, AttemptPath, Code, Day, Input, Instant, NoBody, Paged, Text
from dialer.web.kit.views import AttemptView, CallView, CustomerView, OrderView, RecordingView
from dialer.web.recordings.playback import play
from dialer.web.recordings.search import spelt

Seconds = Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)]


class RecordingsParams(Paged):
    """What to search by; everything that is given must hold."""

    customer: Code | None = None
    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """A phone number as people write it."""
    agent: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    order: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    since: Instant | None = None
    until: Instant | None = None
    day: Day | None = None
    disposition: Disposition | None = None
    recorded: bool | None = None
    """true: calls with a recording that can be played; false: those without; left out: both."""
    text: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """A part of the shop's or person's name, the licence, the address or the number dialled; pinyin of a name or
    address (initials, or spelt out); all of a customer's code or an order's number.
    """
    result: Result | None = None
    shortest_s: Seconds | None = None
    longest_s: Seconds | None = None
    """Length of the recording in seconds, both ends included."""
    hold: bool | None = None
    """true: recordings that are protected from deletion; false: those that are not."""


class AudioParams(AttemptPath):
    """``download``: to keep it, which is put on record as such."""

    download: bool = False
    format: Literal["original", "wav", "flac", "ogg", "mp3"] | None = None
    """Left out: as it is when browsers play that, else wav. ``original``: as it is, whatever it is."""


class AccessParams(Paged):
    """Whose accesses."""

    attempt: AttemptId


class HoldBody(Input):
    """Protect from deletion (with a reason), or release."""

    hold: bool
    reason: Text = ""


class RecordingDetail(View):
    """A recording with its call, customer and orders."""

    recording: RecordingView
    attempt: AttemptView
    customer: CustomerView
    orders: list[OrderView]


class AccessView(View):
    """Who got a recording, when and what of it."""

    at: datetime
    who: str
    what: str
    attempt: str
    address: str


async def list_recordings(request: Request[RecordingsParams, NoBody]) -> list[CallView]:
    """Calls with their recordings, newest first."""
    p = request.params
    number = p.number
    if number is not None:
        with suppress(BadInput):  # then it is looked for as it stands
            number, _ = request.services.normalise(number)
    since, until = p.day or _day(request, p.since), p.day or _day(request, p.until)
    named = await spelt(request, p.text.strip(), since, until) if p.text else frozenset()
    asked = p.model_dump(exclude={"number", "limit", "offset"})
    query = CallQuery(**asked, number=number, customers=named, page=p.page)
    return [CallView.model_validate(found) for found in await request.services.calls.calls(query)]


def _day(request: Request[RecordingsParams, NoBody], at: datetime | None) -> date | None:
    return None if at is None else on_clock(at, request.zone).date()


async def get_recording(request: Request[AttemptPath, NoBody]) -> RecordingDetail:
    """One recording with its call, customer and orders."""
    name = request.params.attempt
    recording = await request.services.recordings.recording(name)
    if recording is None:
        raise NotFound(f"there is no recording of a call {name}")
    attempt = await request.services.calls.attempt(name)
    detail = await request.services.calls.detail(attempt.visit)
    orders = await request.services.order_store.orders_of(name)
    return RecordingDetail(recording=recording, attempt=attempt, customer=detail.customer, orders=orders)


async def get_audio(request: Request[AudioParams, NoBody]) -> web.StreamResponse:
    """The sound itself, with Range; the access is on record before the first byte goes out."""
    p = request.params
    return await play(
        request.http,
        request.services.library,
        p.attempt,
        who=request.by,
        confirm=request.confirm,
        download=p.download,
        write_s=request.context.config.write_s,
        form=p.format,
    )


async def hold_recording(request: Request[AttemptPath, HoldBody]) -> RecordingView:
    """Protect a recording from deletion, or release it."""
    name, library, where = request.params.attempt, request.services.library, request.http.remote or ""
    if request.body.hold:
        await library.hold(name, reason=request.body.reason, who=request.by, address=where)
    else:
        await library.release(name, who=request.by, address=where)
    return RecordingView.model_validate(await request.services.recordings.recording(name))


async def list_accesses(request: Request[AccessParams, NoBody]) -> list[AccessView]:
    """Who listened to a recording, newest first."""
    p = request.params
    rows = await request.services.recordings.accesses(p.attempt, p.page)
    return [
        AccessView(at=at, who=who, what=what, attempt=name, address=address) for at, who, what, name, address in rows
    ]


_AUDIO = "/recordings/{attempt}/audio"
for_listeners = partial(route, scopes=Scope.RECORDINGS, roles=SUPERVISOR, listeners=True)
"""A row for those who may hear recordings."""

ROUTES = (
    for_listeners("GET", "/recordings", list_recordings, turn="heavy"),
    for_listeners("GET", "/recordings/{attempt}", get_recording, fails=(404,)),
    for_listeners("GET", _AUDIO, get_audio, opens=True, media="audio/*", turn="file", fails=(404, 409, 416)),
    for_listeners("HEAD", _AUDIO, get_audio, media="audio/*", fails=(404, 409)),
    for_listeners("PUT", "/recordings/{attempt}/hold", hold_recording, fails=(404, 409)),
    for_listeners("GET", "/recordings/{attempt}/accesses", list_accesses),
)
