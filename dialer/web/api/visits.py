"""Visits: import a list, look at the day, change one visit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from dialer.campaign.customer import Customer
from dialer.campaign.messages import CallEvent, ImportList, Promise, Reassign, Withdraw
from dialer.campaign.records import Page, Story
from dialer.campaign.visit import VisitState
from dialer.campaign.why import finished, why
from dialer.errors import BadInput
from dialer.web.api.words import why_view
from dialer.web.asked import AgentNumber, Asked, Code, Day, LocalTime, NoBody, Paged, Text, VisitId
from dialer.web.auth import Scope
from dialer.web.bodies import Upload
from dialer.web.localtime import instant
from dialer.web.routes import Call, route
from dialer.web.search import finder
from dialer.web.views import AttemptView, CustomerView, OrderView, ProblemView, RecordingView, View, VisitView, WhyView

_LOOK = 500


class ImportParams(Asked):
    """How a list is taken."""

    filename: Annotated[str, Field(max_length=255)] = ""
    """Tells CSV from XLSX in messages; a form's own file name goes before it."""
    day: Day | None = None
    """Whose list it is; today when it is left out."""
    list: Annotated[str, Field(min_length=1, max_length=64)] = "main"
    """Lists of one day are told apart by name; importing one leaves the others alone."""
    skip_bad: bool = False
    """Leave bad rows out instead of refusing the list."""
    preview: bool = False
    """Say what would change, and change nothing."""


class ImportView(View):
    """What an import did, or would do: customer codes in the list's order."""

    added: list[str]
    updated: list[str]
    withdrawn: list[str]
    restored: list[str]
    kept: list[str]
    """They differ from the list but have been called already, or were withdrawn by a person."""
    unchanged: int
    shared: list[str]
    """Another customer of the day has the same number."""
    doubtful: list[str]
    """The numbering plan has not assigned the number."""
    skipped: int
    preview: bool
    problems: list[ProblemView] = Field(default_factory=list)
    """What is wrong with the rows that were left out."""


class VisitsParams(Paged):
    """Which visits."""

    day: Day | None = None
    state: VisitState | None = None
    agent: AgentNumber | None = None
    customer: Code | None = None
    q: Annotated[str, Field(max_length=100)] = ""
    """Part of a name, a code or a phone number, or pinyin (initials, or spelt out): several words must all fit."""


class VisitPath(Asked):
    """One visit."""

    visit: VisitId


class VisitLine(View):
    """A visit in a listing."""

    visit: VisitView
    customer: CustomerView
    attempts: list[AttemptView]


class VisitsPage(View):
    """The day's visits in list order."""

    day: date
    visits: list[VisitLine]
    next_offset: int | None
    """Where the next page begins; null: there is none."""


class TimelineLine(View):
    """Something that happened to a visit: a sign of the PBX ("call") or a line of history."""

    at: datetime
    kind: str
    what: str
    attempt: str | None
    by: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class StoryView(VisitLine):
    """A visit with everything that is known of it."""

    why: WhyView
    timeline: list[TimelineLine]
    orders: list[OrderView]
    recordings: list[RecordingView]


class ReasonBody(Asked):
    """Why."""

    reason: Text = ""


class ReassignBody(Asked):
    """Exactly one of the two."""

    agent: AgentNumber | None = None
    team: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class PromiseBody(Asked):
    """When the customer wants to be called."""

    at: LocalTime


_LINES = TypeAdapter(list[VisitLine])


async def import_visits(call: Call[ImportParams, Upload]) -> ImportView:
    """Import a visit list.

    CSV (UTF-8 or GB18030) or XLSX, as the body or as the file of a form. The same list again changes nothing; an
    amended one adds, updates and withdraws, and never touches what has been called.
    """
    p = call.params
    filename = call.body.filename or p.filename
    if not call.body.data:
        raise BadInput("the body is empty; send the list as the body, or as the file of a form")
    visits = await call.services.read_visits(call.body.data, filename or p.list, p.list, skip_bad=p.skip_bad)
    command = ImportList(by=call.by, day=call.day(p.day), visits=visits, preview=p.preview, skip_bad=p.skip_bad)
    view = ImportView.model_validate(await call.ask(command, call.desk.config.import_s))
    return view.model_copy(update={"problems": [ProblemView.of_row(problem) for problem in visits.problems]})


async def list_visits(call: Call[VisitsParams, NoBody]) -> VisitsPage:
    """The day's visits in list order, with their attempts."""
    p, day = call.params, call.day(call.params.day)
    found: list[Story] = []
    rows = call.rows
    every = rows.everything and not (p.state or p.agent or p.customer or p.q.strip())
    fits = finder(p.q)
    offset, skip = (p.offset, 0) if every else (0, p.offset)
    while len(found) <= p.limit:
        page = await call.services.calls.stories(day, Page(p.limit + 1 if every else _LOOK, offset))
        near = [
            story
            for story in page
            if p.state in (None, story.visit.state)
            and p.agent in (None, story.visit.agent)
            and p.customer in (None, story.visit.customer)
            and rows.visit(story.visit, call.state)
        ]
        fitting = await asyncio.to_thread(_that_fit, fits, near) if p.q.strip() else near
        found += fitting[skip:]
        skip = max(skip - len(fitting), 0)
        offset += len(page)
        if len(page) < _LOOK or every:
            break
    lines = await asyncio.to_thread(_LINES.validate_python, found[: p.limit])
    more = len(found) > p.limit
    return VisitsPage(day=day, visits=lines, next_offset=p.offset + p.limit if more else None)


def _that_fit(fits: Callable[[Customer, str], bool], stories: Sequence[Story]) -> list[Story]:
    return [story for story in stories if fits(story.customer, story.visit.number)]


async def get_visit(call: Call[VisitPath, NoBody]) -> StoryView:
    """One visit with its timeline, and why it has not been called."""
    story = await call.services.calls.story(call.params.visit)
    answer = finished(story.visit) or why(call.state, story.visit.customer, call.now, story.visit.day)
    return StoryView(
        **dict(VisitLine.model_validate(story)),
        why=why_view(call, story.visit.customer, answer),
        timeline=_timeline(story),
        orders=[OrderView.model_validate(order) for order in story.orders],
        recordings=[RecordingView.model_validate(recording) for recording in story.recordings],
    )


async def withdraw_visit(call: Call[VisitPath, ReasonBody]) -> VisitView:
    """Take a visit off the list; a phone that rings stops ringing, a conversation goes on."""
    visit = await call.ask(Withdraw(by=call.by, visit=call.params.visit, reason=call.body.reason))
    return VisitView.model_validate(visit)


async def reassign_visit(call: Call[VisitPath, ReassignBody]) -> VisitView:
    """Deal a visit to another agent or team."""
    command = Reassign(by=call.by, visit=call.params.visit, agent=call.body.agent, team=call.body.team)
    return VisitView.model_validate(await call.ask(command))


async def promise_visit(call: Call[VisitPath, PromiseBody]) -> VisitView:
    """Keep a time that the customer named."""
    visit = call.state.visit(call.params.visit)
    at = instant(call.body.at, visit.day, call.services.zone)
    return VisitView.model_validate(await call.ask(Promise(by=call.by, visit=visit.id, at=at)))


def _timeline(story: Story) -> list[TimelineLine]:
    signs = [
        TimelineLine(at=sign.at, kind="call", what=sign.progress, attempt=sign.attempt, details=_said(sign))
        for sign in story.calls
    ]
    lines = [
        TimelineLine(at=e.at, kind="history", what=e.what, attempt=e.attempt, by=e.by, details=dict(e.details))
        for e in story.history
    ]
    return sorted([*signs, *lines], key=lambda line: line.at)


def _said(sign: CallEvent) -> dict[str, Any]:
    values = {name: getattr(sign, name) for name in ("cause", "sip", "status", "reason", "text")}
    return {name: value for name, value in values.items() if value not in (None, "")}


_CHANGE = (404, 409, 504)
ROUTES = (
    route("POST", "/visits", import_visits, Scope.OPERATE, fails=(408, 409, 413, 504)),
    route("GET", "/visits", list_visits, Scope.READ),
    route("GET", "/visits/{visit}", get_visit, Scope.READ, fails=(404,)),
    route("POST", "/visits/{visit}/withdraw", withdraw_visit, Scope.OPERATE, fails=_CHANGE),
    route("POST", "/visits/{visit}/reassign", reassign_visit, Scope.OPERATE, fails=_CHANGE),
    route("POST", "/visits/{visit}/promise", promise_visit, Scope.OPERATE, fails=_CHANGE),
)
