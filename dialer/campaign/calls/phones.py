"""What the PBX says of agents' phones: who cannot be called just now, and when it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dialer.campaign.calls.outcome import cancel_ringing
from dialer.campaign.changes import FollowPhones
from dialer.campaign.messages import PhoneTold
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.phone import PhoneState, devices_in
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State

ASK_AGAIN = timedelta(seconds=10)
"""How often the PBX is asked for the phone of an agent who waits for it, should its news have been lost."""


def follow_phones(state: State, agents: Iterable[Agent]) -> None:
    """Ask the PBXs that are linked for these agents' phones; until a phone is told of, nobody is called for it."""
    wanted: dict[str, dict[str, None]] = {}
    for agent in agents:
        if state.linked(agent.pbx) and state.phone_of(agent) is not PhoneState.NOT_ALLOWED:
            wanted.setdefault(agent.pbx, {}).update(dict.fromkeys(devices_in(agent.extension)))
    for pbx, devices in wanted.items():
        for device in devices:
            state.phones.setdefault((pbx, device), None)
        state.out.intents.append(FollowPhones(tuple(devices), pbx))


def forget_phones(state: State, pbx: str) -> None:
    """The link is gone: nobody knows any more what its phones do."""
    for key in [key for key in state.phones if key[0] == pbx]:
        del state.phones[key]
    state.wanting.update(agent.number for agent in state.agents.values() if agent.pbx == pbx)


def on_phone_told(state: State, message: PhoneTold, now: datetime) -> None:
    """A phone's state, told for the first time or changed."""
    if state.phones.get((message.pbx, message.device)) is message.state:
        return
    state.phones[message.pbx, message.device] = message.state
    for agent in state.agents_on(message.device, message.pbx):
        state.wanting.add(agent.number)
        show(state, agent, now)
        if _unable(state, agent) and agent.attempt is not None:
            state.timers.at(now + state.config.settle, Wake.PHONE, agent.number)


def _unable(state: State, agent: Agent) -> bool:
    """Whether the PBX says that the phone cannot take a call."""
    phone = state.phone_of(agent)
    return phone is not None and not phone.able


def show(state: State, agent: Agent, now: datetime) -> None:
    """Let people see what keeps the agent from being called; a call of ours on the phone does not."""
    phone, attempt = state.phone_of(agent), state.attempts.get(agent.attempt or "")
    if phone is None or phone is agent.phone or (phone.in_use and attempt is not None and attempt.evidence.answered):
        return
    told = not (phone.able and agent.phone.able)
    agent.phone = phone
    if told:
        state.out.agent(agent)
        state.out.note(now, "agent.phone", agent=agent.number, phone=phone, extension=agent.extension)


def mind_phone(state: State, number: str, now: datetime) -> None:
    """Look again at a phone, and ask again for that of an agent who waits for it.

    A customer who still rings for a phone that cannot take the call is not let answer into nothing. Whoever else has a
    phone that can calls them after the gap, if they are on the team's line.
    """
    agent = state.agents.get(number)
    if agent is None:
        return
    if agent.attempt is not None:
        if _unable(state, agent):
            cancel_ringing(state, agent, now, by="")
        return
    show(state, agent, now)
    if agent.presence is Presence.READY:
        if state.phone_of(agent) is None or _unable(state, agent):
            follow_phones(state, (agent,))
        state.wanting.add(number)
