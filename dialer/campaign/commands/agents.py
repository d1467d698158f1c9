"""What is asked for agents: their account with the dialer, and whether they take calls."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.calls.outcome import cancel
from dialer.campaign.messages import SaveAgent, SetPresence
from dialer.campaign.model.agent import Agent, AgentEvent, Presence
from dialer.campaign.state import State
from dialer.errors import BadInput

_IN_CALL = (Presence.RINGING, Presence.ON_CALL)
_ASKED = {
    Presence.READY: AgentEvent.READY,
    Presence.PAUSED: AgentEvent.PAUSE,
    Presence.SIGNED_OUT: AgentEvent.SIGN_OUT,
}


def save_agent(state: State, command: SaveAgent, now: datetime) -> Agent:
    """Create an agent, or change name, phone or team."""
    if not command.number or not command.extension:
        raise BadInput("an agent needs a staff number and an extension (the dial string of the phone)")
    agent = state.agents.get(command.number)
    if agent is None:
        agent = state.agents[command.number] = Agent(command.number, since=now)
    agent.name, agent.extension, agent.team = command.name, command.extension, command.team
    state.wanting.add(agent.number)
    state.out.agent(agent)
    state.out.note(now, "agent.saved", agent=agent.number, by=command.by, extension=agent.extension, team=agent.team)
    return agent


def set_presence(state: State, command: SetPresence, now: datetime) -> Agent:
    """Ready, pause or sign-out; during a call it is kept until the call is over."""
    agent = state.agent(command.agent)
    event = _ASKED.get(command.presence)
    if event is None:
        raise BadInput(f"an agent can ask for ready, paused or signed_out, not for {command.presence}")
    if agent.presence in _IN_CALL:
        agent.after_call, agent.after_reason = command.presence, command.reason
        _leave_ringing(state, agent, now)
    else:
        if event is AgentEvent.SIGN_OUT and agent.presence is Presence.SIGNED_OUT:
            return agent
        if event is AgentEvent.PAUSE and agent.presence is Presence.SIGNED_OUT:
            event = AgentEvent.SIGN_IN
        agent.move(event, now)
        agent.reason = command.reason if agent.presence is Presence.PAUSED else ""
        agent.wrap_until = agent.after_call = None
        if agent.presence is Presence.READY:
            state.wanting.add(agent.number)
        if agent.presence is not Presence.PAUSED:  # back at work, or gone home: nobody has to look any more
            state.clear_alarm(f"agent:{agent.number}", now)
    state.out.agent(agent)
    state.out.note(
        now, "agent.presence", agent=agent.number, by=command.by, asked=command.presence, reason=command.reason
    )
    return agent


def _leave_ringing(state: State, agent: Agent, now: datetime) -> None:
    """A customer whose phone still rings is not connected to an agent who goes: the call is cancelled, once.

    It does not count, and the customer keeps their turn. One who answers in that moment is called first.
    """
    attempt = state.attempts.get(agent.attempt or "")
    if agent.after_call is Presence.READY or attempt is None or attempt.evidence.answered or attempt.evidence.cancelled:
        return
    cancel(state, attempt, now, by=agent.number)
