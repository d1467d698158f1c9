"""Visits: import a list, look at the day, change one visit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from dialer.campaign.commands.import_report import ImportReport
from dialer.campaign.messages import ImportList, Promise, PutBack, Reassign, Withdraw
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import VisitState, WithdrawnBy
from dialer.campaign.views.explain import finished, why
from dialer.campaign.views.lookup import VisitDetail
from dialer.campaign.views.timeline import Kind, timeline
from dialer.campaign.views.why import Answer
from dialer.campaign.views.wording import sentence
from dialer.errors import BadInput
from dialer.web.kit.access.roles import FLOOR, LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import deals, its_visit, whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import ProblemView, Said, View, view_of
from dialer.web.kit.http.bodies import Upload
from dialer.web.kit.http.query import AgentNumber, Code, Day, Input, LocalTime, NoBody, Paged, RowId, Text
from dialer.web.kit.localtime import instant
from dialer.web.kit.search import LONGEST, that_fit
from dialer.web.kit.views import AttemptView, CustomerView, OrderView, RecordingView, VisitView

_LOOK = 500


class ImportParams(Input):
    """How a list is taken."""

    filename: Annotated[str, Field(max_length=255)] = ""
    """Tells CSV from XLSX in messages; a form's own file name goes before it."""
    day: Day | None = None
    """Whose list it is; today when it is left out."""
    list: Annotated[str, Field(min_length=1, max_length=64)] = "main"
    """Lists of one day are told apart by name; importing one leaves the others alone."""
    sheet: Annotated[str, Field(max_length=64)] = ""
    """Which sheet of a workbook; one that has several filled sheets is refused without it."""
    skip_bad: bool = False
    """Leave bad rows out instead of refusing the list."""
    preview: bool = False
    """Say what would change, and change nothing."""
    withdraw: Annotated[int, Field(ge=0)] = 0
    """So many customers may be withdrawn. A list that takes more than a fifth off is refused with the number (409)."""


class ImportView(view_of(ImportReport), View):  # type: ignore[misc]  # made of a record
    """What an import did, or would do: customer codes in the list's order."""

    kept: list[str]
    """They differ from the list but have been called already, or were withdrawn by a person."""
    stayed: list[str]
    """They are not on the list, or may not be: they are, or could be, in rows that were left out."""
    shared: list[str]
    """Another customer of the day has the same number."""
    doubtful: list[str]
    """The numbering plan has not assigned the number."""
    problems: list[ProblemView] = Field(default_factory=list)
    """What is wrong with the rows that were left out."""


class VisitsParams(Paged):
    """Which visits."""

    day: Day | None = None
    state: VisitState | None = None
    agent: AgentNumber | None = None
    customer: Code | None = None
    q: Annotated[str, Field(max_length=LONGEST)] = ""
    """Part of a name, a code, a licence, an address or a phone number, or pinyin of a name or address (initials, or
    spelt out): several words must all fit.
    """


class VisitPath(Input):
    """One visit."""

    visit: RowId


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


class WhyView(View):
    """Why a customer has not been called."""

    customer: str
    code: str
    params: dict[str, Any]
    sentence: Said


class StoryView(VisitLine):
    """A visit with everything that is known of it."""

    why: WhyView
    timeline: list[TimelineLine]
    orders: list[OrderView]
    recordings: list[RecordingView]


class ReasonBody(Input):
    """Why."""

    reason: Text = ""


class ReassignBody(Input):
    """Exactly one of the two."""

    agent: AgentNumber | None = None
    team: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class PromiseBody(Input):
    """When the customer wants to be called."""

    at: LocalTime


_LINES = TypeAdapter(list[VisitLine])


async def import_visits(request: Request[ImportParams, Upload]) -> ImportView:
    """Import a visit list.

    CSV (UTF-8 or GB18030) or XLSX, as the body or as the file of a form. The same list again changes nothing; an
    amended one adds, updates and withdraws, and never touches what has been called.
    """
    p = request.params
    filename = request.body.filename or p.filename
    if not request.body.data:
        raise BadInput("the body is empty; send the list as the body, or as the file of a form")
    data, name = request.body.data, filename or p.list
    visits = await request.context.reading(
        request.services.read_visits(data, name, p.list, sheet=p.sheet, skip_bad=p.skip_bad)
    )
    command = ImportList(
        by=request.by,
        day=request.day(p.day),
        visits=visits,
        preview=p.preview,
        skip_bad=p.skip_bad,
        withdraw=p.withdraw,
    )
    view = ImportView.model_validate(await request.ask(command, request.context.config.import_s))
    problems = [ProblemView.of_row(problem, request.http) for problem in visits.problems]
    return view.model_copy(update={"problems": problems})


async def list_visits(request: Request[VisitsParams, NoBody]) -> VisitsPage:
    """The day's visits in list order, with their attempts."""
    p, day = request.params, request.day(request.params.day)
    found: list[VisitDetail] = []
    rows = request.rows
    every = rows.everything and not (p.state or p.agent or p.customer or p.q.strip())
    offset, skip = (p.offset, 0) if every else (0, p.offset)
    while len(found) <= p.limit:
        page = await _details(request, day, Page(p.limit + 1 if every else _LOOK, offset))
        near = [
            detail
            for detail in page
            if p.state in (None, detail.visit.state)
            and p.agent in (None, detail.visit.agent)
            and rows.visit(detail.visit, request.state)
        ]
        fitting = await that_fit(request.aside, p.q, near, lambda detail: (detail.customer, detail.visit.number))
        found += fitting[skip:]
        skip = max(skip - len(fitting), 0)
        offset += len(page)
        if len(page) < _LOOK or every:
            break
    lines = await request.aside(lambda _left: _LINES.validate_python(found[: p.limit]))
    more = len(found) > p.limit
    return VisitsPage(day=day, visits=lines, next_offset=p.offset + p.limit if more else None)


async def _details(request: Request[VisitsParams, NoBody], day: date, page: Page) -> list[VisitDetail]:
    """The day's visits, or those of the one customer who is asked for."""
    calls = request.services.calls
    if request.params.customer is None:
        return await calls.details(day, page)
    visits = await calls.visits_of(request.params.customer, day)
    return [await calls.detail(visit) for visit in visits[page.offset : page.offset + page.limit]]


async def get_visit(request: Request[VisitPath, NoBody]) -> StoryView:
    """One visit with its timeline, and why it has not been called."""
    detail = await request.services.calls.detail(request.params.visit)
    answer = finished(detail.visit) or why(request.state, detail.visit.customer, request.now, detail.visit.day)
    return StoryView.of(
        detail,
        why=why_view(request, detail.visit.customer, answer),
        timeline=[
            line
            for line in sorted(timeline(detail), key=lambda line: (line.at, line.kind))
            if line.kind in (Kind.CALL, Kind.HISTORY)
        ],
    )


def why_view(request: Request[Any, Any], customer: str, answer: Answer) -> WhyView:
    """A why-answer as code, parameters and sentence."""
    zone = request.services.zone
    return WhyView(
        customer=customer,
        code=answer.why,
        params={name: v.isoformat() if isinstance(v, datetime) else v for name, v in answer.params.items()},
        sentence=Said(zh=sentence(answer, "zh", zone), en=sentence(answer, "en", zone)),
    )


def withdrawal(request: Request[Any, Any], visit: int, reason: str) -> Withdraw:
    """The command that takes a visit off the list; it keeps whether a person or a system asked."""
    source = WithdrawnBy.SYSTEM if request.caller.is_system else WithdrawnBy.PERSON
    return Withdraw(by=request.by, visit=visit, reason=reason, source=source)


async def withdraw_visit(request: Request[VisitPath, ReasonBody]) -> VisitView:
    """Take a visit off the list; a phone that rings stops ringing, a conversation goes on."""
    visit = await request.ask(withdrawal(request, request.params.visit, request.body.reason))
    return VisitView.model_validate(visit)


async def put_visit_back(request: Request[VisitPath, ReasonBody]) -> VisitView:
    """Put a visit back that was taken off the list, by whomever; the reason is needed, and stays in its history."""
    command = PutBack(by=request.by, visit=request.params.visit, reason=request.body.reason)
    return VisitView.model_validate(await request.ask(command))


async def reassign_visit(request: Request[VisitPath, ReassignBody]) -> VisitView:
    """Deal a visit to another agent or team."""
    command = Reassign(by=request.by, visit=request.params.visit, agent=request.body.agent, team=request.body.team)
    return VisitView.model_validate(await request.ask(command))


async def promise_visit(request: Request[VisitPath, PromiseBody]) -> VisitView:
    """Keep a time that the customer named."""
    visit = request.state.visit(request.params.visit)
    at = instant(request.body.at, visit.day, request.services.zone)
    return VisitView.model_validate(await request.ask(Promise(by=request.by, visit=visit.id, at=at)))


_CHANGE = (404, 409, 504)
ROUTES = (
    route("POST", "/visits", import_visits, Scope.OPERATE, LEADERS, whole, fails=(408, 409, 413, 504), turn="heavy"),
    route("GET", "/visits", list_visits, Scope.READ, FLOOR, turn="heavy"),
    route("GET", "/visits/{visit}", get_visit, Scope.READ, FLOOR, its_visit, fails=(404,)),
    route("POST", "/visits/{visit}/withdraw", withdraw_visit, Scope.OPERATE, LEADERS, its_visit, fails=_CHANGE),
    route("POST", "/visits/{visit}/put-back", put_visit_back, Scope.OPERATE, LEADERS, its_visit, fails=_CHANGE),
    route("POST", "/visits/{visit}/reassign", reassign_visit, Scope.OPERATE, LEADERS, deals, fails=_CHANGE),
    route("POST", "/visits/{visit}/promise", promise_visit, Scope.OPERATE, LEADERS, its_visit, fails=_CHANGE),
)
