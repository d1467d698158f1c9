"""What the PBX says of agents' phones: who cannot be called just now, and when it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dialer.campaign.changes import FollowPhones
from dialer.campaign.messages import PhoneTold
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.phone import devices_in
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State

ASK_AGAIN = timedelta(seconds=10)
"""How often the PBX is asked for the phone of an agent who waits for it, should its news have been lost."""


def follow_phones(state: State, agents: Iterable[Agent]) -> None:
    """Ask the PBXs that are linked for these agents' phones; until a phone is told of, nobody is called for it."""
    wanted: dict[str, dict[str, None]] = {}
    for agent in agents:
        if state.linked(agent.pbx):
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


def show(state: State, agent: Agent, now: datetime) -> None:
    """Let people see what keeps the agent from being called; a call of ours on the phone does not."""
    phone = state.phone_of(agent)
    if phone is None or phone is agent.phone or (phone.in_use and agent.attempt is not None):
        return
    told = not (phone.able and agent.phone.able)
    agent.phone = phone
    if told:
        state.out.agent(agent)
        state.out.note(now, "agent.phone", agent=agent.number, phone=phone, extension=agent.extension)


def after_call(state: State, agent: Agent, now: datetime) -> None:
    """The phone should be free in a moment; if it is not, it is in use for something else."""
    phone = state.phone_of(agent)
    if phone is not None and phone.in_use:
        state.timers.at(now + state.config.settle, Wake.PHONE, agent.number)


def mind_phone(state: State, number: str, now: datetime) -> None:
    """Look again at a phone, and ask again for that of an agent who waits for it."""
    agent = state.agents.get(number)
    if agent is None or agent.attempt is not None:
        return
    show(state, agent, now)
    if agent.presence is Presence.READY:
        phone = state.phone_of(agent)
        if phone is None or not phone.able:
            follow_phones(state, (agent,))
        state.wanting.add(number)
