"""Agents: who they are, what they are doing, and the customer in front of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dialer.campaign.messages import SaveAgent, SaveAgents, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.query import Page
from dialer.campaign.views.lookup import CallQuery
from dialer.errors import BadInput
from dialer.web.kit.access.roles import ADMINISTRATOR, EVERYBODY, FLOOR, LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import hires, its_agent, whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import ProblemView, View
from dialer.web.kit.http.bodies import Upload
from dialer.web.kit.http.query import Input, NoBody, NoParams, NumberPath, Text
from dialer.web.kit.views import AgentView, AttemptView, CustomerView, VisitView

Name = Annotated[str, Field(max_length=64)]


class AgentBody(Input):
    """An agent's name, phone and team."""

    name: Name = ""
    extension: Annotated[str, Field(min_length=1, max_length=128, examples=["8001", "PJSIP/8001"])]
    """The phone: a dial string, or a bare extension."""
    team: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class AgentImport(Input):
    """What the body does not say: the file's name, and which sheet of a workbook that has several filled ones; whether
    bad rows are left out instead of refusing the list.
    """

    filename: Annotated[str, Field(max_length=255)] = ""
    sheet: Annotated[str, Field(max_length=64)] = ""
    skip_bad: bool = False


class ImportedAgents(View):
    """The staff numbers that were created or changed, and what was wrong with the rows that were left out."""

    saved: list[str]
    problems: list[ProblemView] = Field(default_factory=list)


class PresenceBody(Input):
    """What the agent asks for; during a call it is kept until the call is over, and ready takes it back."""

    presence: Literal[Presence.READY, Presence.PAUSED, Presence.SIGNED_OUT]
    reason: Text = ""


class CardView(View):
    """What the agent has in front of them; all null when there is no customer."""

    agent: AgentView
    attempt: AttemptView | None = None
    visit: VisitView | None = None
    customer: CustomerView | None = None
    earlier: list[AttemptView] = Field(default_factory=list)
    """Earlier attempts of this visit."""


async def list_agents(request: Request[NoParams, NoBody]) -> list[AgentView]:
    """Every agent that the caller may see, by staff number."""
    return [AgentView.model_validate(agent) for agent in request.rows.agents(request.state)]


async def save_agent(request: Request[NumberPath, AgentBody]) -> AgentView:
    """Create an agent, or change name, phone and team."""
    extension = request.services.dial_string(request.body.extension)
    number = request.params.number
    command = SaveAgent(
        by=request.by, number=number, name=request.body.name or number, extension=extension, team=request.body.team
    )
    return AgentView.model_validate(await request.ask(command))


async def import_agents(request: Request[AgentImport, Upload]) -> ImportedAgents:
    """Import a list of agents, CSV or XLSX. Agents that it does not name stay.

    One with bad rows is refused whole, unless `skip_bad` leaves them out.
    """
    if not request.body.data:
        raise BadInput("the body is empty; send the list as the body, or as the file of a form")
    p = request.params
    name = request.body.filename or p.filename or "agents"
    rows, problems = await request.context.reading(
        request.services.read_agents(request.body.data, name, p.sheet, skip_bad=p.skip_bad)
    )
    saves = tuple(
        SaveAgent(by=request.by, number=row.number, name=row.name, extension=row.extension, team=row.team)
        for row in rows
    )
    await request.ask(SaveAgents(by=request.by, agents=saves))
    left_out = [ProblemView.of_row(each, request.http) for each in problems]
    return ImportedAgents(saved=[row.number for row in rows], problems=left_out)


async def get_presence(request: Request[NumberPath, NoBody]) -> AgentView:
    """What an agent is doing."""
    return AgentView.model_validate(request.state.agent(request.params.number))


async def set_presence(request: Request[NumberPath, PresenceBody]) -> AgentView:
    """Ready, pause or sign-out."""
    command = SetPresence(
        by=request.by, agent=request.params.number, presence=request.body.presence, reason=request.body.reason
    )
    return AgentView.model_validate(await request.ask(command))


async def get_current(request: Request[NumberPath, NoBody]) -> CardView:
    """The customer in front of an agent: the one being called or talked to, in wrap-up the last one."""
    agent = request.state.agent(request.params.number)
    view = AgentView.model_validate(agent)
    attempt = request.state.attempts.get(agent.attempt or "")
    if attempt is None and agent.presence is Presence.WRAP_UP:
        query = CallQuery(agent=agent.number, day=request.day(), page=Page(limit=1))
        attempt = next((found.attempt for found in await request.services.calls.calls(query)), None)
    if attempt is None:
        return CardView(agent=view)
    detail = await request.services.calls.detail(attempt.visit)
    earlier = [each for each in detail.attempts if each.seq < attempt.seq]
    return CardView(agent=view, attempt=attempt, visit=detail.visit, customer=detail.customer, earlier=earlier)


_ONE = "/agents/{number}"
ROUTES = (
    route("GET", "/agents", list_agents, Scope.READ, EVERYBODY),
    route("PUT", _ONE, save_agent, Scope.OPERATE, LEADERS | ADMINISTRATOR, hires, fails=(409, 504)),
    route(
        "POST",
        "/agents/import",
        import_agents,
        Scope.OPERATE,
        LEADERS | ADMINISTRATOR,
        whole,
        turn="heavy",
        fails=(408, 409, 413, 504),
    ),
    route("GET", f"{_ONE}/presence", get_presence, Scope.READ, FLOOR, its_agent, fails=(404,)),
    route("PUT", f"{_ONE}/presence", set_presence, Scope.OPERATE, FLOOR, its_agent, fails=(404, 409, 504)),
    route("GET", f"{_ONE}/current", get_current, Scope.READ, FLOOR, its_agent, fails=(404,)),
)
