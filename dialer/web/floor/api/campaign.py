"""The campaign as a whole: pause, resume, tell of a late start, look at the day."""

from __future__ import annotations

from dialer.campaign.messages import AnnounceLateStart, PauseCampaign, ResumeCampaign
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Call, route
from dialer.web.kit.http.query import Asked, NoBody, NoParams, Text
from dialer.web.kit.views import ProgressView


class PauseBody(Asked):
    """Why."""

    reason: Text = ""


class LateStartBody(Asked):
    """What the departments are told beside the fact."""

    text: Text = ""


async def pause_campaign(call: Call[NoParams, PauseBody]) -> None:
    """Place no new calls until resumed; calls that are up go on."""
    await call.ask(PauseCampaign(by=call.by, reason=call.body.reason))


async def resume_campaign(call: Call[NoParams, NoBody]) -> None:
    """Go on placing calls."""
    await call.ask(ResumeCampaign(by=call.by))


async def announce_late_start(call: Call[NoParams, LateStartBody]) -> None:
    """Tell the departments on today's list that calling starts late; once a day."""
    await call.ask(AnnounceLateStart(by=call.by, text=call.body.text))


async def get_progress(call: Call[NoParams, NoBody]) -> ProgressView:
    """The day at a glance."""
    view = ProgressView.model_validate(call.desk.glance())
    if call.rows.everything:
        return view
    seen = {agent.number for agent in call.state.agents.values() if call.rows.team(agent)}
    return view.model_copy(
        update={
            "agents": [agent for agent in view.agents if agent.number in seen],
            "calls": [up for up in view.calls if up.agent in seen],
        }
    )


ROUTES = (
    route("POST", "/campaign/pause", pause_campaign, Scope.OPERATE, LEADERS, fails=(504,)),  # for whoever sees the need
    route("POST", "/campaign/resume", resume_campaign, Scope.OPERATE, LEADERS, fails=(504,)),
    route("POST", "/campaign/late-start", announce_late_start, Scope.OPERATE, LEADERS, whole, fails=(409, 504)),
    route("GET", "/progress", get_progress, Scope.READ, LEADERS),
)
