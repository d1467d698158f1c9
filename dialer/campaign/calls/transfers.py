"""A conversation that the agent hands on from the phone: it goes on without them, and may come back.

Such a call stays the attempt that it is until the customer hangs up: its number is in use, its trunk occupied. The
agent's part is over, and with it the time that they talked.
"""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.calls.outcome import release_agent
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.agent import AgentEvent, Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.state import State

_FREE = (Presence.READY, Presence.WRAP_UP, Presence.PAUSED)


def follow(state: State, attempt: Attempt, event: CallEvent, now: datetime) -> None:
    """The agent's phone is out of a call that goes on, or is in it again."""
    at = min(now, max(event.at, attempt.connected_at or event.at))
    if event.progress is CallProgress.TRANSFERRED:
        _hand_on(state, attempt, event.text, at, now)
    elif event.progress is CallProgress.RETURNED:
        _take_back(state, attempt, now)


def _hand_on(state: State, attempt: Attempt, to: str, at: datetime, now: datetime) -> None:
    if attempt.transferred_at is not None and to in ("", attempt.transferred_to):
        return
    attempt.transferred_at, attempt.transferred_to = attempt.transferred_at or at, to
    state.out.note(now, "call.transferred", attempt=attempt, agent=attempt.agent, extension=to)
    release_agent(state, attempt, now)


def _take_back(state: State, attempt: Attempt, now: datetime) -> None:
    """The agent is on the call again, unless they have another one or have gone."""
    agent = state.agents.get(attempt.agent)
    if attempt.transferred_at is None or agent is None or agent.attempt or agent.presence not in _FREE:
        return
    attempt.transferred_at, attempt.transferred_to = None, ""
    if agent.presence is Presence.PAUSED:
        agent.after_call, agent.after_reason = Presence.PAUSED, agent.reason
    agent.move(AgentEvent.RETURN, now)
    agent.attempt, agent.reason, agent.wrap_until = attempt.id, "", None
    state.wanting.discard(agent.number)
    state.out.agent(agent)
    state.out.note(now, "call.returned", attempt=attempt, agent=agent.number)
