"""Recordings: search, listen, note, protect. Each opening is on record before anything is shown or heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from dialer.campaign.model.customer import Shown, card
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.model.visit import Result
from dialer.campaign.views.lookup import Call
from dialer.campaign.views.recording_words import WRONG, absences, wrong
from dialer.errors import DialerError
from dialer.language import N_, reword
from dialer.web.kit.access.roles import SUPERVISOR
from dialer.web.kit.page.day import every_agent
from dialer.web.kit.page.paging import address, sliced, wanted_page
from dialer.web.kit.page.screen import Screen, page, see
from dialer.web.recordings.search import KINDS, Search, search_of, spelt
from dialer.web.recordings.wave import Wave, draw

SPEEDS = ("0.75", "1", "1.25", "1.5", "2")
_SAME_OPENING = timedelta(minutes=5)
_ACCESSES = 200
_SHOWN = 12
_LONGEST_REASON = 2000
_ACTIONS: Mapping[str, str] = {
    "play": N_("Listened"),
    "download": N_("Downloaded"),
    "hold": N_("Added protection"),
    "release": N_("Removed protection"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody got a recording, once or in several parts shortly after each other."""

    at: datetime
    who: str
    what: str
    address: str


async def show_recordings(screen: Screen) -> web.StreamResponse:
    """Search, and what was found."""
    search = await _search(screen)
    query = search.query(screen.zone, wanted_page(screen.query))
    found = [] if search.wrong else await screen.services.calls.calls(query)
    return screen.render(
        "recordings.html",
        search=search,
        calls=sliced(found, "/recordings", screen.query),
        agents=every_agent(screen),
        results=list(Result),
        kinds=KINDS,
    )


async def _search(screen: Screen) -> Search:
    """What was asked for; letters may spell the names of customers who were on a list in that time."""
    search = search_of(screen.query, screen.today)
    return replace(search, named=await spelt(screen, search.text, search.since, search.until))


async def show_recording(screen: Screen) -> web.StreamResponse:
    """One call: its waveform, its sound, who it was with, what was ordered, and what listeners wrote."""
    attempt = screen.path["attempt"]
    services = screen.services
    made = await services.calls.attempt(attempt)
    detail = await services.calls.detail(made.visit)
    recording = await services.recordings.recording(attempt)
    orders = await services.order_store.orders_of(attempt)
    call = Call(made, detail.customer, recording, tuple(order.number for order in orders))
    wave, problem = await _wave(screen, recording)
    search = await _search(screen)
    return screen.render(
        "recording.html",
        call=call,
        recording=recording,
        wave=wave,
        problem=problem,
        orders=orders,
        remark=(await services.remarks.remarks([attempt])).get(attempt),
        marks=await services.marks.marks(attempt),
        accesses=told(await services.recordings.accesses(attempt, Page(_ACCESSES)))[:_SHOWN],
        known=card(detail.customer, Shown.RECORDING),
        others=[(o.id, o.placed_at, o.result or o.disposition) for o in detail.attempts if o.id != attempt],
        agent=next((agent.name for agent in every_agent(screen) if agent.number == made.agent), ""),
        newer=await _beside(screen, search, call, newer=True),
        older=await _beside(screen, search, call, newer=False),
        back=address("/recordings", screen.query),
        actions=_ACTIONS,
        absences=absences(recording.faults if recording else ()),
        wrong=WRONG,
        faults=wrong(recording.faults if recording else (), screen.t),
        speeds=SPEEDS,
    )


async def show_marks(screen: Screen) -> web.StreamResponse:
    """The notes and marks alone."""
    attempt = screen.path["attempt"]
    return screen.render("_marks.html", marks=await screen.services.marks.marks(attempt), attempt=attempt)


async def hold(screen: Screen) -> web.StreamResponse:
    """Protect a recording from deletion, or lift that."""
    attempt = screen.path["attempt"]
    library, where = screen.services.library, screen.request.remote or ""
    if screen.form.get("hold") == "yes":
        reason = screen.form.get("reason", "")[:_LONGEST_REASON]
        await library.hold(attempt, reason=reason, who=screen.by, address=where)
    else:
        await library.release(attempt, who=screen.by, address=where)
    return see(address(f"/recordings/{attempt}", screen.query))


def told(accesses: list[tuple[datetime, str, str, str, str]]) -> list[Access]:
    """Accesses, newest first, as a person would tell them: parts fetched one after the other are one opening."""
    found: list[Access] = []
    for at, who, what, _, where in accesses:
        action = what.partition(" ")[0]
        last = found[-1] if found else None
        if (
            last is not None
            and (last.who, last.what, last.address) == (who, action, where)
            and last.at - at < _SAME_OPENING
        ):
            found.pop()
        found.append(Access(at, who, action, where))
    return found


async def _wave(screen: Screen, recording: Recording | None) -> tuple[Wave | None, str]:
    """The drawing, and why there is none."""
    if recording is None or recording.state in (RecordingState.MISSING, RecordingState.DELETED):
        return None, ""
    try:
        peaks = await screen.services.library.peaks(recording.attempt)
    except DialerError as error:
        return None, reword(str(error), screen.language)
    return draw(peaks, recording.duration_s, absences(recording.faults)), ""


async def _beside(screen: Screen, search: Search, call: Call, *, newer: bool) -> str:
    """The address of a neighbour in the list that the person came from; "" at its end."""
    found = await screen.services.calls.calls(search.beside(call, screen.zone, newer=newer))
    return address(f"/recordings/{found[0].attempt.id}", {**screen.query, "page": ""}) if found else ""


PAGES = (
    page("/recordings", show_recordings, SUPERVISOR, nav="Recordings", key="3", listeners=True, turn="heavy"),
    page("/recordings/{attempt}", show_recording, SUPERVISOR, listeners=True, opens=True),
    page("/recordings/{attempt}/hold", hold, SUPERVISOR, method="POST", listeners=True),
    page("/pages/recordings/{attempt}/marks", show_marks, SUPERVISOR, listeners=True),
)
