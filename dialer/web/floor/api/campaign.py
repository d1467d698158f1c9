"""The campaign as a whole: pause, resume, tell of a late start, look at the day."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.messages import AnnounceLateStart, PauseCampaign, ResumeCampaign, TakeOver
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.rules.streak import Kind
from dialer.campaign.rules.streak import Scope as Whose
from dialer.campaign.views.overview import AgentNow, CallNow, HeldNow, Overview, TrunkNow
from dialer.web.kit.access.roles import ADMINISTRATOR, LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import Input, NoBody, NoParams, Text


class PauseBody(Input):
    """Why."""

    reason: Text = ""


class LateStartBody(Input):
    """What the departments are told beside the fact."""

    text: Text = ""


class LiveCallView(view_of(CallNow), View):  # type: ignore[misc]  # made of a record
    """A call now."""

    state: AttemptState


class TrunkView(view_of(TrunkNow), View):  # type: ignore[misc]  # made of a record
    """A trunk now; ``until`` is the end of its pause."""

    state: str


class HeldView(view_of(HeldNow), View):  # type: ignore[misc]  # made of a record
    """Calls that are held since so many in a row were alike; one tries again at ``until``."""

    kind: Kind
    scope: Whose


class AlarmView(View):
    """An alarm that is open."""

    key: str
    text: str
    raised_at: datetime


class ProgressAgent(view_of(AgentNow), View):  # type: ignore[misc]  # made of a record
    """An agent at a glance; ``customer`` is who is being called or talked to."""

    presence: Presence


class ProgressView(view_of(Overview), View):  # type: ignore[misc]  # made of a record
    """The day now: counts by state, agents, calls, trunks, alarms."""

    visits: dict[str, int]
    """Visits by state."""
    results: dict[str, int]
    """Conversations by what the agents entered."""
    agents: list[ProgressAgent]
    calls: list[LiveCallView]
    trunks: list[TrunkView]
    held: list[HeldView]
    alarms: list[AlarmView]
    paused: str
    """"" or by whom, and why."""
    rehearsal: bool
    """The gap is shorter than the standard's five minutes."""
    by_hand: int
    """Visits that were done by hand."""
    finished: bool


async def pause_campaign(request: Request[NoParams, PauseBody]) -> None:
    """Place no new calls until resumed; calls that are up go on."""
    await request.ask(PauseCampaign(by=request.by, reason=request.body.reason))


async def resume_campaign(request: Request[NoParams, NoBody]) -> None:
    """Go on placing calls, those too that are held."""
    await request.ask(ResumeCampaign(by=request.by))


async def take_over(request: Request[NoParams, NoBody]) -> None:
    """Own the PBX, which another dialer with these records owns; that one only watches from then on."""
    await request.ask(TakeOver(by=request.by))


async def announce_late_start(request: Request[NoParams, LateStartBody]) -> None:
    """Tell the departments on today's list that calling starts late; once a day."""
    await request.ask(AnnounceLateStart(by=request.by, text=request.body.text))


async def get_progress(request: Request[NoParams, NoBody]) -> ProgressView:
    """The day at a glance."""
    day = request.context.overview()
    view = ProgressView.of(day, alarms=[AlarmView(key=key, text=text, raised_at=at) for key, text, at in day.alarms])
    if request.rows.everything:
        return view
    seen = {agent.number for agent in request.rows.agents(request.state)}
    return view.model_copy(
        update={
            "agents": [agent for agent in view.agents if agent.number in seen],
            "calls": [up for up in view.calls if up.agent in seen],
        }
    )


ROUTES = (
    route("POST", "/campaign/pause", pause_campaign, Scope.OPERATE, LEADERS, fails=(504,)),  # for whoever sees the need
    route("POST", "/campaign/resume", resume_campaign, Scope.OPERATE, LEADERS, fails=(504,)),
    route("POST", "/campaign/take-over", take_over, Scope.OPERATE, LEADERS | ADMINISTRATOR, whole, fails=(504,)),
    route("POST", "/campaign/late-start", announce_late_start, Scope.OPERATE, LEADERS, whole, fails=(409, 504)),
    route("GET", "/progress", get_progress, Scope.READ, LEADERS),
)
