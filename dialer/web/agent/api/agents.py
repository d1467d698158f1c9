"""Agents: who they are, what they are doing, and the customer in front of them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from dialer.campaign.agent import Presence
from dialer.campaign.messages import SaveAgent, SetPresence
from dialer.campaign.records import CallQuery, Page
from dialer.errors import BadInput
from dialer.web.kit.access.roles import ADMINISTRATOR, EVERYBODY, FLOOR, LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import hires, its_agent, whole
from dialer.web.kit.api.routes import Call, route
from dialer.web.kit.http.bodies import Upload
from dialer.web.kit.http.query import AgentNumber, Asked, NoBody, NoParams, Text
from dialer.web.kit.views import AgentView, AttemptView, CustomerView, View, VisitView

_AT_ONCE = 200  # commands in one go: well below what the engine lets wait

Name = Annotated[str, Field(max_length=64)]


class AgentPath(Asked):
    """One agent."""

    number: AgentNumber


class AgentBody(Asked):
    """An agent's name, phone and team."""

    name: Name = ""
    extension: Annotated[str, Field(min_length=1, max_length=128, examples=["8001", "PJSIP/8001"])]
    """The phone: a dial string, or a bare extension."""
    team: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class AgentImport(Asked):
    """The file's name, when the body does not say it."""

    filename: Annotated[str, Field(max_length=255)] = ""


class ImportedAgents(View):
    """The staff numbers that were created or changed."""

    saved: list[str]


class PresenceBody(Asked):
    """What the agent asks for; during a call it is kept until the call is over."""

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


async def list_agents(call: Call[NoParams, NoBody]) -> list[AgentView]:
    """Every agent that the caller may see, by staff number."""
    agents = sorted(call.state.agents.items())
    return [AgentView.model_validate(agent) for _, agent in agents if call.rows.team(agent)]


async def save_agent(call: Call[AgentPath, AgentBody]) -> AgentView:
    """Create an agent, or change name, phone and team."""
    extension = call.services.dial_string(call.body.extension)
    number = call.params.number
    command = SaveAgent(
        by=call.by, number=number, name=call.body.name or number, extension=extension, team=call.body.team
    )
    return AgentView.model_validate(await call.ask(command))


async def import_agents(call: Call[AgentImport, Upload]) -> ImportedAgents:
    """Import a list of agents, CSV or XLSX. One with bad rows is refused whole; agents that it does not name stay."""
    if not call.body.data:
        raise BadInput("the body is empty; send the list as the body, or as the file of a form")
    rows = await call.services.read_agents(call.body.data, call.body.filename or call.params.filename or "agents")
    commands = [
        SaveAgent(by=call.by, number=row.number, name=row.name, extension=row.extension, team=row.team) for row in rows
    ]
    for begin in range(0, len(commands), _AT_ONCE):
        await asyncio.gather(*(call.ask(command) for command in commands[begin : begin + _AT_ONCE]))
    return ImportedAgents(saved=[row.number for row in rows])


async def get_presence(call: Call[AgentPath, NoBody]) -> AgentView:
    """What an agent is doing."""
    return AgentView.model_validate(call.state.agent(call.params.number))


async def set_presence(call: Call[AgentPath, PresenceBody]) -> AgentView:
    """Ready, pause or sign-out."""
    command = SetPresence(by=call.by, agent=call.params.number, presence=call.body.presence, reason=call.body.reason)
    return AgentView.model_validate(await call.ask(command))


async def get_current(call: Call[AgentPath, NoBody]) -> CardView:
    """The customer in front of an agent: the one being called or talked to, in wrap-up the last one."""
    agent = call.state.agent(call.params.number)
    view = AgentView.model_validate(agent)
    attempt = call.state.attempts.get(agent.attempt or "")
    if attempt is None and agent.presence is Presence.WRAP_UP:
        query = CallQuery(agent=agent.number, day=call.day(), page=Page(limit=1))
        attempt = next((found.attempt for found in await call.services.calls.calls(query)), None)
    if attempt is None:
        return CardView(agent=view)
    shown = AttemptView.model_validate(attempt)
    story = await call.services.calls.story(attempt.visit)
    return CardView(
        agent=view,
        attempt=shown,
        visit=VisitView.model_validate(story.visit),
        customer=CustomerView.model_validate(story.customer),
        earlier=[AttemptView.model_validate(earlier) for earlier in story.attempts if earlier.seq < shown.seq],
    )


ROUTES = (
    route("GET", "/agents", list_agents, Scope.READ, EVERYBODY),
    route("PUT", "/agents/{number}", save_agent, Scope.OPERATE, LEADERS | ADMINISTRATOR, hires, fails=(504,)),
    route(
        "POST", "/agents/import", import_agents, Scope.OPERATE, LEADERS | ADMINISTRATOR, whole, fails=(408, 413, 504)
    ),
    route("GET", "/agents/{number}/presence", get_presence, Scope.READ, FLOOR, its_agent, fails=(404,)),
    route("PUT", "/agents/{number}/presence", set_presence, Scope.OPERATE, FLOOR, its_agent, fails=(404, 409, 504)),
    route("GET", "/agents/{number}/current", get_current, Scope.READ, FLOOR, its_agent, fails=(404,)),
)
